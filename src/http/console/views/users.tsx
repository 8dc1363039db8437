/** The list of users: tabs with their counts, a search with commas, roles in the column's head, statuses, and what can be done with several. */
import type { JSX } from '#jsx/jsx-runtime';
import type { Status } from '../../../accounts/facts.ts';
import { STATUSES } from '../../../accounts/facts.ts';
import { TABS, type Tab } from '../../../accounts/people-query.ts';
import type { PeoplePage, Person } from '../../../accounts/people.ts';
import { POPULATIONS, type Population } from '../../../store/audience.ts';
import type { PeopleCounts } from '../../../store/people-counts.ts';
import { Check, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Lock, Nothing, Pager, StatusChip } from './parts.tsx';
import { renderScreen } from './shell.tsx';

export interface UsersFilter {
  readonly tab: Tab;
  readonly population: Population | 'console';
  readonly search: string;
  readonly roles: readonly string[];
  readonly status: Status | undefined;
}

export interface UsersProps {
  readonly page: ConsoleFrame;
  readonly filter: UsersFilter;
  readonly found: PeoplePage;
  readonly around: PeopleCounts;
  readonly mostCounted: number;
  readonly isFirst: boolean;
  /** The visitor. */
  readonly person: string;
}

export const nameIn = ({ displayName, givenName, familyNamePrefix, familyName, userName }: Pick<Person, 'displayName' | 'givenName' | 'familyNamePrefix' | 'familyName' | 'userName'>): string => {
  const parts = [givenName, familyNamePrefix, familyName].filter((part) => part !== undefined && part !== '');
  return parts.length > 0 ? parts.join(' ') : (displayName ?? userName);
};

/** The list's address with another filter; a new filter begins at the first page. */
export function addressOf(base: string, path: string, { tab, population, search, roles, status }: UsersFilter, cursor?: string): string {
  const parameters = new URLSearchParams();
  if (tab !== 'billed') parameters.set('tab', tab);
  if (population !== 'employee') parameters.set('population', population);
  if (search !== '') parameters.set('search', search);
  for (const role of roles) parameters.append('role', role);
  if (status !== undefined) parameters.set('status', status);
  if (cursor !== undefined) parameters.set('cursor', cursor);
  const query = parameters.toString();
  return `${base}${path}${query === '' ? '' : `?${query}`}`;
}

const LIST = '/console/users';

export function usersScreen(props: UsersProps): string {
  const { page, filter, found, isFirst, around } = props;
  const { translate, base, word } = page;
  const isNew = isFirst && around.billed + around.unbilled === 0 && !isFiltered(filter);
  return renderScreen({
    page, title: translate('console.menu.users'), lead: translate('console.users.lead'),
    actions: (
      <>
        <a class="secondary" href={`${base}/console/imports/new`}>{translate('console.users.import')}</a>
        <a class="secondary" href={addressOf(base, '/console/users/export', filter)} download>{translate('console.users.export')}</a>
        <a class="primary" href={`${base}/console/users/new`}>{word('addUser')}</a>
      </>
    ),
    children: (
      <>
        {isNew && <Doors page={page} />}
        <Tabs {...props} />
        <Filter {...props} />
        <Statuses {...props} />
        {found.people.length === 0 ? <Nobody {...props} /> : <People {...props} />}
        <Pager page={page} first={isFirst ? undefined : addressOf(base, LIST, filter)} next={found.cursor === undefined ? undefined : addressOf(base, LIST, filter, found.cursor)}>
          <span>{countOf(page, found)}</span>
        </Pager>
      </>
    ),
  });
}

const isFiltered = ({ search, roles, status }: UsersFilter) => search !== '' || roles.length > 0 || status !== undefined;

const countOf = ({ translate }: ConsoleFrame, { total, moreThan }: PeoplePage) =>
  total === undefined ? translate('console.users.foundMore', { count: moreThan ?? 0 }) : translate('console.users.found', { count: total });

