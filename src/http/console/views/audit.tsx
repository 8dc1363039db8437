/** The audit log: actions in words, who and whom by name. */
import type { JSX } from '#jsx/jsx-runtime';
import type { AuditEntryView } from '../../../tenancy/logs.ts';
import { ACTIONS, actionText, type Action } from './action-words.tsx';
import { Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Pager } from './parts.tsx';
import { renderScreen } from './shell.tsx';
import { shortName } from './user.tsx';

export interface AuditFilter {
  readonly action: Action | undefined;
  /** As typed. */
  readonly person: string;
  readonly from: string;
  readonly to: string;
  /** As SCIM writes it. */
  readonly filter: string;
}

export interface AuditProps {
  readonly page: ConsoleFrame;
  readonly filter: AuditFilter;
  readonly entries: readonly AuditEntryView[];
  /** By id. */
  readonly names: ReadonlyMap<string, string>;
  readonly visitor: string;
  readonly next: string | undefined;
  readonly isFirst: boolean;
  readonly problem: { readonly field: string; readonly text: string; readonly detail: string } | undefined;
}

function addressOf({ page: { base }, filter }: AuditProps, path = '/console/audit', cursor?: string): string {
  const given = Object.entries({ ...filter, cursor }).flatMap(([name, value]): [string, string][] => (value === undefined || value === '' ? [] : [[name, value]]));
  const query = new URLSearchParams(given).toString();
  return `${base}${path}${query === '' ? '' : `?${query}`}`;
}

export function auditScreen(props: AuditProps): string {
  const { page, entries, next, isFirst, problem } = props;
  const { translate } = page;
  return renderScreen({
    page, title: translate('console.menu.audit'), lead: translate('console.audit.lead'),
    ...(problem ? { errors: [{ field: problem.field, text: `${problem.text} ${problem.detail}`.trim() }] } : {}),
    actions: <a class="secondary" href={addressOf(props, '/console/audit/export')} download>{translate('console.audit.export')}</a>,
    children: (
      <>
        <Filter {...props} />
        {entries.length === 0 ? <Empty title={translate('console.log.empty')} /> : <Entries {...props} />}
        <Pager page={page} first={isFirst ? undefined : addressOf(props)} next={next === undefined ? undefined : addressOf(props, '/console/audit', next)} />
      </>
    ),
  });
}

function Filter({ page, filter, problem }: AuditProps): JSX.Element {
  const { translate, base } = page;
  const errorOf = (field: string) => (problem?.field === field ? problem.text : undefined);
  const actions = ACTIONS.map((value) => ({ value, text: actionText(page, value) })).toSorted((a, b) => a.text.localeCompare(b.text, page.language));
  return (
    <form method="get" action={`${base}/console/audit`} class="filter" role="search">
      <Select name="action" label={translate('console.audit.action')} none={translate('console.audit.action.all')} value={filter.action} choices={actions} />
      <Input name="person" label={translate('console.audit.person')} hint={translate('console.audit.person.hint')} value={filter.person} error={errorOf('person')} />
      <Input name="from" type="date" label={translate('console.log.from')} value={filter.from} />
      <Input name="to" type="date" label={translate('console.log.to')} value={filter.to} />
      <Input name="filter" label={translate('console.audit.filter')} hint={translate('console.audit.filter.hint')} value={filter.filter} error={errorOf('filter')} />
      <button type="submit">{translate('console.log.show')}</button>
      {Object.values(filter).some((value) => value !== undefined && value !== '') && <a class="secondary" href={`${base}/console/audit`}>{translate('console.audit.clear')}</a>}
    </form>
  );
}

function Entries(props: AuditProps): JSX.Element {
  const { page: { translate }, entries } = props;
  return (
    <div class="table-room" tabindex={0} role="group" aria-label={translate('console.menu.audit')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{translate('console.log.time')}</th>
            <th scope="col">{translate('console.audit.action')}</th>
            <th scope="col">{translate('console.audit.on')}</th>
            <th scope="col" class="wide-only">{translate('console.audit.by')}</th>
          </tr>
        </thead>
        <tbody>{entries.map((entry) => <Row {...props} entry={entry} />)}</tbody>
      </table>
    </div>
  );
}

function Row({ page, entry, names, visitor }: AuditProps & { readonly entry: AuditEntryView }): JSX.Element {
  const { translate, moment } = page;
  const { at, action, changed, refused, times, from, by, on } = entry;
  return (
    <tr>
      <td><time datetime={at.toISOString()}>{moment(at)}</time></td>
      <th scope="row" class="long">
        {actionText(page, action)}
        {changed.length > 0 && <span class="beneath">{changed.map(shortName).join(', ')}</span>}
        {refused !== undefined && <span class="beneath"><span class="chip bad">{translate('console.audit.refused')}</span> <span lang="en">{refused}</span>{times !== undefined && ` (${translate('console.audit.times', { count: times })})`}</span>}
      </th>
      <td class="long"><Link page={page} type={on.type} id={on.id} name={names.get(on.id)} /></td>
      <td class="wide-only long">
        <bdi>{by.id === visitor ? translate('console.audit.you') : by.kind === 'system' ? translate('console.audit.system') : (names.get(by.id) ?? by.id)}</bdi>
        {from !== undefined && <span class="beneath">{translate('console.audit.from', { address: from })}</span>}
      </td>
    </tr>
  );
}

/** To the screen of whatever it is, for whoever may open that. */
function Link({ page: { base, rights }, type, id, name }: { readonly page: ConsoleFrame; readonly type: string; readonly id: string; readonly name: string | undefined }): JSX.Element {
  const path = type === 'User' && rights.has('users.manage') ? 'users' : type === 'Group' && rights.has('users.manage') ? 'groups' : type === 'Client' && rights.has('clients.manage') ? 'connections' : undefined;
  if (name === undefined) return <span class="quiet">{type} <code>{id}</code></span>;
  return path === undefined ? <bdi>{name}</bdi> : <a href={`${base}/console/${path}/${encodeURIComponent(id)}`}><bdi>{name}</bdi></a>;
}
