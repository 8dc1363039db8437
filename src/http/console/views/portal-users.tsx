/** Portal users of a company: who they are, which portals they have, and the switches (P1 to P4). */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { Organisation } from '../../../accounts/organisations.ts';
import type { Access } from '../../../accounts/portal-access.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Contact, ContactPage } from '../contact.ts';
import type { Given } from '../forms.ts';
import { keyOf } from '../portal-users.ts';
import { addressIn, CompanyTabs, crumbsTo } from './directory.tsx';
import { Buttons, Check, Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Pager } from './parts.tsx';
import { SearchBox } from './search-box.tsx';
import { renderScreen } from './shell.tsx';

export interface NamedAccess extends Access {
  readonly portalName: string;
  readonly customerName: string;
}

interface CompanyProps {
  readonly page: ConsoleFrame;
  readonly company: Organisation;
}
interface FormProps extends CompanyProps {
  readonly given: Given;
  /** Those that are open. */
  readonly portals: readonly Organisation[];
}

const listOf = ({ page, company }: CompanyProps) => `${addressIn({ page, directory: 'companies' }, company)}/portal`;

export function portalUsersScreen(props: CompanyProps & { readonly found: ContactPage; readonly search: string; readonly names: ReadonlyMap<string, string>; readonly isFirst: boolean }): string {
  const { page, company, found, search, names, isFirst } = props;
  const { translate } = page;
  const list = listOf(props);
  const query = (cursor?: string) => new URLSearchParams({ ...(search === '' ? {} : { search }), ...(cursor === undefined ? {} : { cursor }) }).toString();
  return renderScreen({
    page, title: translate('console.portalUsers.of', { company: company.name }), crumbs: crumbsTo({ page, directory: 'companies' }, company),
    actions: <a class="primary" href={`${list}/new`}>{translate('console.portalUsers.add')}</a>,
    children: (
      <>
        <CompanyTabs page={page} company={company} tab="portal" />
        <SearchBox page={page} action={list} label={translate('console.portalUsers.search')} value={search} />
        {found.people.length === 0 ? <Empty title={translate('console.users.empty')} /> : (
          <div class="table-room">
            <table>
              <thead><tr><th scope="col">{translate('console.portalUsers.address')}</th><th scope="col">{translate('console.portalUsers.access')}</th><th scope="col">{translate('console.users.status')}</th></tr></thead>
              <tbody>{found.people.map((person) => <Row page={page} company={company} person={person} names={names} />)}</tbody>
            </table>
          </div>
        )}
        <Pager page={page} first={isFirst ? undefined : `${list}?${query()}`} next={found.cursor === undefined ? undefined : `${list}?${query(found.cursor)}`}>
          <span>{found.total === undefined ? translate('console.users.foundMore', { count: found.moreThan ?? 0 }) : translate('console.portalUsers.found', { count: found.total })}</span>
        </Pager>
      </>
    ),
  });
}

function Row({ person, names, ...props }: CompanyProps & { readonly person: Contact; readonly names: ReadonlyMap<string, string> }): JSX.Element {
  const { page, company } = props;
  const own = person.access.filter(({ customer }) => customer === company.id);
  const address = person.address ?? person.userId ?? person.id;
  return (
    <tr>
      <th scope="row">
        <a class="main-link" href={`${listOf(props)}/${encodeURIComponent(person.id)}`}><bdi>{address}</bdi></a>
        {person.name !== address && <span class="beneath"><bdi>{person.name}</bdi></span>}
      </th>
      <td><ul class="plain">{own.map(({ portal, enabled }) => <li><bdi>{names.get(portal) ?? portal}</bdi> {!enabled && <Switch page={page} on={false} />}</li>)}</ul></td>
      <td><Switch page={page} on={person.portalsEnabled && own.some(({ enabled }) => enabled)} /></td>
    </tr>
  );
}

const Switch = ({ page: { translate }, on }: { readonly page: ConsoleFrame; readonly on: boolean }): JSX.Element => <span class={on ? 'chip good' : 'chip'}>{translate(on ? 'console.portalUsers.on' : 'console.portalUsers.off')}</span>;

