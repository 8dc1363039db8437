/** The access review: each person's rights and roles with the groups that give them, and when they signed in last. */
import type { JSX } from '#jsx/jsx-runtime';
import { REVIEWED, type ReviewQuery, type ReviewRow } from '../../../accounts/access-review.ts';
import { POPULATIONS, type Population } from '../../../store/audience.ts';
import { Check, Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { rightInWords } from './groups.tsx';
import { Empty, Nothing, Pager, StatusChip } from './parts.tsx';
import { renderScreen } from './shell.tsx';
import { nameIn } from './users.tsx';

export interface ReviewFilter extends Pick<ReviewQuery, 'people' | 'dormantOnly'> {
  /** Undefined: all of them. */
  readonly population: Population | undefined;
  /** As typed. */
  readonly days: string;
}

interface ReviewProps {
  readonly page: ConsoleFrame;
  readonly filter: ReviewFilter;
  readonly people: readonly ReviewRow[];
  readonly next: string | undefined;
  readonly isFirst: boolean;
  readonly problem: string | undefined;
}

const LIST = '/console/access-review';
const USUAL_DAYS = '90';

function addressOf({ page: { base }, filter: { people, population, days, dormantOnly } }: ReviewProps, path = LIST, cursor?: string): string {
  const given = Object.entries({ people: people === 'rights' ? undefined : people, population, days: days === USUAL_DAYS ? undefined : days, dormant: dormantOnly ? 'true' : undefined, cursor });
  const query = new URLSearchParams(given.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]))).toString();
  return `${base}${path}${query === '' ? '' : `?${query}`}`;
}

export function reviewScreen(props: ReviewProps): string {
  const { page, people, next, isFirst, problem } = props;
  const { translate } = page;
  return renderScreen({
    page, title: translate('console.menu.review'), lead: translate('console.review.lead'), ...(problem === undefined ? {} : { errors: [{ field: 'days', text: problem }] }),
    actions: problem === undefined && <a class="secondary" href={addressOf(props, `${LIST}/export`)} download>{translate('console.users.export')}</a>,
    children: (
      <>
        <Filter {...props} />
        {people.length > 0 && <People {...props} />}
        {people.length === 0 && problem === undefined && <Empty title={translate(next === undefined ? 'console.users.empty' : 'console.review.nobodyHere')} />}
        <Pager page={page} first={isFirst ? undefined : addressOf(props)} next={next === undefined ? undefined : addressOf(props, LIST, next)} />
      </>
    ),
  });
}

function Filter({ page, filter, problem }: ReviewProps): JSX.Element {
  const { translate, base } = page;
  return (
    <form method="get" action={base + LIST} class="filter" role="search">
      <div class="narrow"><Select name="people" label={translate('console.review.people')} value={filter.people} choices={REVIEWED.map((value) => ({ value, text: translate(`console.review.people.${value}`) }))} /></div>
      <div class="narrow"><Select name="population" label={translate('console.users.population')} none={translate('console.users.status.all')} value={filter.population} choices={POPULATIONS.map((value) => ({ value, text: translate(`console.population.${value}`) }))} /></div>
      <div class="narrow"><Input name="days" type="number" min={1} max={9999} label={translate('console.review.days')} value={filter.days} error={problem} /></div>
      <div class="beneath-labels"><Check name="dormant" value="true" label={translate('console.review.dormantOnly')} checked={filter.dormantOnly} /></div>
      <button type="submit">{translate('console.log.show')}</button>
    </form>
  );
}

function People(props: ReviewProps): JSX.Element {
  const { page: { translate }, people } = props;
  return (
    <div class="table-room" tabindex={0} role="group" aria-label={translate('console.menu.review')}>
      <table class="tall">
        <thead>
          <tr>
            <th scope="col">{translate('console.users.name')}</th>
            <th scope="col">{translate('console.review.rights')}</th>
            <th scope="col" class="wide-only">{translate('console.user.roles')}</th>
            <th scope="col" class="wide-only">{translate('console.user.lastSignIn')}</th>
          </tr>
        </thead>
        <tbody>{people.map((person) => <Row page={props.page} person={person} />)}</tbody>
      </table>
    </div>
  );
}

function Row({ page, person }: { readonly page: ConsoleFrame; readonly person: ReviewRow }): JSX.Element {
  const { translate, base, rights: may, moment } = page;
  const { id, address, userName, rights, roles, status, lastSignInAt, dormant } = person;
  const name = <bdi>{nameIn(person)}</bdi>;
  const signIn = lastSignInAt === undefined ? <Nothing page={page} /> : <time datetime={lastSignInAt}>{moment(new Date(lastSignInAt))}</time>;
  const asleep = dormant === true && <span class="beneath"><span class="chip careful">{translate('console.review.dormant')}</span></span>;
  return (
    <tr>
      <th scope="row">
        {may.has('users.manage') ? <a class="main-link" href={`${base}/console/users/${encodeURIComponent(id)}`}>{name}</a> : name}
        <span class="beneath long"><bdi>{address ?? userName}</bdi></span>
        <span class="beneath"><StatusChip page={page} status={status} /></span>
        <span class="narrow-only">{lastSignInAt !== undefined && <span class="beneath">{translate('console.user.lastSignIn')}: {signIn}</span>}{asleep}</span>
      </th>
      <td>
        {rights.length === 0 ? <Nothing page={page} /> : (
          <ul class="plain">{rights.map(({ right, through }) => <li>{rightInWords(page, right).name}<Through page={page} groups={through} /></li>)}</ul>
        )}
      </td>
      <td class="wide-only">
        {roles.length === 0 ? <Nothing page={page} /> : <ul class="plain">{roles.map(({ role, group }) => <li><bdi>{role}</bdi>{group && <Through page={page} groups={[group]} />}</li>)}</ul>}
      </td>
      <td class="wide-only">{signIn}{asleep}</td>
    </tr>
  );
}

/** The groups that it comes from. */
const Through = ({ page: { translate, base, rights }, groups }: { readonly page: ConsoleFrame; readonly groups: readonly { readonly id: string; readonly name: string | undefined }[] }): JSX.Element => (
  <span class="beneath">
    {translate('console.review.through')}{' '}
    {groups.map(({ id, name }, index) => (
      <>
        {index > 0 && ', '}
        {rights.has('users.manage') ? <a href={`${base}/console/groups/${encodeURIComponent(id)}`}><bdi>{name ?? id}</bdi></a> : <bdi>{name ?? id}</bdi>}
      </>
    ))}
  </span>
);
