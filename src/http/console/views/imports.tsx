/** Imports: the list, and the form that begins one, with a file or with lines that are pasted. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import { DELIMITER_NAMES } from '../../../accounts/import-csv.ts';
import type { ImportView } from '../../../accounts/import.ts';
import type { Limits } from '../../../limits.ts';
import { OUTCOMES } from '../../../store/import-documents.ts';
import type { Problem } from '../forms.ts';
import { Select, TextArea } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Panel } from './parts.tsx';
import { renderScreen, type Fault } from './shell.tsx';

const LIST = '/console/imports';
export const addressOfImport = ({ base }: ConsoleFrame, { id }: Pick<ImportView, 'id'>): string => `${base}${LIST}/${encodeURIComponent(id)}`;
export const crumbToImports = (page: ConsoleFrame) => ({ address: page.base + LIST, text: page.translate('console.menu.imports') });
export const nameOfImport = ({ translate, moment }: ConsoleFrame, { created }: Pick<ImportView, 'created'>): string => translate('console.import.title', { at: moment(created) });

export const makerIn = ({ translate }: ConsoleFrame, { by }: Pick<ImportView, 'by'>, names: ReadonlyMap<string, string>, visitor: string): string =>
  (by.id === visitor ? translate('console.audit.you') : (names.get(by.id) ?? by.id));

const LOOKS = { loading: '', mapping: 'careful', checking: '', checked: 'careful', running: '', done: 'good', stopped: 'bad', dropped: '' } as const;
export const StateChip = ({ page, state }: { readonly page: ConsoleFrame; readonly state: ImportView['state'] }): JSX.Element => (
  <span class={`chip ${LOOKS[state]}`.trim()}>{page.translate(`console.import.state.${state}`)}</span>
);

interface ImportsProps {
  readonly page: ConsoleFrame;
  readonly imports: readonly ImportView[];
  /** By id. */
  readonly names: ReadonlyMap<string, string>;
  readonly visitor: string;
}

export function importsScreen({ page, imports, names, visitor }: ImportsProps): string {
  const { translate, base, moment, number } = page;
  const begin = <a class="primary" href={`${base}${LIST}/new`}>{translate('console.import.new')}</a>;
  const counts = ({ begun, planned, done }: ImportView) => {
    const shown = begun ? done : planned;
    return OUTCOMES.filter((outcome) => shown[outcome] > 0).map((outcome) => `${translate(`console.import.outcome.${outcome}`)}: ${number(shown[outcome])}`).join(', ');
  };
  return renderScreen({
    page, title: translate('console.menu.imports'), lead: translate('console.import.lead'), actions: begin,
    children: imports.length === 0 ? <Empty title={translate('console.import.empty')}><p>{translate('console.import.empty.text')}</p></Empty> : (
      <div class="table-room">
        <table>
          <thead>
            <tr>
              <th scope="col">{translate('console.import.import')}</th>
              <th scope="col">{translate('console.import.state')}</th>
              <th scope="col" class="amount">{translate('console.import.lines')}</th>
              <th scope="col" class="wide-only">{translate('console.import.result')}</th>
            </tr>
          </thead>
          <tbody>
            {imports.map((one) => (
              <tr>
                <th scope="row">
                  <a class="main-link" href={addressOfImport(page, one)}><time datetime={one.created.toISOString()}>{moment(one.created)}</time></a>
                  <span class="beneath"><bdi>{makerIn(page, one, names, visitor)}</bdi></span>
                </th>
                <td><StateChip page={page} state={one.state} /></td>
                <td class="amount">{number(one.lines)}</td>
                <td class="wide-only">{counts(one)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    ),
  });
}

interface NewImportProps {
  readonly page: ConsoleFrame;
  readonly problems: readonly Problem[];
  readonly fault?: Fault | undefined;
  readonly limits: Limits;
  /** What was pasted. */
  readonly text: string;
  readonly delimiter: string;
}

export function newImportScreen({ page, problems, fault, limits, text, delimiter }: NewImportProps): string {
  const { translate, number } = page;
  const problem = (name: string) => problems.find(({ field }) => field === name)?.text;
  const choices = DELIMITER_NAMES.map((value) => ({ value, text: translate(`console.import.delimiter.${value}`) }));
  const fileProblem = problem('file');
  return renderScreen({
    page, title: translate('console.import.new'), crumbs: [crumbToImports(page)], lead: translate('console.import.new.lead'), errors: problems, fault,
    children: (
      <div class="sides">
        <div>
          <Panel id="upload" title={translate('console.import.upload')}>
            <UploadForm page={page}>
              <Select name="delimiter" label={translate('console.import.delimiter')} none={translate('console.import.delimiter.none')} value={delimiter} choices={choices} />
              <div class={fileProblem === undefined ? 'field' : 'field wrong'}>
                <label for="file">{translate('console.import.file')}<span class="must" aria-hidden="true"> *</span></label>
                <p class="hint" id="file-hint">{translate('console.import.file.hint', { megabytes: number(Math.floor(limits.importBytes / 1024 / 1024)), lines: number(limits.importLines) })}</p>
                {fileProblem !== undefined && <p class="error" id="file-error">{fileProblem}</p>}
                <input type="file" id="file" name="file" accept=".csv,.txt,text/csv" aria-describedby={fileProblem === undefined ? 'file-hint' : 'file-error file-hint'} aria-invalid={fileProblem === undefined ? undefined : 'true'} />
              </div>
              <FormEnd page={page} save={translate('console.import.upload.submit')} />
            </UploadForm>
          </Panel>
          <Panel id="paste" title={translate('console.import.paste')}>
            <UploadForm page={page}>
              <TextArea name="text" label={translate('console.import.paste.field')} hint={translate('console.import.paste.hint')} value={text} error={problem('text')} rows={6} />
              <FormEnd page={page} save={translate('console.import.paste.submit')} />
            </UploadForm>
          </Panel>
        </div>
        <Panel id="about" title={translate('console.import.about')}>
          <ul>
            <li>{translate('console.import.about.header')}</li>
            <li>{translate('console.import.about.check')}</li>
            <li>{translate('console.import.about.people')}</li>
            <li>{translate('console.import.about.export')}</li>
          </ul>
        </Panel>
      </div>
    ),
  });
}

/** Its token is the first part: it is read before the file. */
const UploadForm = ({ page, children }: { readonly page: ConsoleFrame; readonly children: Child }): JSX.Element => (
  <form method="post" action={`${page.base}${LIST}/new`} enctype="multipart/form-data">
    <input type="hidden" name="csrf" value={page.csrf} />
    {children}
  </form>
);

const FormEnd = ({ page, save }: { readonly page: ConsoleFrame; readonly save: string }): JSX.Element => (
  <div class="buttons">
    <button type="submit" class="primary">{save}</button>
    <a class="secondary" href={page.base + LIST}>{page.translate('console.cancel')}</a>
  </div>
);
