/** One import: how far it is, what its lines would do or have done, and what can be done with it. */
import type { JSX } from '#jsx/jsx-runtime';
import type { ImportView } from '../../../accounts/import.ts';
import { OUTCOMES } from '../../../store/import-documents.ts';
import { Form } from '../../pages/views/form.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Lines, type LinesProps } from './import-lines.tsx';
import { addressOfImport, countsOf, crumbToImports, makerIn, nameOfImport, StateChip } from './imports.tsx';
import { Fact, Facts, Panel } from './parts.tsx';
import { renderScreen } from './shell.tsx';

export interface ImportProps extends LinesProps {
  /** By id. */
  readonly names: ReadonlyMap<string, string>;
  readonly visitor: string;
}

const isAtWork = ({ state }: ImportView) => state === 'checking' || state === 'running' || state === 'loading';

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