function render(props: FormProps, title: string, children: Child): string {
  const { page, company, given } = props;
  const crumbs = [...crumbsTo({ page, directory: 'companies' }, company), { address: listOf(props), text: page.translate('console.companies.tab.portal') }];
  return renderScreen({ page, title, crumbs, errors: given.problems, fault: given.fault, children });
}

/** P2: saved without a password; ours: the invitation. */
export function newPortalUserScreen(props: FormProps): string {
  const { page, given, portals } = props;
  const { translate } = page;
  const name = (field: string, label: string) => <Input name={field} label={label} value={given.value(field)} />;
  return render(props, translate('console.portalUsers.add'), (
    <Form page={page} action={`${listOf(props)}/new`} class="narrow">
      <Input name="email" type="email" label={translate('console.portalUsers.address')} hint={translate('console.portalUsers.address.hint')} value={given.value('email')} error={given.problem('email')} required />
      <Select name="portal" label={translate('console.portalUsers.portal')} none={translate('console.portalUsers.portal.choose')} value={given.value('portal')} choices={choicesOf(portals)} error={given.problem('portal')} required />
      <Check name="enabled" label={translate('console.portalUsers.enabled')} checked={given.ticked('enabled', true)} />
      <details>
        <summary>{translate('console.portalUsers.name')}</summary>
        {name('givenName', translate('console.portalUsers.givenName'))}
        {name('infix', translate('console.user.infix'))}
        {name('familyName', translate('console.portalUsers.familyName'))}
      </details>
      <Check name="invite" label={translate('console.portalUsers.invite')} hint={translate('console.portalUsers.invite.hint')} checked={given.ticked('invite')} />
      <Buttons page={page} save={page.word('save')} cancel={listOf(props)} />
    </Form>
  ));
}

const choicesOf = (portals: readonly Organisation[]) => portals.map(({ id, name }) => ({ value: id, text: name }));

/** P3: "toegang per gebruiker", each with its switch, and the one over all. */
export function editPortalUserScreen(props: FormProps & { readonly person: Contact; readonly access: readonly NamedAccess[] }): string {
  const { page, given, portals, person, access, company } = props;
  const { translate } = page;
  const others = portals.filter(({ id }) => !access.some(({ portal, customer }) => portal === id && customer === company.id));
  return render(props, translate('console.portalUsers.edit', { name: person.name }), (
    <Form page={page} action={`${listOf(props)}/${encodeURIComponent(person.id)}`} class="narrow">
      <Input name="email" type="email" label={translate('console.portalUsers.address')} hint={translate('console.portalUsers.address.hint')} value={given.value('email', person.address)} error={given.problem('email')} required />
      <Check name="enabled" label={translate('console.portalUsers.enabled')} hint={translate('console.portalUsers.enabled.hint')} checked={given.ticked('enabled', person.portalsEnabled)} />
      {access.map((one) => <Switches page={page} given={given} access={one} />)}
      {others.length > 0 && <Select name="portal" label={translate('console.portalUsers.more')} hint={translate('console.portalUsers.more.hint', { company: company.name })} none={translate('console.portalUsers.more.none')} value={given.value('portal')} choices={choicesOf(others)} />}
      <Buttons page={page} save={page.word('save')} cancel={listOf(props)} />
    </Form>
  ));
}

function Switches({ page: { translate }, given, access }: { readonly page: ConsoleFrame; readonly given: Given; readonly access: NamedAccess }): JSX.Element {
  const key = keyOf(access);
  const names = { portal: access.portalName, customer: access.customerName };
  return (
    <fieldset>
      <legend>{translate('console.portalUsers.accessTo', names)}</legend>
      <Check name="on" value={key} label={translate('console.portalUsers.access.on')} checked={given.isSent ? given.all('on').includes(key) : access.enabled} />
      <Check name="drop" value={key} label={translate('console.portalUsers.access.drop')} checked={given.all('drop').includes(key)} />
    </fieldset>
  );
}
