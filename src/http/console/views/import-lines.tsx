/** The lines of an import: what each would do or has done, by outcome, or why not and where. */
import type { JSX } from '#jsx/jsx-runtime';
import { isField } from '../../../accounts/import-fields.ts';
import type { LineView } from '../../../accounts/import-report.ts';
import type { ImportView } from '../../../accounts/import.ts';
import { OUTCOMES, type OutcomeKind } from '../../../store/import-documents.ts';
import type { ConsoleFrame } from './frame.ts';
import { reasonInWords } from './import-reasons.ts';
import { addressOfImport, countsOf } from './imports.tsx';
import { Empty, Nothing, Pager } from './parts.tsx';

export interface LinesProps {
  readonly page: ConsoleFrame;
  readonly found: ImportView;
  readonly lines: readonly LineView[];
  readonly outcome: OutcomeKind | undefined;
  readonly next: string | undefined;
  readonly isFirst: boolean;
}

export function Lines(props: LinesProps): JSX.Element {
  const { page, found, lines, outcome, next, isFirst } = props;
  const { translate, number } = page;
  const own = addressOfImport(page, found);
  const counts = countsOf(found);
  const address = (wanted: OutcomeKind | undefined, cursor?: string, path = '') => {
    const query = new URLSearchParams({ ...(wanted ? { outcome: wanted } : {}), ...(cursor === undefined ? {} : { cursor }) }).toString();
    return `${own}${path}${query === '' ? '' : `?${query}`}`;
  };
  const chip = (wanted: OutcomeKind | undefined, text: string, count: number | undefined) => (
    <li><a href={address(wanted)} aria-current={outcome === wanted ? 'true' : undefined}>{text}{count !== undefined && <span class="count">{number(count)}</span>}</a></li>
  );
  return (
    <section aria-labelledby="lines">
      <div class="panel-head">
        <h2 id="lines">{translate('console.import.report')}</h2>
        <a class="secondary" href={address(outcome, undefined, '/report')} download>{translate('console.import.report.file')}</a>
      </div>
      <ul class="chips" aria-label={translate('console.import.outcome')}>
        {chip(undefined, translate('console.users.status.all'), undefined)}
        {OUTCOMES.map((one) => chip(one, translate(`console.import.outcome.${one}`), counts[one]))}
      </ul>
      {lines.length === 0 ? <Empty title={translate('console.import.report.none')} /> : (
        <div class="table-room" tabindex={0} role="group" aria-labelledby="lines">
          <table>
            <thead>
              <tr>
                <th scope="col" class="amount">{translate('console.import.line')}</th>
                <th scope="col">{translate('console.import.about.whom')}</th>
                <th scope="col">{translate('console.import.outcome')}</th>
                <th scope="col" class="wide-only">{translate('console.import.what')}</th>
              </tr>
            </thead>
            <tbody>{lines.map((line) => <Line page={page} found={found} line={line} />)}</tbody>
          </table>
        </div>
      )}
      <Pager page={page} first={isFirst ? undefined : address(outcome)} next={next === undefined ? undefined : address(outcome, next)} />
    </section>
  );
}

const LOOKS = { create: 'good', change: 'invited', same: '', refuse: 'bad' } as const;

function Line({ page, found, line }: { readonly page: ConsoleFrame; readonly found: ImportView; readonly line: LineView }): JSX.Element {
  const { translate, base, number } = page;
  const { outcome, person } = line;
  const { name, own } = namesIn(found, line);
  return (
    <tr>
      <td class="amount">{number(line.line)}</td>
      <th scope="row">
        {person !== undefined && outcome !== 'refuse' ? <a class="main-link" href={`${base}/console/users/${encodeURIComponent(person)}`}><bdi>{name}</bdi></a> : <bdi>{name}</bdi>}
        {name !== own && <span class="beneath long"><bdi>{own}</bdi></span>}
      </th>
      <td>
        {outcome === undefined ? <Nothing page={page} /> : <span class={`chip ${LOOKS[outcome]}`.trim()}>{translate(`console.import.outcome.${outcome}`)}</span>}
        <span class="beneath narrow-only"><What page={page} line={line} /></span>
      </td>
      <td class="wide-only long"><What page={page} line={line} /></td>
    </tr>
  );
}

/** Which fields, or why not and where. */
function What({ page, line: { outcome, changed = [], column, header, reason } }: { readonly page: ConsoleFrame; readonly line: LineView }): JSX.Element {
  const { translate, number } = page;
  if (outcome !== 'refuse') return changed.length === 0 ? <Nothing page={page} /> : <>{changed.map((field) => (isField(field) ? translate(`console.import.field.${field}`) : field)).join(', ')}</>;
  const said = reasonInWords(page, reason ?? '');
  return (
    <>
      {said ?? <span lang="en">{reason}</span>}
      {column !== undefined && <span class="beneath">{translate('console.import.column', { column: number(column), header: header ?? '' })}</span>}
    </>
  );
}

/** What the line calls whom it is about, and by what they are recognised; else its first cell. */
function namesIn({ columns, matchBy }: ImportView, { cells }: LineView): { readonly name: string; readonly own: string } {
  const cellOf = (wanted: string | undefined) => (wanted === undefined ? '' : (cells[columns.findIndex(({ field }) => field === wanted)] ?? '').trim());
  const name = [cellOf('firstName'), cellOf('familyNamePrefix'), cellOf('lastName')].filter((part) => part !== '').join(' ');
  const own = cellOf(matchBy) || (cells.find((cell) => cell.trim() !== '') ?? '');
  return { name: name === '' ? own : name, own };
}
