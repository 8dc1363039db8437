/** What is done with a connection, each on a page of its own; where it ends something, the way back has the focus. */
import type { Child } from '#jsx/jsx-runtime';
import { CLIENT_SETTINGS } from '../../../tenancy/client-settings.ts';
import type { Client } from '../../../tenancy/clients.ts';
import type { GuardView } from '../../../tenancy/guard.ts';
import { TOKEN_DAYS, type Token } from '../../../tenancy/tokens.ts';
import { TOLERANCES } from '../../../scim/tolerances.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { stampOf } from '../setting-fields.ts';
import { HoldText } from './connection.tsx';
import { connectionAddress, listCrumb, ScopeChecks } from './connections.tsx';
import { Buttons, Input, Select, type Choice } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Fact, Facts, Warning } from './parts.tsx';
import { SettingField, wordOf } from './setting-fields.tsx';
import { renderScreen } from './shell.tsx';

interface ActProps {
  readonly page: ConsoleFrame;
  readonly client: Client;
  readonly given: Given;
}

function render({ page, client, given }: ActProps, title: string, children: Child): string {
  return renderScreen({ page, title, crumbs: [listCrumb(page), { address: connectionAddress(page, client.id), text: client.name }], errors: given.problems, fault: given.fault, children });
}

type SettingName = keyof typeof CLIENT_SETTINGS;
const GROUPS = {
  usual: ['kind', 'enabled'],
  people: ['populations', 'companies', 'signInMethod', 'onDelete', 'onRehire', 'linksActive'],
  limits: ['networks', 'requestsPerSecond', 'guardChanges', 'guardShare', 'guardMembers'],
  scim: ['patchAnswer', 'shows', 'refusedTolerances'],
} as const satisfies Readonly<Record<string, readonly SettingName[]>>;
const GROUP_NAMES = ['usual', 'people', 'limits', 'scim'] as const;
/** All that the form has: every one of the table. */
export const CLIENT_NAMES: readonly SettingName[] = GROUP_NAMES.flatMap((group): readonly SettingName[] => GROUPS[group]);

export function clientSettingsScreen(props: ActProps & { readonly scopes: readonly Choice[] }): string {
  const { page, client, given, scopes } = props;
  const { translate } = page;
  const own = connectionAddress(page, client.id);
  const say = (value: string) => TOLERANCES.find(({ name }) => name === value)?.accepts ?? wordOf(page, value);
  return render(props, translate('console.client.title', { name: client.name }), (
    <Form page={page} action={`${own}/settings`} class="narrow panels" hidden={{ seen: stampOf(client) }}>
      {GROUP_NAMES.map((group) => (
        <section class="panel" aria-labelledby={`group-${group}`}>
          <h2 id={`group-${group}`}>{translate(`console.client.group.${group}`)}</h2>
          {group === 'usual' && <Input name="name" label={translate('console.connections.name')} value={given.value('name', client.name)} error={given.problem('name')} required />}
          {GROUPS[group].map((name) => <SettingField page={page} name={name} kind={CLIENT_SETTINGS[name]} label={translate(`console.client.${name}`)} value={client.settings[name]} given={given} say={say} />)}
          {group === 'usual' && <ScopeChecks page={page} scopes={scopes} chosen={given.isSent ? given.all('scope') : client.scopes} error={given.problem('scope')} />}
        </section>
      ))}
      <Buttons page={page} save={page.word('save')} cancel={own} />
    </Form>
  ));
}

export function issueScreen(props: ActProps & { readonly succeeds?: Token }): string {
  const { page, client, given, succeeds } = props;
  const { translate } = page;
  const own = connectionAddress(page, client.id);
  const uses = (['bearer', 'secret'] as const).map((value) => ({ value, text: translate(`console.token.use.${value}`) }));
  const title = succeeds ? translate('console.token.successor.title', { label: succeeds.label }) : translate('console.token.title', { name: client.name });
  return render(props, title, (
    <Form page={page} action={`${own}/tokens/${succeeds ? `${succeeds.id}/successor` : 'new'}`} class="narrow">
      {succeeds && <p class="advice">{translate('console.token.successor.text')}</p>}
      <Input name="days" type="number" label={translate('console.token.days')} value={given.value('days', String(TOKEN_DAYS))} min={1} max={365} error={given.problem('days')} required />
      {!succeeds && <Select name="use" label={translate('console.token.use')} value={given.value('use', 'bearer')} choices={uses} />}
      <Buttons page={page} save={translate('console.token.issue')} cancel={own} />
    </Form>
  ));
}

export function revokeScreen(props: ActProps & { readonly token: Token }): string {
  const { page, client, token: { id, label, expires, lastUsed } } = props;
  const { translate, instant } = page;
  const own = connectionAddress(page, client.id);
  return render(props, translate('console.token.revoke.title', { label }), (
    <Form page={page} action={`${own}/tokens/${id}/revoke`} class="narrow">
      <Facts>
        <Fact page={page} term={translate('console.token.expires')}>{instant(expires)}</Fact>
        <Fact page={page} term={translate('console.token.lastUsed')}>{lastUsed && instant(lastUsed)}</Fact>
      </Facts>
      <Warning><p>{translate('console.token.revoke.text')}</p></Warning>
      <Buttons page={page} save={translate('console.token.revoke')} cancel={own} danger />
    </Form>
  ));
}

export function releaseScreen(props: ActProps & { readonly guard: GuardView }): string {
  const { page, client, given, guard } = props;
  const { translate } = page;
  const own = connectionAddress(page, client.id);
  const { about } = guard.hold ?? {};
  const usual = (kind: 'changes' | 'members') => given.value(kind, about?.kind === kind ? String(about.asked) : '');
  return render(props, translate('console.guard.release.title', { name: client.name }), (
    <Form page={page} action={`${own}/release`} class="narrow">
      <Warning><HoldText page={page} guard={guard} /><p>{translate('console.guard.release.text')}</p></Warning>
      <p>{translate('console.guard.release.hint')}</p>
      <Input name="changes" type="number" label={translate('console.guard.release.changes')} value={usual('changes')} min={0} error={given.problem('changes')} />
      <Input name="members" type="number" label={translate('console.guard.release.members')} value={usual('members')} min={0} error={given.problem('members')} />
      <Input name="minutes" type="number" label={translate('console.guard.release.minutes')} value={given.value('minutes')} min={1} error={given.problem('minutes')} />
      <Buttons page={page} save={translate('console.guard.release')} cancel={own} />
    </Form>
  ));
}

export function refuseScreen(props: ActProps): string {
  const { page, client } = props;
  const { translate } = page;
  const own = connectionAddress(page, client.id);
  return render(props, translate('console.guard.refuse.title', { name: client.name }), (
    <Form page={page} action={`${own}/refuse`} class="narrow">
      <Warning><p>{translate('console.guard.refuse.text')}</p></Warning>
      <Buttons page={page} save={translate('console.guard.refuse')} cancel={own} danger />
    </Form>
  ));
}

export function deleteConnectionScreen(props: ActProps): string {
  const { page, client } = props;
  const { translate } = page;
  const own = connectionAddress(page, client.id);
  return render(props, translate('console.connection.delete.title', { name: client.name }), (
    <Form page={page} action={`${own}/delete`} class="narrow">
      <Warning><p>{translate('console.connection.delete.text')}</p></Warning>
      <Buttons page={page} save={translate('console.connection.delete')} cancel={own} danger />
    </Form>
  ));
}
