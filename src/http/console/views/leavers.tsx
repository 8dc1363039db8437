/** Leavers: what needs a decision first, then who leaves when. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { Forecast, ForecastPerson } from '../../../accounts/forecast.ts';
import type { ConsoleFrame } from './frame.ts';
import { Panel } from './parts.tsx';
import { renderScreen } from './shell.tsx';

interface LeaversProps {
  readonly page: ConsoleFrame;
  readonly found: Forecast;
  /** Of each kind. */
  readonly most: number;
}

export function leaversScreen(props: LeaversProps): string {
  const { page, found: { coming, held, moved } } = props;
  const { translate, base, instant } = page;
  const own = ({ id }: ForecastPerson) => `${base}/console/users/${encodeURIComponent(id)}`;
  const change = (person: ForecastPerson) => <a href={`${own(person)}/delete`} aria-label={translate('console.leavers.change.of', { name: person.name })}>{translate('console.leavers.change')}</a>;
  return renderScreen({
    page, title: translate('console.menu.leavers'), lead: translate('console.leavers.lead'),
    children: (
      <div class="panels">
        {held.length > 0 && (
          <Panel id="held" title={translate('console.leavers.held')}>
            <p>{translate('console.leavers.held.text')}</p>
            <People {...props} people={held} state={({ until }) => (until ? translate('console.leavers.held.until', { at: instant(until) }) : translate('console.leavers.held.waiting'))} act={change} />
          </Panel>
        )}
        {moved.length > 0 && (
          <Panel id="moved" title={translate('console.leavers.moved')}>
            <p>{translate('console.leavers.moved.text')}</p>
            <People {...props} people={moved} act={(person) => <a href={`${own(person)}/reactivate`} aria-label={translate('console.leavers.reactivate.of', { name: person.name })}>{translate('console.leavers.reactivate')}</a>} />
          </Panel>
        )}
        <Panel id="coming" title={translate('console.leavers.coming')}>
          {coming.length === 0 ? <p>{translate('console.leavers.coming.none')}</p> : <People {...props} people={coming} act={change} />}
        </Panel>
      </div>
    ),
  });
}

interface PeopleProps<Person extends ForecastPerson> extends LeaversProps {
  readonly people: readonly Person[];
  readonly act: (person: Person) => Child;
  readonly state?: (person: Person) => string;
}

function People<Person extends ForecastPerson>({ page, people, most, act, state }: PeopleProps<Person>): JSX.Element {
  const { translate, base, day } = page;
  return (
    <>
      {people.length === most && <p class="advice">{translate('console.leavers.most', { count: most })}</p>}
      <div class="table-room">
        <table>
          <thead>
            <tr>
              <th scope="col">{translate('console.leavers.name')}</th>
              <th scope="col">{translate('console.leavers.lastDay')}</th>
              {state && <th scope="col">{translate('console.leavers.state')}</th>}
              <th scope="col">{translate('console.leavers.act')}</th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <tr>
                <th scope="row"><a class="main-link" href={`${base}/console/users/${encodeURIComponent(person.id)}`}><bdi>{person.name}</bdi></a></th>
                <td><time datetime={person.lastDay}>{day(person.lastDay)}</time></td>
                {state && <td>{state(person)}</td>}
                <td>{act(person)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
