/** The list of connections, and what is asked before another one is made. */
import type { JSX } from '#jsx/jsx-runtime';
import { CLIENT_KINDS, CLIENT_SETTINGS } from '../../../tenancy/client-settings.ts';
import type { Connection, ConnectionState } from '../../../tenancy/connections.ts';
import { isRight, type Right } from '../../../rights.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { Buttons, Check, Input, Select, type Choice } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Nothing } from './parts.tsx';
import { wordOf } from './setting-fields.tsx';
import { renderScreen } from './shell.tsx';

const LIST = '/console/connections';
export const connectionAddress = ({ base }: ConsoleFrame, id: string): string => `${base}${LIST}/${encodeURIComponent(id)}`;
export const listCrumb = ({ base, translate }: ConsoleFrame) => ({ address: `${base}${LIST}`, text: translate('console.menu.connections') });

const CHIPS: Readonly<Record<ConnectionState, string>> = { active: 'good', waiting: 'invited', held: 'bad', off: '', noToken: 'careful' };
export const ConnectionChip = ({ page, state }: { readonly page: ConsoleFrame; readonly state: ConnectionState }): JSX.Element => (
  <span class={`chip ${CHIPS[state]}`}>{page.translate(`console.connections.state.${state}`)}</span>
);

export function connectionsScreen({ page, connections }: { readonly page: ConsoleFrame; readonly connections: readonly Connection[] }): string {
  const { translate, base } = page;
  const add = <a class="primary" href={`${base}${LIST}/new`}>{translate('console.connections.new')}</a>;
  return renderScreen({
    page, title: translate('console.menu.connections'), lead: translate('console.connections.lead'), actions: connections.length === 0 ? undefined : add,
    children: connections.length === 0
      ? <Empty title={translate('console.connections.empty')}><p>{translate('console.connections.empty.text')}</p><p>{add}</p></Empty>
      : (
        <div class="table-room">
          <table>
            <thead>
              <tr>
                <th scope="col">{translate('console.connections.name')}</th>
                <th scope="col" class="wide-only">{translate('console.connections.kind')}</th>
                <th scope="col">{translate('console.connections.state')}</th>
                <th scope="col" class="wide-only">{translate('console.connections.lastSeen')}</th>
                <th scope="col">{translate('console.connections.tokens')}</th>
              </tr>
            </thead>
            <tbody>{connections.map((connection) => <Row page={page} connection={connection} />)}</tbody>
          </table>
        </div>
      ),
  });
}

function Row({ page, connection }: { readonly page: ConsoleFrame; readonly connection: Connection }): JSX.Element {
  const { translate, moment } = page;
  const { client, state, lastUsed, tokens, endingSoon } = connection;
  return (
    <tr>
      <th scope="row"><a class="main-link" href={connectionAddress(page, client.id)}><bdi>{client.name}</bdi></a></th>
      <td class="wide-only">{wordOf(page, client.settings.kind)}</td>
      <td><ConnectionChip page={page} state={state} /></td>
      <td class="wide-only when">{lastUsed ? <time datetime={lastUsed.toISOString()}>{moment(lastUsed)}</time> : <Nothing page={page} />}</td>
      <td>
        {translate('console.connections.tokens.count', { count: tokens.length })}
        {endingSoon.length > 0 && <span class="beneath"><span class="chip careful">{translate('console.connections.tokens.soon', { count: endingSoon.length })}</span></span>}
      </td>
    </tr>
  );
}

export interface NewConnectionProps {
  readonly page: ConsoleFrame;
  readonly given: Given;
  readonly scopes: readonly Choice[];
}

/** What nearly every product needs. */
const USUAL_SCOPES: readonly string[] = ['users:read', 'users:write', 'groups:read', 'groups:write'];

export function newConnectionScreen({ page, given, scopes }: NewConnectionProps): string {
  const { translate, base } = page;
  const choices = (values: readonly string[]) => values.map((value) => ({ value, text: wordOf(page, value) }));
  const chosen = given.isSent ? given.all('scope') : USUAL_SCOPES;
  return renderScreen({
    page, title: translate('console.connections.new'), crumbs: [listCrumb(page)], errors: given.problems, fault: given.fault,
    children: (
      <Form page={page} action={`${base}${LIST}/new`} class="narrow">
        <Select name="kind" label={translate('console.connect.product')} value={given.value('kind', 'entra')} choices={choices([...CLIENT_KINDS.slice(1), 'generic'])} error={given.problem('kind')} required />
        <Input name="name" label={translate('console.connections.name')} hint={translate('console.connect.name.hint')} value={given.value('name')} error={given.problem('name')} required />
        <ScopeChecks page={page} scopes={scopes} chosen={chosen} error={given.problem('scope')} />
        <Select name="signInMethod" label={translate('console.connect.signIn')} value={given.value('signInMethod', CLIENT_SETTINGS.signInMethod.default)} choices={choices(['sso', 'invite', 'none'])} />
        <Select name="onDelete" label={translate('console.connect.onDelete')} value={given.value('onDelete', CLIENT_SETTINGS.onDelete.default)} choices={choices(['permanent', 'hide'])} />
        <Buttons page={page} save={translate('console.connect.submit')} cancel={`${base}${LIST}`} />
      </Form>
    ),
  });
}

export function ScopeChecks({ page: { translate }, scopes, chosen, error }: { readonly page: ConsoleFrame; readonly scopes: readonly Choice[]; readonly chosen: readonly string[]; readonly error: string | undefined }): JSX.Element {
  return (
    <fieldset class="checks" id="scope" tabindex={-1}>
      <legend>{translate('console.connect.scopes')}</legend>
      <p class="hint">{translate(scopes.length === 0 ? 'console.connect.scopes.none' : 'console.connect.scopes.hint')}</p>
      {error !== undefined && <p class="error">{error}</p>}
      {scopes.map(({ value, text }) => <Check name="scope" value={value} label={text} checked={chosen.includes(value)} />)}
    </fieldset>
  );
}

const TYPES = ['users', 'groups', 'roles', 'companies', 'portals'] as const;

/** `users:read` in words; a resource type of the tenant's own is called as in its address. */
export function scopeText({ translate }: ConsoleFrame, scope: string): string {
  if (scope === '*') return translate('console.scope.all');
  if (scope === 'users:password') return translate('console.scope.password');
  if (isRight(scope)) return translate(`console.scope.right.${RIGHT_KEYS[scope]}`);
  const [name = scope, access] = scope.split(':');
  const known = TYPES.find((type) => type === name);
  const type = known ? translate(`console.scope.type.${known}`) : name;
  return access === 'read' || access === 'write' ? translate(`console.scope.${access}`, { type }) : scope;
}

const RIGHT_KEYS = {
  'users.manage': 'users_manage', 'externalUsers.manage': 'externalUsers_manage', 'portalUsers.manage': 'portalUsers_manage',
  'admin.grant': 'admin_grant', 'audit.read': 'audit_read', 'clients.manage': 'clients_manage',
} as const satisfies Readonly<Record<Right, string>>;
