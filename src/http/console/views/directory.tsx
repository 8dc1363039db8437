/** Companies and portals: the list, one of them, its form, and the questions before it is closed or deleted. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { UseKind } from '../../../accounts/closing.ts';
import type { Organisation, OrganisationPage } from '../../../accounts/organisations.ts';
import { LANGUAGES } from '../../../policy.ts';
import { Form } from '../../pages/views/form.tsx';
import { DIRECTORIES, type Directory } from '../directory.ts';
import type { Given } from '../forms.ts';
import { Buttons, Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Fact, Facts, Nothing, Pager, Panel, Warning } from './parts.tsx';
import { SearchBox } from './search-box.tsx';
import { renderScreen, type Crumb } from './shell.tsx';

interface DirectoryProps {
  readonly page: ConsoleFrame;
  readonly directory: Directory;
}
interface OneProps extends DirectoryProps {
  readonly organisation: Organisation;
  readonly uses: ReadonlyMap<UseKind, number>;
}
interface FormProps extends DirectoryProps {
  readonly given: Given;
}

const listOf = ({ page: { base }, directory }: DirectoryProps) => `${base}/console/${directory}`;
export const addressIn = (props: DirectoryProps, { id }: { readonly id: string }) => `${listOf(props)}/${encodeURIComponent(id)}`;
export const crumbsTo = (props: DirectoryProps, organisation?: Organisation): readonly Crumb[] =>
  [{ address: listOf(props), text: props.page.translate(`console.menu.${props.directory}`) }, ...(organisation ? [{ address: addressIn(props, organisation), text: organisation.name }] : [])];
const mayChange = ({ page: { rights } }: DirectoryProps) => rights.has('users.manage');

export const OpenChip = ({ page: { translate }, active }: { readonly page: ConsoleFrame; readonly active: boolean }): JSX.Element =>
  <span class={active ? 'chip good' : 'chip'}>{translate(active ? 'console.directory.active' : 'console.directory.closed')}</span>;

export function directoryScreen(props: DirectoryProps & { readonly search: string; readonly found: OrganisationPage; readonly recent: readonly Organisation[]; readonly isFirst: boolean }): string {
  const { page, directory, search, found, recent, isFirst } = props;
  const { translate } = page;
  const list = listOf(props);
  const query = (cursor?: string) => new URLSearchParams({ ...(search === '' ? {} : { search }), ...(cursor === undefined ? {} : { cursor }) }).toString();
  return renderScreen({
    page, title: translate(`console.menu.${directory}`), lead: translate(`console.${directory}.lead`),
    actions: mayChange(props) && <a class="primary" href={`${list}/new`}>{translate(`console.${directory}.add`)}</a>,
    children: (
      <>
        <SearchBox page={page} action={list} label={translate(`console.${directory}.search`)} value={search} />
        {recent.length > 0 && (
          <ul class="chips" aria-label={translate('console.companies.recent')}>
            <li class="quiet">{translate('console.companies.recent')}</li>
            {recent.map((company) => <li><a href={addressIn(props, company)}><bdi>{company.name}</bdi></a></li>)}
          </ul>
        )}
        {found.organisations.length === 0 ? <Empty title={translate(`console.${directory}.empty`)} /> : <Rows {...props} organisations={found.organisations} />}
        <Pager page={page} first={isFirst ? undefined : `${list}?${query()}`} next={found.cursor === undefined ? undefined : `${list}?${query(found.cursor)}`}>
          <span>{translate('console.directory.found', { count: found.total })}</span>
        </Pager>
      </>
    ),
  });
}

function Rows({ organisations, ...props }: DirectoryProps & { readonly organisations: readonly Organisation[] }): JSX.Element {
  const { page, directory } = props;
  const { translate } = page;
  const isCompanies = directory === 'companies';
  return (
    <div class="table-room">
      <table>
        <thead>
          <tr>
            <th scope="col">{translate('console.users.name')}</th>
            <th scope="col" class="wide-only">{translate(isCompanies ? 'console.directory.number' : 'console.directory.url')}</th>
            <th scope="col">{translate('console.users.status')}</th>
          </tr>
        </thead>
        <tbody>
          {organisations.map((organisation) => (
            <tr>
              <th scope="row"><a class="main-link" href={addressIn(props, organisation)}><bdi>{organisation.name}</bdi></a></th>
              <td class="wide-only long">{(isCompanies ? organisation.number : organisation.url) ?? <Nothing page={page} />}</td>
              <td><OpenChip page={page} active={organisation.active} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** X2, P2: the sections of a company's card that the visitor may open. */