/** The first run: what there is to begin with. */
function Doors({ page: { translate, base, rights } }: { readonly page: ConsoleFrame }): JSX.Element {
  const door = (path: string, name: 'connect' | 'import' | 'add') => (
    <li><a href={base + path}><strong>{translate(`console.users.first.${name}`)}</strong>{translate(`console.users.first.${name}.text`)}</a></li>
  );
  return (
    <section aria-labelledby="first" class="panel">
      <h2 id="first">{translate('console.users.first')}</h2>
      <p>{translate('console.users.first.text')}</p>
      <ul class="doors">
        {rights.has('clients.manage') && door('/console/connections/new', 'connect')}
        {door('/console/imports/new', 'import')}
        {door('/console/users/new', 'add')}
      </ul>
    </section>
  );
}

function Tabs({ page, filter, around }: UsersProps): JSX.Element {
  const { translate, base, number } = page;
  const tab = (name: Tab) => (
    <li>
      <a href={addressOf(base, LIST, { ...filter, tab: name, status: undefined })} aria-current={filter.tab === name ? 'page' : undefined}>
        {translate(`console.users.tab.${name}`)}
        {filter.population !== 'console' && <span class="count">{number(around[name])}</span>}
      </a>
    </li>
  );
  return <nav aria-label={translate('console.menu.users')}><ul class="tabs">{TABS.map(tab)}</ul></nav>;
}

function Filter({ page, filter, around, found }: UsersProps): JSX.Element {
  const { translate, base } = page;
  const known = [...new Set([...filter.roles, ...around.roles, ...found.people.flatMap(({ roles }) => roles)])];
  const populations = POPULATIONS.map((value) => ({ value, text: translate(`console.population.${value}`) }));
  return (
    <form method="get" action={base + LIST} class="filter" role="search">
      {filter.tab !== 'billed' && <input type="hidden" name="tab" value={filter.tab} />}
      {filter.status !== undefined && <input type="hidden" name="status" value={filter.status} />}
      <div class="field" data-search-room>
        <label for="search">{translate('console.users.search')}</label>
        <input type="search" id="search" name="search" value={filter.search} autocomplete="off" aria-describedby="search-hint" data-search />
        <p class="hint" id="search-hint">{translate('console.users.search.hint')}</p>
      </div>
      <div class="narrow"><Select name="population" label={translate('console.users.population')} value={filter.population} choices={populations} /></div>
      <dialog id="roles" popover="auto" class="drop dialog" aria-labelledby="roles-title">
        <h2 id="roles-title">{translate('console.users.roles')}</h2>
        {known.length === 0 ? <p>{translate('console.users.roles.none')}</p> : <p>{translate('console.users.roles.text')}</p>}
        {known.map((role) => <Check name="role" value={role} label={<bdi>{role}</bdi>} checked={filter.roles.includes(role)} />)}
        <div class="buttons">
          <button type="submit" class="primary">{translate('console.users.roles.apply')}</button>
          <button type="button" popovertarget="roles" popovertargetaction="hide">{translate('console.cancel')}</button>
        </div>
      </dialog>
      <button type="submit">{translate('console.users.search.submit')}</button>
      <button type="button" class="narrow-only" popovertarget="roles" aria-haspopup="dialog">{translate('console.users.roles')}</button>
      {isFiltered(filter) && <a class="secondary" href={addressOf(base, LIST, { ...filter, search: '', roles: [], status: undefined })}>{translate('console.users.search.clear')}</a>}
    </form>
  );
}

/** The statuses to choose from, each with its count: of whoever is not billed there is but one. */
export const countedIn = ({ tab, population }: UsersFilter): readonly Status[] => (tab === 'unbilled' || population === 'console' ? [] : STATUSES.filter((status) => status !== 'deactivated'));

