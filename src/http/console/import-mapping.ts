/** `/console/imports/ID/columns`: what each column holds, as far as it was recognised, beside the first lines. */
import type { FastifyInstance } from 'fastify';
import { linesOfImport, type LineView } from '../../accounts/import-report.ts';
import { FIELD_NAMES, isField, MATCHING, type Field } from '../../accounts/import-fields.ts';
import { getImport, mapImport, type ImportView } from '../../accounts/import.ts';
import type { PageParts } from '../pages/frame.ts';
import { form, type Given, type Problem, type Saved } from './forms.ts';
import { importIn, pathOfImport } from './imports.ts';
import { importColumnsScreen } from './views/import-columns.tsx';
import type { Visit } from './visit.ts';

const FIRST_LINES = 3;

interface Mapped {
  readonly found: ImportView;
  readonly lines: readonly LineView[];
}

/** A person has no names of their own for others: that is for clients. */
const isForPeople = (field: Field) => field !== 'externalId';
export const CHOICES: readonly Field[] = FIELD_NAMES.filter(isForPeople);

export function importMapping(app: FastifyInstance, parts: PageParts): void {
  form(app, parts, 'imports', '/console/imports/:id/columns', {
    find: async (visit): Promise<Mapped> => {
      const id = importIn(visit);
      const [found, { lines }] = await Promise.all([getImport(visit.context, id), linesOfImport(visit.context, id, { outcome: undefined, count: FIRST_LINES, cursor: undefined })]);
      return { found, lines };
    },
    show: ({ page }, { found, lines }, given) => importColumnsScreen({ page, found, lines, given, choices: CHOICES }),
    save,
  });
}

async function save({ context, page }: Visit, { found }: Mapped, given: Given): Promise<Saved> {
  const fields = found.columns.map(({ column }) => fieldIn(given.value(`column-${column}`)));
  const matchBy = MATCHING.find((field) => field === given.value('matchBy'));
  const empty = given.ticked('clear') ? 'clear' : 'keep';
  const problems = [...twice(page, fields), ...unmatched(page, fields, matchBy)];
  if (problems.length > 0) return { problems };
  const isAsBefore = found.columns.every(({ field }, index) => field === fields[index]) && (matchBy ?? found.matchBy) === found.matchBy && empty === found.empty;
  if (!isAsBefore || found.state === 'mapping' || found.state === 'stopped') await mapImport(context, found.id, { fields, matchBy, empty });
  return { to: pathOfImport(found.id) };
}

const fieldIn = (text: string): Field | null => (isField(text) && isForPeople(text) ? text : null);

function twice({ translate }: Visit['page'], fields: readonly (Field | null)[]): readonly Problem[] {
  return fields.flatMap((field, index) => {
    const first = fields.indexOf(field);
    return field === null || first === index ? [] : [{ field: `column-${index + 1}`, text: translate('console.import.columns.twice', { field: translate(`console.import.field.${field}`), column: String(first + 1) }) }];
  });
}

function unmatched({ translate }: Visit['page'], fields: readonly (Field | null)[], matchBy: Field | undefined): readonly Problem[] {
  const isThere = matchBy === undefined ? MATCHING.some((field) => fields.includes(field)) : fields.includes(matchBy);
  if (isThere) return [];
  return [{ field: 'matchBy', text: matchBy === undefined ? translate('console.import.columns.nobody') : translate('console.import.columns.noColumn', { field: translate(`console.import.field.${matchBy}`) }) }];
}