export const COMPANY_TABS = ['card', 'external', 'portal'] as const;
export type CompanyTab = (typeof COMPANY_TABS)[number];

export function CompanyTabs({ page, company, tab }: { readonly page: ConsoleFrame; readonly company: Organisation; readonly tab: CompanyTab }): JSX.Element {
  const { translate, rights } = page;
  const own = addressIn({ page, directory: 'companies' }, company);
  const mayOpen = { card: true, external: rights.has('users.manage') || rights.has('externalUsers.manage'), portal: rights.has('users.manage') || rights.has('portalUsers.manage') };
  const link = (name: CompanyTab) => <li><a href={name === 'card' ? own : `${own}/${name}`} aria-current={name === tab ? 'page' : undefined}>{translate(`console.companies.tab.${name}`)}</a></li>;
  return <nav aria-label={company.name}><ul class="tabs">{COMPANY_TABS.filter((name) => mayOpen[name]).map(link)}</ul></nav>;
}

export function organisationScreen(props: OneProps): string {
  const { page, directory, organisation } = props;
  const { translate } = page;
  const own = addressIn(props, organisation);
  const isCompany = directory === 'companies';
  return renderScreen({
    page, title: organisation.name, crumbs: crumbsTo(props), lead: <OpenChip page={page} active={organisation.active} />,
    actions: mayChange(props) && <a class="secondary" href={`${own}/edit`}>{page.word('edit')}</a>,
    children: (
      <>
        {isCompany && <CompanyTabs page={page} company={organisation} tab="card" />}
        <div class="sides">
          <div>
            <Panel id="data" title={translate('console.user.data')}>
              <Facts>
                {isCompany && <Fact page={page} term={translate('console.directory.number')}>{organisation.number}</Fact>}
                <Fact page={page} term={translate('console.directory.url')}>{organisation.url}</Fact>
                {!isCompany && <Fact page={page} term={translate('console.directory.locale')}>{organisation.locale}</Fact>}
                <Fact page={page} term={translate('console.directory.uses')}><Uses {...props} /></Fact>
              </Facts>
            </Panel>
          </div>
          <div>{mayChange(props) && <Acts {...props} own={own} />}</div>
        </div>
      </>
    ),
  });
}

function Acts({ page, organisation, own }: OneProps & { readonly own: string }): JSX.Element {
  const { translate } = page;
  return (
    <Panel id="acts" title={translate('console.groups.more')}>
      {!organisation.active && <p class="advice">{translate('console.directory.closed.text')}</p>}
      <ul class="acts">
        {organisation.active
          ? <li><a class="secondary" href={`${own}/close`}>{translate('console.directory.close')}</a></li>
          : <li><Form page={page} action={`${own}/open`}><button type="submit">{translate('console.directory.open')}</button></Form></li>}
        <li><a class="secondary" href={`${own}/delete`}>{translate('console.directory.delete')}</a></li>
      </ul>
    </Panel>
  );
}

const Uses = ({ page, uses }: Pick<OneProps, 'page' | 'uses'>): JSX.Element => (
  uses.size === 0 ? <Nothing page={page} /> : <>{Array.from(uses, ([kind, count]) => page.translate(`console.uses.${kind}`, { count })).join(', ')}</>
);

