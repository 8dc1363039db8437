/** Why a line of an import is refused, in the visitor's language: those of the import itself, and what happens most. Others are told as the server says them. */
import type { Translate } from '../../../locales/catalogue.ts';
import type { ConsoleFrame } from './frame.ts';

type Say = (translate: Translate, found: readonly string[]) => string;

/** What a text begins with or is, and how it is said. */
const REASONS: readonly (readonly [RegExp, Say])[] = [
  [/^Line (\d+) is about the same person\.$/, (translate, [line = '']) => translate('console.import.reason.twice', { line })],
  [/^There is nobody with this id\.$/, (translate) => translate('console.import.reason.noId')],
  [/^The cell is empty by which the person is found: \w+\.$/, (translate) => translate('console.import.reason.noName')],
  [/^Several people have this \w+\.$/, (translate) => translate('console.import.reason.several')],
  [/^Somebody new needs a user name or an e-mail address\.$/, (translate) => translate('console.import.reason.newcomer')],
  [/^There is no group (".*")\.$/, (translate, [group = '']) => translate('console.import.reason.noGroup', { group })],
  [/^There are several groups (".*")\.$/, (translate, [group = '']) => translate('console.import.reason.groups', { group })],
  [/^The line has (\d+) cells, and the header (\d+)\.$/, (translate, [cells = '', header = '']) => translate('console.import.reason.cells', { cells, header })],
  [/^There is a control character in the cell\.$/, (translate) => translate('console.import.reason.control')],
  [/^it must be a day like /, (translate) => translate('console.import.reason.day')],
  [/^the address /, (translate) => translate('console.import.reason.address')],
  [/^it must be a language tag /, (translate) => translate('console.import.reason.language')],
  [/^it must be a time zone /, (translate) => translate('console.import.reason.timeZone')],
  [/^it must be one of (.*)\.$/, (translate, [values = '']) => translate('console.import.reason.oneOf', { values })],
  [/ is already taken( by somebody whom this client cannot see)?\.$/, (translate) => translate('console.import.reason.taken')],
  [/ needs the right "?admin\.grant/, (translate) => translate('console.import.reason.rights')],
];

/** @returns undefined for what has no words of its own */
export function reasonInWords({ translate }: Pick<ConsoleFrame, 'translate'>, reason: string): string | undefined {
  for (const [pattern, say] of REASONS) {
    const found = pattern.exec(reason);
    if (found) return say(translate, found.slice(1));
  }
  return undefined;
}
