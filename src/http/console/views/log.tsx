/** The provisioning log of one connection: each request with its outcome, why, and what to do. */
import type { JSX } from '#jsx/jsx-runtime';
import type { LoggedOperation } from '../../../store/documents.ts';
import type { Client } from '../../../tenancy/clients.ts';
import type { ProvisioningView } from '../../../tenancy/logs.ts';
import { actionText } from './action-words.tsx';
import { Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Pager } from './parts.tsx';
import { renderScreen } from './shell.tsx';
import { shortName } from './user.tsx';

export const OUTCOMES = ['read', 'changed', 'unchanged', 'mixed', 'refused', 'failed'] as const;
export const STATUSES = ['good', 'bad', 'failed'] as const;

export interface LogFilter {
  readonly client: string;
  readonly outcome: (typeof OUTCOMES)[number] | undefined;
  readonly status: (typeof STATUSES)[number] | undefined;
  /** Days. */
  readonly from: string;
  readonly to: string;
}

export interface LogProps {
  readonly page: ConsoleFrame;
  readonly clients: readonly Client[];
  readonly filter: LogFilter;
  readonly entries: readonly ProvisioningView[];
  /** By id. */
  readonly names: ReadonlyMap<string, string>;
  readonly next: string | undefined;
  readonly isFirst: boolean;
}

function addressOf({ page: { base }, filter }: LogProps, cursor?: string): string {
  const given = Object.entries({ ...filter, cursor }).flatMap(([name, value]): [string, string][] => (value === undefined || value === '' ? [] : [[name, value]]));
  return `${base}/console/log?${new URLSearchParams(given).toString()}`;
}

export function logScreen(props: LogProps): string {
  const { page, clients, entries, next, isFirst } = props;
  const { translate, base } = page;
  return renderScreen({
    page, title: translate('console.menu.log'), lead: translate('console.log.lead'),
    children: clients.length === 0
      ? <Empty title={translate('console.connections.empty')}><p><a class="primary" href={`${base}/console/connections/new`}>{translate('console.log.noClient')}</a></p></Empty>
      : (
        <>
          <Filter {...props} />
          {entries.length === 0 ? <Empty title={translate('console.log.empty')}><p>{translate('console.log.empty.text')}</p></Empty> : <Entries {...props} />}
          <Pager page={page} first={isFirst ? undefined : addressOf(props)} next={next === undefined ? undefined : addressOf(props, next)} />
        </>
      ),
  });
}

function Filter({ page: { translate, base }, clients, filter }: LogProps): JSX.Element {
  return (
    <form method="get" action={`${base}/console/log`} class="filter" role="search">
      <Select name="client" label={translate('console.log.client')} value={filter.client} choices={clients.map(({ id, name }) => ({ value: id, text: name }))} />
      <Select name="outcome" label={translate('console.log.outcome')} none={translate('console.log.outcome.all')} value={filter.outcome} choices={OUTCOMES.map((value) => ({ value, text: translate(`console.log.outcome.${value}`) }))} />
      <Select name="status" label={translate('console.log.status')} none={translate('console.log.status.all')} value={filter.status} choices={STATUSES.map((value) => ({ value, text: translate(`console.log.status.${value}`) }))} />
      <Input name="from" type="date" label={translate('console.log.from')} value={filter.from} />
      <Input name="to" type="date" label={translate('console.log.to')} value={filter.to} />
      <button type="submit">{translate('console.log.show')}</button>
    </form>
  );
}

function Entries({ page, entries, names }: LogProps): JSX.Element {
  const { translate } = page;
  return (
    <div class="table-room" tabindex={0} role="group" aria-label={translate('console.menu.log')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{translate('console.log.time')}</th>
            <th scope="col">{translate('console.log.request')}</th>
            <th scope="col">{translate('console.log.outcome')}</th>
            <th scope="col">{translate('console.log.what')}</th>
          </tr>
        </thead>
        <tbody>{entries.map((entry) => <Entry page={page} entry={entry} names={names} />)}</tbody>
      </table>
    </div>
  );
}

const CHIPS: Readonly<Record<ProvisioningView['outcome'], string>> = { read: '', changed: 'good', unchanged: '', mixed: 'careful', refused: 'bad', failed: 'bad' };

function Entry({ page, entry, names }: { readonly page: ConsoleFrame; readonly entry: ProvisioningView; readonly names: ReadonlyMap<string, string> }): JSX.Element {
  const { translate, moment, number } = page;
  const { at, method, endpoint, filter, status, outcome, operations, more = 0, erased = 0, tolerances, error, ms } = entry;
  return (
    <tr>
      <td><time datetime={at.toISOString()}>{moment(at)}</time><span class="beneath">{translate('console.log.ms', { ms: number(ms) })}</span></td>
      <th scope="row" class="long"><code>{method} {endpoint}</code>{filter !== undefined && <span class="beneath"><code>{filter}</code></span>}</th>
      <td><span class={`chip ${CHIPS[outcome]}`}>{translate(`console.log.outcome.${outcome}`)}</span><span class="beneath">{status}</span></td>
      <td class="long">
        <ul class="plain">{operations.map((operation) => <Operation page={page} operation={operation} names={names} />)}</ul>
        {more > 0 && <p>{translate('console.log.more', { count: more })}</p>}
        {erased > 0 && <p class="beneath">{translate('console.log.erased', { count: erased })}</p>}
        {error && <p lang="en">{error.detail}</p>}
        {error?.hint !== undefined && <p class="advice" lang="en">{error.hint}</p>}
        {tolerances.length > 0 && <span class="beneath">{translate('console.log.tolerances', { names: tolerances.join(', ') })}</span>}
      </td>
    </tr>
  );
}

function Operation({ page, operation, names }: { readonly page: ConsoleFrame; readonly operation: LoggedOperation; readonly names: ReadonlyMap<string, string> }): JSX.Element {
  const { translate, base, rights } = page;
  const { action, type, id, asked, changed, reason } = operation;
  const name = id === undefined ? undefined : (names.get(id) ?? (type === 'User' ? translate('console.log.person') : id));
  const path = type === 'User' ? 'users' : type === 'Group' ? 'groups' : undefined;
  return (
    <li>
      {actionText(page, action)}{': '}{id !== undefined && path !== undefined && rights.has('users.manage') ? <a href={`${base}/console/${path}/${encodeURIComponent(id)}`}><bdi>{name}</bdi></a> : <bdi>{name ?? type}</bdi>}
      {asked.length > 0 && <span class="beneath"><code>{asked.join('; ')}</code></span>}
      {changed.length > 0 && <span class="beneath">{translate('console.log.changed', { names: changed.map(shortName).join(', ') })}</span>}
      {reason !== undefined && <span class="beneath" lang="en">{reason}</span>}
    </li>
  );
}
