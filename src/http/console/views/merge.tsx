/** Merging two records of one person: choosing them, comparing them, and the question. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import { textAt, complexAt } from '../../../accounts/attributes.ts';
import type { Merged } from '../../../accounts/merge.ts';
import { rolesOf, type PeoplePage } from '../../../accounts/people.ts';
import type { PersonView } from '../../../accounts/person-view.ts';
import { SCHEMA } from '../../../scim/urns.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { Buttons } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Fact, Facts, Nothing, Panel, Warning } from './parts.tsx';
import { renderScreen, type Fault } from './shell.tsx';
import { nameIn } from './users.tsx';

export interface Pair {
  /** As they were chosen. */
  readonly one: string;
  readonly two: string;
  readonly kept: PersonView;
  /** The one that is erased. */
  readonly other: PersonView;
}

const PATH = '/console/merge';
const addressOf = ({ base }: ConsoleFrame, parameters: Readonly<Record<string, string>>, path = PATH) => `${base}${path}?${new URLSearchParams(parameters).toString()}`;
const addressOfPair = (page: ConsoleFrame, { one, two, kept }: Pair, path = PATH) => addressOf(page, { one, two, keep: kept.stored.id }, path);

export function chooseScreen({ page, first, search, found }: { readonly page: ConsoleFrame; readonly first: PersonView | undefined; readonly search: string; readonly found: PeoplePage | undefined }): string {
  const { translate, base } = page;
  const chosen = first?.stored.id;
  const address = (id: string) => addressOf(page, chosen === undefined ? { one: id } : { one: chosen, two: id });
  return renderScreen({
    page, title: translate('console.menu.merge'), lead: translate('console.merge.lead'),
    children: (
      <>
        <h2>{first ? translate('console.merge.second', { name: `${first.name} (${first.userName})` }) : translate('console.merge.first')}</h2>
        <form method="get" action={base + PATH} class="filter" role="search">
          {chosen !== undefined && <input type="hidden" name="one" value={chosen} />}
          <div class="field">
            <label for="search">{translate('console.users.search')}</label>
            <input type="search" id="search" name="search" value={search} autocomplete="off" data-search />
          </div>
          <button type="submit">{translate('console.users.search.submit')}</button>
          {first && <a class="secondary" href={base + PATH}>{translate('console.merge.again')}</a>}
        </form>
        {found?.people.length === 0 && <Empty title={translate('console.users.empty')} />}
        {found && found.people.length > 0 && (
          <div class="table-room">
            <table>
              <thead><tr><th scope="col">{translate('console.users.name')}</th><th scope="col"><span class="unseen">{translate('console.leavers.act')}</span></th></tr></thead>
              <tbody>
                {found.people.map((person) => (
                  <tr>
                    <th scope="row"><bdi>{nameIn(person)}</bdi><span class="beneath long"><bdi>{person.userName}</bdi></span></th>
                    <td class="amount"><a class="secondary" href={address(person.id)}>{translate('console.merge.choose')}<span class="unseen"> {nameIn(person)} {person.userName}</span></a></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {found?.cursor !== undefined && <p class="quiet">{translate('console.groups.member.add.more')}</p>}
      </>
    ),
  });
}

interface CompareProps {
  readonly page: ConsoleFrame;
  readonly pair: Pair;
  /** Of clients, by id. */
  readonly names: ReadonlyMap<string, string>;
  readonly merged?: Merged | undefined;
  readonly fault?: Fault | undefined;
}

export function compareScreen(props: CompareProps): string {
  const { page, pair, merged, fault } = props;
  const { translate, base } = page;
  return renderScreen({
    page, title: translate('console.merge.compare'), crumbs: [{ address: base + PATH, text: translate('console.menu.merge') }], lead: translate('console.merge.lead'),
    actions: <a class="secondary" href={base + PATH}>{translate('console.merge.again')}</a>,
    children: (
      <div class="panels">
        <Which {...props} />
        <Comparison {...props} />
        {fault && (
          <Panel id="refused" title={translate('console.merge.refused')}>
            <p>{fault.text} <span lang="en">{fault.detail}</span></p>
          </Panel>
        )}
        {merged && (
          <Panel id="takes" title={translate('console.merge.takes')}>
            <Taken {...props} merged={merged} />
            <div class="buttons">
              <a class="primary" href={addressOfPair(page, pair, `${PATH}/confirm`)}>{translate('console.merge.go')}</a>
              <a class="secondary" href={base + PATH}>{translate('console.cancel')}</a>
            </div>
          </Panel>
        )}
      </div>
    ),
  });
}

function Which({ page, pair: { one, two, kept, other } }: CompareProps): JSX.Element {
  const { translate, base } = page;
  const both = kept.stored.id === one ? [kept, other] : [other, kept];
  return (
    <form method="get" action={base + PATH} class="narrow-form">
      <input type="hidden" name="one" value={one} />
      <input type="hidden" name="two" value={two} />
      <fieldset class="checks">
        <legend>{translate('console.merge.stays')}</legend>
        <p class="hint">{translate('console.merge.stays.hint')}</p>
        {both.map(({ stored: { id }, name, userName }) => (
          <div class="check">
            <input type="radio" id={`keep-${id}`} name="keep" value={id} checked={id === kept.stored.id} />
            <label for={`keep-${id}`}><bdi>{name}</bdi> <span class="quiet long"><bdi>{userName}</bdi></span></label>
          </div>
        ))}
      </fieldset>
      <button type="submit">{translate('console.merge.preview')}</button>
    </form>
  );
}

function Comparison({ page, pair: { kept, other }, names }: CompareProps): JSX.Element {
  const { translate } = page;
  const [mine, theirs] = [kept, other].map((view) => factsOf(page, view, names));
  return (
    <div class="table-room" tabindex={0} role="group" aria-label={translate('console.merge.compare')}>
      <table class="compare">
        <thead><tr><th scope="col">{translate('console.merge.attribute')}</th><th scope="col">{translate('console.merge.kept')}</th><th scope="col">{translate('console.merge.other')}</th></tr></thead>
        <tbody>
          {(mine ?? []).map(([term, value], index) => {
            const against = theirs?.[index]?.[1] ?? '';
            return (
              <tr>
                <th scope="row">{term}{value !== against && value !== kept.stored.id && <span class="beneath"><span class="chip careful">{translate('console.merge.differs')}</span></span>}</th>
                <td class="long">{shown(page, value)}</td>
                <td class="long">{shown(page, against)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const shown = (page: ConsoleFrame, value: string): Child => (value === '' ? <Nothing page={page} /> : <bdi>{value}</bdi>);

function factsOf(page: ConsoleFrame, { stored, name, userName, address = '', status, facts, groups, lastSignIn }: PersonView, names: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  const { translate, moment } = page;
  const { id, attributes, externalIds, created } = stored;
  const enterprise = complexAt(attributes, SCHEMA.enterpriseUser);
  return [
    [translate('console.users.name'), name],
    [translate('console.user.userName'), userName],
    [translate('console.user.email'), address],
    [translate('console.users.status'), translate(`console.status.${status}`)],
    [translate('console.user.method'), translate(`console.user.method.${facts.signInMethod}`)],
    [translate('console.user.lastSignIn'), lastSignIn ? moment(lastSignIn) : ''],
    [translate('console.user.title'), textAt(attributes, 'title') ?? ''],
    [translate('console.user.department'), textAt(enterprise, 'department') ?? ''],
    [translate('console.user.employeeNumber'), textAt(enterprise, 'employeeNumber') ?? ''],
    [translate('console.user.roles'), rolesOf(attributes).join(', ')],
    [translate('console.user.groups'), groups.filter(({ direct }) => direct).map((group) => group.name).join(', ')],
    [translate('console.merge.external'), externalIds.map((one) => `${names.get(one.client) ?? one.client}: ${one.id}`).join(', ')],
    [translate('console.merge.created'), moment(new Date(created))],
    [translate('console.merge.id'), id],
  ];
}

function Taken({ page, merged: { took, lost } }: CompareProps & { readonly merged: Merged }): JSX.Element {
  const { translate, number } = page;
  const ids = (all: Merged['lost']) => all.map(({ client, id }) => `${client.name ?? client.id}: ${id}`).join(', ');
  return (
    <>
      <Facts>
        <Fact page={page} term={translate('console.user.groups')}>{took.groups.map(({ id, name }) => name ?? id).join(', ')}</Fact>
        <Fact page={page} term={translate('console.user.roles')}>{took.roles.join(', ')}</Fact>
        <Fact page={page} term={translate('console.menu.portals')}>{took.portals.length === 0 ? '' : number(took.portals.length)}</Fact>
        <Fact page={page} term={translate('console.merge.external')}>{ids(took.externalIds)}</Fact>
        <Fact page={page} term={translate('console.merge.references')}>{number(took.references)}</Fact>
      </Facts>
      {lost.length > 0 && <p class="advice">{translate('console.merge.lost')}: <bdi>{ids(lost)}</bdi></p>}
    </>
  );
}

export function mergeScreen({ page, pair, given }: { readonly page: ConsoleFrame; readonly pair: Pair; readonly given: Given }): string {
  const { translate, base } = page;
  const { kept, other } = pair;
  const called = ({ name, userName }: PersonView) => `${name} (${userName})`;
  return renderScreen({
    page, title: translate('console.merge.title', { name: kept.name }), errors: given.problems, fault: given.fault,
    crumbs: [{ address: base + PATH, text: translate('console.menu.merge') }, { address: addressOfPair(page, pair), text: translate('console.merge.compare') }],
    children: (
      <Form page={page} action={addressOfPair(page, pair, `${PATH}/confirm`)} class="narrow">
        <Warning><p>{translate('console.merge.text', { kept: called(kept), other: called(other) })}</p></Warning>
        <Facts>
          <Fact page={page} term={translate('console.merge.kept')}>{kept.stored.id}</Fact>
          <Fact page={page} term={translate('console.merge.other')}>{other.stored.id}</Fact>
        </Facts>
        <Buttons page={page} save={translate('console.merge.go')} cancel={addressOfPair(page, pair)} danger />
      </Form>
    ),
  });
}
