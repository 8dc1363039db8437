/** One connection: what to enter where, what has arrived, its tokens, what it is held back from; and its token, once. */
import type { JSX } from '#jsx/jsx-runtime';
import { CLIENT_SETTINGS } from '../../../tenancy/client-settings.ts';
import type { Client } from '../../../tenancy/clients.ts';
import type { Connection, FirstCalls } from '../../../tenancy/connections.ts';
import type { GuardView } from '../../../tenancy/guard.ts';
import type { Token } from '../../../tenancy/tokens.ts';
import type { ShownToken } from '../shown-token.ts';
import { ConnectionChip, connectionAddress, listCrumb, scopeText } from './connections.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Fact, Facts, Panel, Warning } from './parts.tsx';
import { kindsOf, SettingFact, wordOf } from './setting-fields.tsx';
import { renderScreen } from './shell.tsx';

export interface ConnectionProps {
  readonly page: ConsoleFrame;
  readonly connection: Connection;
  /** Also those that have ended. */
  readonly all: readonly Token[];
  readonly calls: FirstCalls;
  readonly guard: GuardView;
  readonly address: string;
  readonly now: Date;
}

export function connectionScreen(props: ConnectionProps): string {
  const { page, connection: { client, state } } = props;
  const { translate, base } = page;
  const own = connectionAddress(page, client.id);
  return renderScreen({
    page, title: client.name, crumbs: [listCrumb(page)], lead: <><ConnectionChip page={page} state={state} /> {wordOf(page, client.settings.kind)}</>,
    actions: (
      <>
        <a class="secondary" href={`${base}/console/log?${new URLSearchParams({ client: client.id }).toString()}`}>{translate('console.connection.log')}</a>
        <a class="secondary" href={`${own}/settings`}>{translate('console.connection.settings')}</a>
      </>
    ),
    children: (
      <div class="sides">
        <div>
          {props.guard.hold && <Held {...props} />}
          <Overview {...props} />
          <Tokens {...props} />
        </div>
        <div>
          <Checklist {...props} />
          <Panel id="steps" title={translate('console.connection.steps', { product: wordOf(page, client.settings.kind) })}><Steps page={page} client={client} /></Panel>
          <Guard {...props} />
          <ul class="acts"><li><a class="secondary danger" href={`${own}/delete`}>{translate('console.connection.delete')}</a></li></ul>
        </div>
      </div>
    ),
  });
}

const SHOWN = ['signInMethod', 'onDelete', 'networks', 'requestsPerSecond'] as const;

function Overview({ page, connection: { client, lastUsed }, address }: ConnectionProps): JSX.Element {
  const { translate, instant } = page;
  return (
    <Panel id="overview" title={translate('console.connection.overview')}>
      <Facts>
        <Fact page={page} term={translate('console.connection.address')}><code class="long">{address}</code></Fact>
        <Fact page={page} term={translate('console.connection.scopes')}>{client.scopes.map((scope) => scopeText(page, scope)).join('; ')}</Fact>
        {kindsOf(CLIENT_SETTINGS, SHOWN).map(({ name, kind }) => {
          const known = SHOWN.find((one) => one === name);
          return known ? <SettingFact page={page} kind={kind} label={translate(`console.client.${known}`)} value={client.settings[known]} /> : null;
        })}
        <Fact page={page} term={translate('console.connection.created')}>{instant(client.created)}</Fact>
        <Fact page={page} term={translate('console.connections.lastSeen')}>{lastUsed && instant(lastUsed)}</Fact>
      </Facts>
    </Panel>
  );
}

function Checklist({ page, connection: { client }, calls }: ConnectionProps): JSX.Element {
  const { translate, moment } = page;
  return (
    <Panel id="checklist" title={translate('console.connection.checklist')}>
      <p>{translate('console.connection.checklist.text')}</p>
      <ul class="plain">
        {(['call', 'person', 'group', 'deactivation'] as const).map((name) => {
          const at = calls[name];
          return (
            <li>
              <span class={at ? 'chip good' : 'chip'}>{translate(`console.connection.checklist.${name}`)}</span>{' '}
              <span class="quiet">{at ? <time datetime={at.toISOString()}>{moment(at)}</time> : translate('console.connection.checklist.waiting')}</span>
            </li>
          );
        })}
      </ul>
      <p><a class="secondary" href={`${connectionAddress(page, client.id)}#checklist`}>{translate('console.connection.checklist.again')}</a></p>
    </Panel>
  );
}

const Steps = ({ page: { translate }, client }: { readonly page: ConsoleFrame; readonly client: Client }): JSX.Element => (
  <ol>{translate(`console.connect.steps.${client.settings.kind}`).split('\n').map((step) => <li>{step}</li>)}</ol>
);

