/** One import: how far it is, what its lines would do or have done, and what can be done with it. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import { isField } from '../../../accounts/import-fields.ts';
import type { LineView } from '../../../accounts/import-report.ts';
import type { ImportView } from '../../../accounts/import.ts';
import { OUTCOMES, type OutcomeKind } from '../../../store/import-documents.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { Buttons } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { reasonInWords } from './import-reasons.ts';
import { addressOfImport, crumbToImports, makerIn, nameOfImport, StateChip } from './imports.tsx';
import { Empty, Fact, Facts, Nothing, Pager, Panel, Warning } from './parts.tsx';
import { renderScreen } from './shell.tsx';

export interface ImportProps {
  readonly page: ConsoleFrame;
  readonly found: ImportView;
  readonly lines: readonly LineView[];
  readonly outcome: OutcomeKind | undefined;
  readonly next: string | undefined;
  readonly isFirst: boolean;
  readonly names: ReadonlyMap<string, string>;
  readonly visitor: string;
}

const isAtWork = ({ state }: ImportView) => state === 'checking' || state === 'running' || state === 'loading';
/** Of what was done, once it was begun; before, of what would be. */
const countsOf = ({ begun, planned, done }: ImportView) => (begun ? done : planned);

export function importScreen(props: ImportProps): string {
  const { page, found, names, visitor } = props;
  const { translate } = page;
  return renderScreen({
    page, title: nameOfImport(page, found), crumbs: [crumbToImports(page)], lead: found.by.id === visitor ? translate('console.import.madeByYou') : translate('console.import.madeBy', { name: makerIn(page, found, names, visitor) }), actions: <Actions {...props} />,
    children: (
      <div class="panels">
        <Course {...props} />
        {found.state !== 'mapping' && found.state !== 'loading' && <Lines {...props} />}
      </div>
    ),
  });
}

function Actions({ page, found }: ImportProps): JSX.Element {
  const { translate } = page;
  const own = addressOfImport(page, found);
  const { state, begun } = found;
  const columns = <a class={state === 'mapping' ? 'primary' : 'secondary'} href={`${own}/columns`}>{translate('console.import.columns')}</a>;
  return (
    <>
      {!isAtWork(found) && <a class="secondary" href={`${own}/delete`}>{translate('console.import.delete')}</a>}
      {!begun && ['mapping', 'checked', 'stopped', 'checking'].includes(state) && columns}
      {state === 'checked' && <a class="primary" href={`${own}/run`}>{translate('console.import.run')}</a>}
      {state === 'stopped' && begun && <a class="primary" href={`${own}/run`}>{translate('console.import.goOn')}</a>}
    </>
  );
}

/** Where it is. While something is done, a script opens the page again every few seconds; without one there is a link. */
function Course({ page, found }: ImportProps): JSX.Element {
  const { translate, number, instant } = page;
  const { state, position, lines, begun, until, reason } = found;
  const counts = countsOf(found);
  const text = state === 'checked' || state === 'done' || state === 'mapping' ? translate(`console.import.${state}.text`) : undefined;
  return (
    <Panel id="course" title={translate(begun ? 'console.import.course.done' : 'console.import.course.planned')} actions={<StateChip page={page} state={state} />}>
      {isAtWork(found) && <Progress page={page} found={found} />}
      {text !== undefined && <p role="status">{text}</p>}
      {state === 'stopped' && <p class="advice">{translate('console.import.stopped.text')} <Why page={page} reason={reason} /></p>}
      {state !== 'mapping' && (
        <div class="tally">
          <Facts>
            {OUTCOMES.map((outcome) => <Fact page={page} term={translate(begun ? `console.import.done.${outcome}` : `console.import.count.${outcome}`)}>{number(counts[outcome])}</Fact>)}
            {state === 'stopped' && begun && <Fact page={page} term={translate('console.import.rest')}>{number(lines - position)}</Fact>}
          </Facts>
        </div>
      )}
      <p class="hint">{translate('console.import.until', { at: instant(until) })}</p>
    </Panel>
  );
}

/** A guard says why in its own words. */
function Why({ page: { translate }, reason }: { readonly page: ConsoleFrame; readonly reason: string | undefined }): JSX.Element | null {
  if (reason === undefined || reason === 'It was cancelled.') return null;
  return reason.startsWith('Whoever asked for it is gone') ? <>{translate('console.import.stopped.gone')}</> : <span lang="en">{reason}</span>;
}

const AGAIN_SECONDS = 3;

function Progress({ page, found }: { readonly page: ConsoleFrame; readonly found: ImportView }): JSX.Element {
  const { translate, number } = page;
  const { state, position, lines } = found;
  const text = translate(state === 'running' ? 'console.import.running.text' : 'console.import.checking.text', { position: number(position), lines: number(lines) });
  const own = addressOfImport(page, found);
  return (
    <div class="progress" data-again={AGAIN_SECONDS}>
      <p role="status" id="progress">{text}</p>
      <progress max={Math.max(1, lines)} value={position} aria-labelledby="progress" />
      <div class="acts-in-line">
        <a class="secondary" href={own}>{translate('console.import.again')}</a>
        {state !== 'loading' && <Form page={page} action={`${own}/cancel`}><button type="submit">{translate('console.import.cancel')}</button></Form>}
      </div>
    </div>
  );
}

function Lines(props: ImportProps): JSX.Element {
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

interface QuestionProps {
  readonly page: ConsoleFrame;
  readonly found: ImportView;
  readonly given: Given;
}

const question = ({ page, found, given }: QuestionProps, title: string, children: Child) =>
  renderScreen({ page, title, crumbs: [crumbToImports(page), { address: addressOfImport(page, found), text: nameOfImport(page, found) }], errors: given.problems, fault: given.fault, children });

export function runImportScreen(props: QuestionProps): string {
  const { page, found } = props;
  const { translate, number } = page;
  const own = addressOfImport(page, found);
  const { create, change, same, refuse } = found.planned;
  return question(props, translate('console.import.run.title'), (
    <Form page={page} action={`${own}/run`} class="narrow">
      <p>{translate('console.import.run.text')}</p>
      <Facts>
        <Fact page={page} term={translate('console.import.count.create')}>{number(create)}</Fact>
        <Fact page={page} term={translate('console.import.count.change')}>{number(change)}</Fact>
        <Fact page={page} term={translate('console.import.count.same')}>{number(same)}</Fact>
        <Fact page={page} term={translate('console.import.count.refuse')}>{number(refuse)}</Fact>
      </Facts>
      {refuse > 0 && <p class="advice">{translate('console.import.run.refused', { count: refuse })}</p>}
      <Buttons page={page} save={translate(found.begun ? 'console.import.goOn' : 'console.import.run')} cancel={own} />
    </Form>
  ));
}

export function deleteImportScreen(props: QuestionProps): string {
  const { page, found } = props;
  const { translate } = page;
  const own = addressOfImport(page, found);
  return question(props, translate('console.import.delete.title'), (
    <Form page={page} action={`${own}/delete`} class="narrow">
      <Warning><p>{translate('console.import.delete.text')}</p></Warning>
      <Buttons page={page} save={translate('console.import.delete')} cancel={own} danger />
    </Form>
  ));
}
