/** What each column of a file holds: as it was recognised, beside the first lines, and to be said where it was not. */
import type { JSX } from '#jsx/jsx-runtime';
import { MATCHING, type Field } from '../../../accounts/import-fields.ts';
import type { LineView } from '../../../accounts/import-report.ts';
import type { ImportView } from '../../../accounts/import.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { Check, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { addressOfImport, crumbToImports, nameOfImport } from './imports.tsx';
import { Nothing } from './parts.tsx';
import { renderScreen } from './shell.tsx';

interface ColumnsProps {
  readonly page: ConsoleFrame;
  readonly found: ImportView;
  /** The first ones. */
  readonly lines: readonly LineView[];
  readonly given: Given;
  readonly choices: readonly Field[];
}

export function importColumnsScreen(props: ColumnsProps): string {
  const { page, found, given, choices } = props;
  const { translate, base } = page;
  const own = addressOfImport(page, found);
  const matching = MATCHING.filter((field) => choices.includes(field)).map((value) => ({ value, text: translate(`console.import.field.${value}`) }));
  return renderScreen({
    page, title: translate('console.import.columns'), crumbs: [crumbToImports(page), { address: own, text: nameOfImport(page, found) }], lead: translate('console.import.columns.lead', { count: found.lines }),
    errors: given.problems, fault: given.fault,
    children: (
      <Form page={page} action={`${own}/columns`}>
        <div class="table-room">
          <table class="mapping">
            <thead>
              <tr>
                <th scope="col">{translate('console.import.columns.column')}</th>
                <th scope="col">{translate('console.import.columns.field')}</th>
                <th scope="col" class="wide-only">{translate('console.import.columns.first')}</th>
              </tr>
            </thead>
            <tbody>{found.columns.map((column) => <Column {...props} column={column} />)}</tbody>
          </table>
        </div>
        <div class="narrow-form beneath-mapping">
          <Select name="matchBy" label={translate('console.import.matchBy')} hint={translate('console.import.matchBy.hint')} none={translate('console.import.matchBy.none')} value={given.value('matchBy', found.matchBy)} choices={matching} error={given.problem('matchBy')} />
          <Check name="clear" label={translate('console.import.clear')} hint={translate('console.import.clear.hint')} checked={given.ticked('clear', found.empty === 'clear')} />
          <div class="buttons">
            <button type="submit" class="primary">{translate('console.import.check')}</button>
            <a class="secondary" href={found.state === 'mapping' ? `${base}/console/imports` : own}>{translate('console.cancel')}</a>
          </div>
        </div>
      </Form>
    ),
  });
}

/** What nobody knows is left out, unless somebody says what it is. */
function Column({ page, lines, given, choices, column: { column, header, field } }: ColumnsProps & { readonly column: ImportView['columns'][number] }): JSX.Element {
  const { translate } = page;
  const name = `column-${column}`;
  const known = choices.find((choice) => choice === field);
  const problem = given.problem(name);
  const values = lines.map(({ cells }) => cells[column - 1] ?? '').filter((value) => value.trim() !== '');
  const isChosen = (choice: Field) => given.value(name, known) === choice;
  return (
    <tr>
      <th scope="row" class="long">
        <bdi>{header === '' ? translate('console.import.columns.noName', { column: String(column) }) : header}</bdi>
        {known === undefined && field !== null && <span class="beneath"><span class="chip careful">{translate('console.import.columns.unknown')}</span></span>}
        <span class="beneath narrow-only"><bdi>{values.join(' · ')}</bdi></span>
      </th>
      <td>
        {problem !== undefined && <p class="error" id={`${name}-error`}>{problem}</p>}
        <select id={name} name={name} aria-label={translate('console.import.columns.fieldOf', { column: header === '' ? String(column) : header })} aria-invalid={problem === undefined ? undefined : 'true'} aria-describedby={problem === undefined ? undefined : `${name}-error`}>
          <option value="" selected={choices.every((choice) => !isChosen(choice))}>{translate('console.import.columns.leaveOut')}</option>
          {choices.map((choice) => <option value={choice} selected={isChosen(choice)}>{translate(`console.import.field.${choice}`)}</option>)}
        </select>
      </td>
      <td class="wide-only long">{values.length === 0 ? <Nothing page={page} /> : <ul class="plain quiet">{values.map((value) => <li><bdi>{shortened(value)}</bdi></li>)}</ul>}</td>
    </tr>
  );
}

const LONGEST = 80;
const shortened = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