const render = (props: FormProps, title: string, organisation: Organisation | undefined, children: Child) =>
  renderScreen({ page: props.page, title, crumbs: crumbsTo(props, organisation), errors: props.given.problems, fault: props.given.fault, children });

/** @param organisation undefined: a new one */
export function editScreen(props: FormProps & { readonly organisation: Organisation | undefined }): string {
  const { page, directory, given, organisation } = props;
  const { translate } = page;
  const own = organisation ? addressIn(props, organisation) : listOf(props);
  const fields: readonly string[] = DIRECTORIES[directory].fields;
  return render(props, organisation ? translate('console.directory.edit', { name: organisation.name }) : translate(`console.${directory}.add`), organisation, (
    <Form page={page} action={organisation ? `${own}/edit` : `${own}/new`} class="narrow">
      <Input name="displayName" label={translate('console.users.name')} value={given.value('displayName', organisation?.name)} error={given.problem('displayName')} required />
      {fields.includes('number') && <Input name="number" label={translate('console.directory.number')} hint={translate('console.directory.number.hint')} value={given.value('number', organisation?.number)} />}
      {fields.includes('url') && <Input name="url" type="url" label={translate('console.directory.url')} value={given.value('url', organisation?.url)} error={given.problem('url')} />}
      {fields.includes('locale') && <Locale page={page} given={given} locale={organisation?.locale} />}
      <Buttons page={page} save={page.word('save')} cancel={own} />
    </Form>
  ));
}

/** A tag that some client gave it stays on offer. */
function Locale({ page: { translate }, given, locale }: { readonly page: ConsoleFrame; readonly given: Given; readonly locale: string | undefined }): JSX.Element {
  const tags = [...new Set([...LANGUAGES, ...(locale === undefined ? [] : [locale])])];
  const names: Readonly<Record<string, string>> = { nl: 'Nederlands', nb: 'Norsk bokmål', en: 'English' };
  return <Select name="locale" label={translate('console.directory.locale')} hint={translate('console.directory.locale.hint')} none={translate('console.directory.locale.none')} value={given.value('locale', locale)} choices={tags.map((value) => ({ value, text: names[value] ?? value }))} />;
}

/** Combinations: "all its logins off in one step". */
export function closeScreen(props: FormProps & OneProps): string {
  const { page, organisation, uses } = props;
  const { translate } = page;
  const own = addressIn(props, organisation);
  return render(props, translate('console.directory.close.title', { name: organisation.name }), organisation, (
    <Form page={page} action={`${own}/close`} class="narrow">
      <Warning><p>{translate('console.directory.close.text')}</p></Warning>
      <Facts><Fact page={page} term={translate('console.directory.uses')}><Uses page={page} uses={uses} /></Fact></Facts>
      <Buttons page={page} save={translate('console.directory.close')} cancel={own} danger />
    </Form>
  ));
}

/** What is in use is not deleted: closing is what helps. */
export function removeScreen(props: FormProps & OneProps): string {
  const { page, organisation, uses } = props;
  const { translate } = page;
  const own = addressIn(props, organisation);
  const title = translate('console.directory.delete.title', { name: organisation.name });
  if (uses.size > 0) {
    return render(props, title, organisation, (
      <div class="narrow-form">
        <Warning><p>{translate('console.directory.delete.used')}</p><p><Uses page={page} uses={uses} /></p></Warning>
        <div class="buttons">
          {organisation.active && <a class="primary" href={`${own}/close`}>{translate('console.directory.close')}</a>}
          <a class="secondary" href={own}>{translate('console.cancel')}</a>
        </div>
      </div>
    ));
  }
  return render(props, title, organisation, (
    <Form page={page} action={`${own}/delete`} class="narrow">
      <Warning><p>{translate('console.directory.delete.text')}</p></Warning>
      <Buttons page={page} save={translate('console.directory.delete')} cancel={own} danger />
    </Form>
  ));
}