function Tokens({ page, connection: { client }, all, now }: ConnectionProps): JSX.Element {
  const { translate, moment } = page;
  const own = connectionAddress(page, client.id);
  const at = (when: Date | undefined) => (when ? <time datetime={when.toISOString()}>{moment(when)}</time> : translate('console.connections.never'));
  return (
    <Panel id="tokens" title={translate('console.connections.tokens')} actions={<a class="secondary" href={`${own}/tokens/new`}>{translate('console.token.issue')}</a>}>
      {all.length === 0 ? <p>{translate('console.token.none')}</p> : (
        <div class="table-room">
          <table>
            <thead>
              <tr>
                <th scope="col">{translate('console.token.label')}</th>
                <th scope="col">{translate('console.token.expires')}</th>
                <th scope="col" class="wide-only">{translate('console.token.lastUsed')}</th>
                <th scope="col">{translate('console.token.act')}</th>
              </tr>
            </thead>
            <tbody>
              {all.map(({ id, label, expires, lastUsed }) => (
                <tr>
                  <th scope="row"><code>{label}</code></th>
                  <td>{at(expires)}{expires <= now && <span class="beneath">{translate('console.token.ended')}</span>}</td>
                  <td class="wide-only">{at(lastUsed)}</td>
                  <td>
                    <a href={`${own}/tokens/${id}/successor`} aria-label={translate('console.token.successor.of', { label })}>{translate('console.token.successor')}</a>
                    {' · '}
                    <a href={`${own}/tokens/${id}/revoke`} aria-label={translate('console.token.revoke.of', { label })}>{translate('console.token.revoke')}</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Guard({ page, connection: { client }, guard }: ConnectionProps): JSX.Element {
  const { translate, number, instant } = page;
  const own = connectionAddress(page, client.id);
  const room = ({ used, limit }: GuardView['changes']) =>
    (limit === null ? translate('console.guard.noLimit', { used: number(used) }) : translate('console.guard.room', { used: number(used), limit: number(limit) }));
  return (
    <Panel id="guard" title={translate('console.guard.title')}>
      <Facts>
        <Fact page={page} term={translate('console.guard.changes')}>{room(guard.changes)}</Fact>
        <Fact page={page} term={translate('console.guard.members')}>{room(guard.members)}</Fact>
      </Facts>
      {guard.released && <p class="advice">{translate('console.guard.released', { until: instant(guard.released.until) })}</p>}
      <ul class="acts">
        <li><a class="secondary" href={`${own}/release`}>{translate('console.guard.release')}</a></li>
        {guard.hold?.state !== 'refused' && <li><a class="secondary" href={`${own}/refuse`}>{translate('console.guard.refuse')}</a></li>}
      </ul>
    </Panel>
  );
}

function Held({ page, guard }: ConnectionProps): JSX.Element | null {
  const { translate, instant } = page;
  if (!guard.hold) return null;
  return <Warning><h2>{translate('console.guard.held', { since: instant(guard.hold.since) })}</h2><HoldText page={page} guard={guard} /></Warning>;
}

/** What is held, in a sentence. */
export function HoldText({ page: { translate, number }, guard: { hold } }: { readonly page: ConsoleFrame; readonly guard: GuardView }): JSX.Element | null {
  if (!hold) return null;
  const { state, about, refusals } = hold;
  return (
    <>
      {about && <p>{translate(`console.guard.held.${about.kind}`, { asked: number(about.asked), limit: number(about.limit), refusals: number(refusals) })}</p>}
      {state === 'refused' && <p>{translate('console.guard.refused')}</p>}
    </>
  );
}

export interface TokenProps {
  readonly page: ConsoleFrame;
  readonly client: Client;
  /** Undefined once it was shown. */
  readonly shown: ShownToken | undefined;
  readonly address: string;
}

export function tokenScreen({ page, client, shown, address }: TokenProps): string {
  const { translate } = page;
  const own = connectionAddress(page, client.id);
  return renderScreen({
    page, title: translate('console.token.shown', { name: client.name }), crumbs: [listCrumb(page), { address: own, text: client.name }],
    children: (
      <div class="panels narrow-form">
        {shown === undefined ? <p class="advice">{translate('console.token.gone')}</p> : (
          <>
            <Warning><p>{translate('console.token.shown.text')}</p></Warning>
            <div class="field"><label for="address">{translate('console.connection.address')}</label><input type="text" id="address" value={address} readonly /></div>
            {shown.use === 'secret' && <div class="field"><label for="client">{translate('console.token.shown.client')}</label><input type="text" id="client" value={client.id} readonly /></div>}
            <div class="field"><label for="token">{translate('console.token.shown.token')}</label><input type="text" id="token" value={shown.secret} autocomplete="off" readonly /></div>
          </>
        )}
        <Panel id="steps" title={translate('console.connection.steps', { product: wordOf(page, client.settings.kind) })}><Steps page={page} client={client} /></Panel>
        <p><a class="primary" href={own}>{translate(shown === undefined ? 'console.toList' : 'console.token.shown.next')}</a></p>
      </div>
    ),
  });
}
