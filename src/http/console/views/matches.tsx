/** People who come back: what a provider has asked, what is known here, and the decision. */
import type { JSX } from '#jsx/jsx-runtime';
import type { MatchDetail, MatchView } from '../../../accounts/matches.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { ComesBack } from './comes-back.tsx';
import { Buttons } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Fact, Facts, Pager, Panel, StatusChip, Warning } from './parts.tsx';
import { renderScreen } from './shell.tsx';

interface MatchesProps {
  readonly page: ConsoleFrame;
  readonly matches: readonly MatchView[];
  /** By id. */
  readonly names: ReadonlyMap<string, string>;
  readonly visitor: string;
  readonly next: string | undefined;
  readonly isFirst: boolean;
}

const LIST = '/console/matches';
const LOOKS = { open: 'careful', adopted: 'good', refused: 'bad' } as const;
const nameOf = ({ person: { name, userName } }: MatchView) => name || userName;
const clientOf = ({ client: { id, name } }: MatchView) => name ?? id;

export function matchesScreen(props: MatchesProps): string {
  const { page, matches, next, isFirst } = props;
  const { translate, base } = page;
  return renderScreen({
    page, title: translate('console.menu.matches'), lead: translate('console.match.lead'),
    children: (
      <>
        {matches.length === 0 ? <Empty title={translate('console.match.empty')}><p>{translate('console.match.empty.text')}</p></Empty> : (
          <div class="table-room" tabindex={0} role="group" aria-label={translate('console.menu.matches')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{translate('console.users.name')}</th>
                  <th scope="col" class="wide-only">{translate('console.match.asked')}</th>
                  <th scope="col" class="wide-only">{translate('console.import.state')}</th>
                  <th scope="col">{translate('console.leavers.act')}</th>
                </tr>
              </thead>
              <tbody>{matches.map((match) => <Row {...props} match={match} />)}</tbody>
            </table>
          </div>
        )}
        <Pager page={page} first={isFirst ? undefined : base + LIST} next={next === undefined ? undefined : `${base}${LIST}?${new URLSearchParams({ cursor: next }).toString()}`} />
      </>
    ),
  });
}

function Row({ page, match, names, visitor }: MatchesProps & { readonly match: MatchView }): JSX.Element {
  const { translate, base, moment } = page;
  const { id, person, state, decided, last, by, times } = match;
  const act = (name: 'adopt' | 'refuse') => (
    <a class="secondary" href={`${base}${LIST}/${encodeURIComponent(id)}/${name}`} aria-label={translate(`console.match.${name}.of`, { name: nameOf(match) })}>{translate(`console.match.${name}`)}</a>
  );
  const chip = <span class={`chip ${LOOKS[state]}`}>{translate(`console.match.state.${state}`)}</span>;
  return (
    <tr>
      <th scope="row">
        <a class="main-link" href={`${base}/console/users/${encodeURIComponent(person.id)}`}><bdi>{nameOf(match)}</bdi></a>
        <span class="beneath long"><bdi>{person.userName}</bdi></span>
        <span class="narrow-only"><span class="beneath long"><bdi>{clientOf(match)}</bdi></span><span class="beneath">{chip}</span></span>
      </th>
      <td class="wide-only">
        <bdi>{clientOf(match)}</bdi>
        <span class="beneath">{translate('console.match.by', { what: translate(`console.match.by.${by}`) })}; <time datetime={last.toISOString()}>{moment(last)}</time>{times > 1 && ` (${translate('console.audit.times', { count: times })})`}</span>
      </td>
      <td class="wide-only">
        {chip}
        {decided && <span class="beneath">{decided.by.id === visitor ? translate('console.audit.you') : <bdi>{names.get(decided.by.id) ?? decided.by.id}</bdi>}, <time datetime={decided.at.toISOString()}>{moment(decided.at)}</time></span>}
      </td>
      <td>{state !== 'adopted' && <div class="acts-in-line">{act('adopt')}{state === 'open' && act('refuse')}</div>}</td>
    </tr>
  );
}

/** What the provider sends beside what is known here; whoever takes over sees what comes back. */
export function matchScreen({ page, match, given, act }: { readonly page: ConsoleFrame; readonly match: MatchDetail; readonly given: Given; readonly act: 'adopt' | 'refuse' }): string {
  const { translate, base, instant } = page;
  const name = nameOf(match);
  const { person, by, at, last, externalId, known, back, client } = match;
  const text = translate(`console.match.${act}.text`, { client: clientOf(match) });
  return renderScreen({
    page, title: translate(`console.match.${act}.title`, { name }), crumbs: [{ address: base + LIST, text: translate('console.menu.matches') }], errors: given.problems, fault: given.fault,
    children: (
      <div class="panels narrow-form">
        <Panel id="here" title={translate('console.match.differs')}>
          <Facts>
            <Fact page={page} term={translate('console.match.client')}>{client.name ?? client.id}</Fact>
            <Fact page={page} term={translate('console.user.userName')}>{person.userName}</Fact>
            <Fact page={page} term={translate('console.users.status')}><StatusChip page={page} status={person.status} /></Fact>
            <Fact page={page} term={translate('console.match.found')}>{translate(`console.match.by.${by}`)}</Fact>
            <Fact page={page} term={translate('console.match.external.known')}>{known}</Fact>
            <Fact page={page} term={translate('console.match.external.new')}>{externalId}</Fact>
            <Fact page={page} term={translate('console.match.first')}>{instant(at)}</Fact>
            <Fact page={page} term={translate('console.match.last')}>{instant(last)}</Fact>
          </Facts>
        </Panel>
        {act === 'adopt' && back && (
          <Panel id="back" title={translate('console.match.back')}>
            <ComesBack page={page} back={back} />
          </Panel>
        )}
        <Form page={page} action={`${base}${LIST}/${encodeURIComponent(match.id)}/${act}`}>
          {act === 'adopt' ? <Warning><p>{text}</p></Warning> : <p class="advice">{text}</p>}
          <Buttons page={page} save={translate(`console.match.${act}`)} cancel={base + LIST} danger={act === 'adopt'} />
        </Form>
      </div>
    ),
  });
}
