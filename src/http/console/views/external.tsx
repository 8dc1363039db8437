/** The list of contact persons (X2, X6): one is selected, the buttons beneath say what for, and the list box at the right says who is shown. */
import type { JSX } from '#jsx/jsx-runtime';
import type { Organisation } from '../../../accounts/organisations.ts';
import type { Contact, ContactPage } from '../contact.ts';
import { CHOICES, type Act, type Choice } from '../external.ts';
import { addressIn, CompanyTabs, crumbsTo } from './directory.tsx';
import { Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Nothing, Pager } from './parts.tsx';
import { renderScreen } from './shell.tsx';

export interface ExternalListProps {
  readonly page: ConsoleFrame;
  /** Undefined: of all companies. */
  readonly company: Organisation | undefined;
  /** Names by ids, where the list is of all of them. */
  readonly companies: ReadonlyMap<string, string>;
  readonly found: ContactPage;
  readonly search: string;
  readonly shown: Choice;
  readonly isFirst: boolean;
  /** A button was pressed and nobody was selected. */
  readonly isNobody: boolean;
  readonly selected: string | undefined;
}

export const externalPath = (page: ConsoleFrame, company: Organisation | undefined) => (company ? `${addressIn({ page, directory: 'companies' }, company)}/external` : `${page.base}/console/external-users`);

export function externalListScreen(props: ExternalListProps): string {
  const { page, company, found, search, shown, isFirst, isNobody } = props;
  const { translate } = page;
  const list = externalPath(page, company);
  const address = (cursor?: string) => `${list}?${new URLSearchParams({ show: shown, ...(search === '' ? {} : { search }), ...(cursor === undefined ? {} : { cursor }) }).toString()}`;
  const [first] = found.people;
  return renderScreen({
    page, title: company ? translate('console.external.of', { company: company.name }) : translate('console.menu.external'),
    crumbs: company ? crumbsTo({ page, directory: 'companies' }, company) : [],
    ...(company ? {} : { lead: translate('console.external.lead') }),
    errors: isNobody && first ? [{ field: `c-${first.id}`, text: translate('console.external.nobody') }] : [],
    actions: company && <a class="primary" href={`${list}/new`}>{translate('console.external.add')}</a>,
    children: (
      <>
        {company && <CompanyTabs page={page} company={company} tab="external" />}
        <form method="get" action={`${list}/pick`}>
          <div class="filter" role="search">
            <div class="field">
              <label for="search">{translate('console.external.search')}</label>
              <input type="search" id="search" name="search" value={search} autocomplete="off" data-search />
            </div>
            <button type="submit" formaction={list} formnovalidate>{translate('console.users.search.submit')}</button>
          </div>
          {found.people.length === 0 ? <Empty title={translate('console.users.empty')} /> : <People {...props} />}
          <div class="bulk ends">
            <div class="acts-in-line" role="group" aria-label={translate('console.groups.more')}>
              {act('edit', page.word('edit'))}
              {act('remove', translate('console.external.remove'))}
              {act('login', translate('console.external.removeLogin'))}
            </div>
            <div class="chooser">
              <Select name="show" label={translate('console.external.show')} value={shown} choices={CHOICES.map((value) => ({ value, text: translate(`console.external.show.${value}`) }))} />
              <button type="submit" formaction={list} formnovalidate>{translate('console.external.show.apply')}</button>
            </div>
          </div>
        </form>
        <Pager page={page} first={isFirst ? undefined : address()} next={found.cursor === undefined ? undefined : address(found.cursor)}>
          <span>{found.total === undefined ? translate('console.users.foundMore', { count: found.moreThan ?? 0 }) : translate('console.external.found', { count: found.total })}</span>
        </Pager>
      </>
    ),
  });
}

const act = (name: Act, text: string): JSX.Element => <button type="submit" name="act" value={name} class={name === 'edit' ? 'primary' : 'secondary'} data-act={name}>{text}</button>;

function People({ page, company, companies, found, selected }: ExternalListProps): JSX.Element {
  const { translate } = page;
  const companyOf = (person: Contact) => companies.get(person.company ?? '');
  return (
    <div class="table-room">
      <table>
        <thead>
          <tr>
            <th scope="col" class="tick"><span class="unseen">{translate('console.external.choose')}</span></th>
            <th scope="col">{translate('console.users.name')}</th>
            {!company && <th scope="col" class="wide-only">{translate('console.external.company')}</th>}
            <th scope="col" class="wide-only">{translate('console.external.userId')}</th>
            <th scope="col" class="wide-only">{translate('console.external.role')}</th>
            <th scope="col">{translate('console.users.status')}</th>
          </tr>
        </thead>
        <tbody>
          {found.people.map((person) => (
            <tr>
              <td class="tick">
                <label for={`c-${person.id}`}>
                  <input type="radio" id={`c-${person.id}`} name="person" value={person.id} checked={person.id === selected} required data-can={canOf(person).join(' ')} />
                  <span class="unseen">{translate('console.users.select', { name: person.name })}</span>
                </label>
              </td>
              <th scope="row"><label for={`c-${person.id}`}><bdi>{person.name}</bdi></label><span class="beneath"><bdi>{person.address}</bdi></span>{!company && <span class="beneath narrow-only"><bdi>{companyOf(person)}</bdi></span>}</th>
              {!company && <td class="wide-only">{companyOf(person) === undefined ? <Nothing page={page} /> : <a href={`${page.base}/console/companies/${encodeURIComponent(person.company ?? '')}/external`}><bdi>{companyOf(person)}</bdi></a>}</td>}
              <td class="wide-only">{person.registered ? <bdi>{person.userId}</bdi> : <Nothing page={page} />}</td>
              <td class="wide-only">{person.role === undefined ? <Nothing page={page} /> : <bdi>{person.role}</bdi>}</td>
              <td><Login page={page} person={person} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What can be done with somebody: "enabled while registered", "enabled while login is active" (X4, X5). */
const canOf = ({ registered, loginEnabled }: Contact): readonly Act[] => ['edit', ...(registered ? ['remove' as const] : []), ...(loginEnabled ? ['login' as const] : [])];

export const Login = ({ page: { translate }, person: { registered, loginEnabled } }: { readonly page: ConsoleFrame; readonly person: Contact }): JSX.Element => (
  <span class={loginEnabled ? 'chip good' : 'chip'}>{translate(loginEnabled ? 'console.external.active' : registered ? 'console.external.inactive' : 'console.external.none')}</span>
);