/** Those that the tab has; more than a thousand are "more than 1,000". */
function Statuses({ page, filter, around, mostCounted }: UsersProps): JSX.Element | null {
  const { translate, base, number } = page;
  const statuses = countedIn(filter);
  if (statuses.length === 0) return null;
  const chip = (status: Status | undefined, text: string, count: number | undefined) => (
    <li>
      <a href={addressOf(base, LIST, { ...filter, status })} aria-current={filter.status === status ? 'true' : undefined}>
        {text}{count !== undefined && <span class="count">{count > mostCounted ? translate('console.users.many', { count: mostCounted }) : number(count)}</span>}
      </a>
    </li>
  );
  return (
    <ul class="chips" aria-label={translate('console.users.status')}>
      {chip(undefined, translate('console.users.status.all'), undefined)}
      {statuses.map((status) => chip(status, translate(`console.status.${status}`), around.byStatus.get(status)))}
    </ul>
  );
}

const Nobody = ({ page: { translate } }: UsersProps): JSX.Element => <Empty title={translate('console.users.empty')}><p>{translate('console.users.empty.text')}</p></Empty>;

function People({ page, filter, found }: UsersProps): JSX.Element {
  const { translate, base } = page;
  const isRoled = filter.roles.length > 0;
  return (
    <form method="post" action={`${base}/console/users/many`}>
      <input type="hidden" name="csrf" value={page.csrf} />
      <input type="hidden" name="from" value={addressOf('', LIST, filter)} />
      <div class="table-room">
        <table>
          <thead>
            <tr>
              <th scope="col" class="tick"><span hidden><label for="all"><input type="checkbox" id="all" data-all="person" /><span class="unseen">{translate('console.users.selectAll')}</span></label></span></th>
              <th scope="col">{translate('console.users.name')}</th>
              <th scope="col" class="wide-only"><button type="button" class="opens" popovertarget="roles" aria-haspopup="dialog">{translate('console.users.roles')}{isRoled && <span class="count">{page.number(filter.roles.length)}</span>}</button></th>
              <th scope="col">{translate('console.users.status')}</th>
              <th scope="col" class="wide-only">{translate('console.users.leaveDate')}</th>
            </tr>
          </thead>
          <tbody>{found.people.map((person) => <Row page={page} person={person} />)}</tbody>
        </table>
      </div>
      <Many page={page} />
    </form>
  );
}

function Row({ page, person }: { readonly page: ConsoleFrame; readonly person: Person }): JSX.Element {
  const { translate, base, day } = page;
  const { id, address, roles, status, leaveDate } = person;
  const name = nameIn(person);
  return (
    <tr>
      <td class="tick">
        <label for={`p-${id}`}><input type="checkbox" id={`p-${id}`} name="person" value={id} /><span class="unseen">{translate('console.users.select', { name })}</span></label>
      </td>
      <th scope="row">
        <a class="main-link" href={`${base}/console/users/${encodeURIComponent(id)}`}><bdi>{name}</bdi></a>
        {status === 'locked' && <Lock page={page} />}
        <span class="beneath"><bdi>{address ?? person.userName}</bdi></span>
      </th>
      <td class="wide-only">{roles.length === 0 ? <Nothing page={page} /> : <bdi>{roles.join(', ')}</bdi>}</td>
      <td><StatusChip page={page} status={status} /></td>
      <td class="wide-only when">{leaveDate === undefined ? <Nothing page={page} /> : <time datetime={leaveDate}>{day(leaveDate)}</time>}</td>
    </tr>
  );
}

export const MANY = ['again', 'unlock', 'deactivate', 'leaveDate', 'group', 'export'] as const;
export type Many = (typeof MANY)[number];

function Many({ page }: { readonly page: ConsoleFrame }): JSX.Element {
  const { translate } = page;
  return (
    <div class="bulk" role="group" aria-label={translate('console.many')}>
      <Select name="act" label={translate('console.many')} none={translate('console.many.choose')} choices={MANY.map((value) => ({ value, text: translate(`console.many.${value}`) }))} />
      <button type="submit">{translate('console.many.go')}</button>
    </div>
  );
}
