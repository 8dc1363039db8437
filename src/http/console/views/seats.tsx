/** Seats: what they are now, and what became of them, as a drawing and as the same numbers in a table. */
import type { JSX } from '#jsx/jsx-runtime';
import { POPULATIONS, type Population } from '../../../store/audience.ts';
import type { AskedDays, SeatDay, SeatHistory } from '../../../tenancy/seats.ts';
import { Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Panel } from './parts.tsx';
import { renderScreen } from './shell.tsx';

export interface SeatsProps {
  readonly page: ConsoleFrame;
  readonly population: Population;
  readonly asked: AskedDays;
  readonly history: SeatHistory;
  /** What is wrong with the days that were asked for. */
  readonly problem: string | undefined;
}

export function seatsScreen(props: SeatsProps): string {
  const { page, population, history, problem } = props;
  const { translate, day } = page;
  const name = translate(`console.population.${population}`);
  return renderScreen({
    page, title: translate('console.menu.seats'), lead: translate('console.seats.lead'),
    ...(problem === undefined ? {} : { errors: [{ field: 'from', text: `${translate('console.seats.wrong')} ${problem}` }] }),
    children: (
      <>
        <Filter {...props} />
        <div class="panels">
          <Now {...props} />
          <Panel id="days" title={translate('console.seats.byDay', { population: name })}>
            {history.days.length === 0 ? <p>{translate('console.seats.none')}</p> : <><Chart {...props} /><Days {...props} /></>}
          </Panel>
        </div>
        <p class="hint">{translate('console.seats.since', { day: day(history.since), zone: history.timeZone })}</p>
      </>
    ),
  });
}

function Filter({ page: { translate, base }, population, asked, history }: SeatsProps): JSX.Element {
  const choices = POPULATIONS.map((value) => ({ value, text: translate(`console.population.${value}`) }));
  return (
    <form method="get" action={`${base}/console/seats`} class="filter" role="search">
      <Select name="population" label={translate('console.seats.population')} value={population} choices={choices} />
      <Input name="from" type="date" label={translate('console.seats.from')} value={asked.from ?? history.days[0]?.day} />
      <Input name="to" type="date" label={translate('console.seats.to')} value={asked.to ?? history.days.at(-1)?.day} />
      <button type="submit">{translate('console.seats.show')}</button>
    </form>
  );
}

function Now({ page: { translate, number }, history: { now } }: SeatsProps): JSX.Element {
  return (
    <Panel id="now" title={translate('console.seats.now')}>
      <div class="table-room" tabindex={0} role="group" aria-labelledby="now">
        <table>
          <thead>
            <tr>
              <th scope="col">{translate('console.seats.population')}</th>
              <th scope="col" class="amount">{translate('console.seats.billed')}</th>
              <th scope="col" class="amount">{translate('console.seats.unbilled')}</th>
            </tr>
          </thead>
          <tbody>
            {POPULATIONS.map((population) => (
              <tr>
                <th scope="row">{translate(`console.population.${population}`)}</th>
                <td class="amount">{number(now[population]?.billed ?? 0)}</td>
                <td class="amount">{number(now[population]?.unbilled ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

const WIDTH = 720;
const HEIGHT = 160;

/** One path for all bars, so that a year weighs little. */
function Chart({ page: { translate, number, day }, population, history: { days } }: SeatsProps): JSX.Element {
  const counts = days.map(({ billed }) => billed[population] ?? 0);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const step = WIDTH / days.length;
  const room = HEIGHT - 2;
  const bar = (count: number, index: number) => {
    const height = most === 0 ? 0 : (count / most) * room;
    return `M${round(index * step)} ${HEIGHT - 1}v${round(-height)}h${round(Math.max(1, step * 0.8))}v${round(height)}z`;
  };
  const [first, last] = [days[0], days.at(-1)];
  const said = translate('console.seats.chart', { least: number(least), most: number(most) });
  return (
    <div>
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} class="chart" role="img" aria-label={said}>
      <line class="grid" x1={0} x2={WIDTH} y1={1} y2={1} />
      <line class="grid" x1={0} x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} />
      <g class="bar-of"><path d={counts.map(bar).join('')} /></g>
    </svg>
    <p class="hint">{said}; {first && day(first.day)} – {last && day(last.day)}</p>
    </div>
  );
}

const round = (value: number) => Math.round(value * 10) / 10;

function Days({ page, population, history: { days } }: SeatsProps): JSX.Element {
  const { translate } = page;
  const head = (text: string, isWide = false) => <th scope="col" class={isWide ? 'amount wide-only' : 'amount'}>{text}</th>;
  return (
    <div class="table-room" tabindex={0} role="group" aria-labelledby="days">
      <table>
        <thead>
          <tr>
            <th scope="col">{translate('console.seats.day')}</th>
            {head(translate('console.seats.billed'))}
            {head(translate('console.seats.highest'), true)}
            {head(translate('console.seats.joined'))}
            {head(translate('console.seats.left'))}
            {head(translate('console.seats.unbilled'), true)}
          </tr>
        </thead>
        <tbody>{days.toReversed().map((day) => <Day page={page} population={population} day={day} />)}</tbody>
      </table>
    </div>
  );
}

function Day({ page, population, day }: { readonly page: ConsoleFrame; readonly population: Population; readonly day: SeatDay }): JSX.Element {
  const { translate, number } = page;
  const corrected = day.corrected?.[population] ?? 0;
  return (
    <tr>
      <th scope="row"><time datetime={day.day}>{page.day(day.day)}</time>{corrected !== 0 && <span class="beneath">{translate('console.seats.corrected', { number: number(corrected) })}</span>}</th>
      <td class="amount">{number(day.billed[population] ?? 0)}</td>
      <td class="amount wide-only">{number(day.highest[population] ?? 0)}</td>
      <td class="amount">{number(day.joined[population] ?? 0)}</td>
      <td class="amount">{number(day.left[population] ?? 0)}</td>
      <td class="amount wide-only">{number(day.unbilled[population] ?? 0)}</td>
    </tr>
  );
}
