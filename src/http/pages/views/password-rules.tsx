/** The rules of a new password (S4): listed before anything is typed, ticked off while typing, and named where one is broken. */
import type { JSX } from '#jsx/jsx-runtime';
import type { PageFrame } from './frame.ts';

export interface PasswordRule {
  readonly key: string;
  /** In the page's language: "At least 12 characters". */
  readonly text: string;
  /** What the script can tell while somebody types. Other rules (earlier passwords, known ones) wait for the server, which checks all. */
  readonly check?: RuleCheck;
}

export type RuleCheck =
  | { readonly kind: 'length'; readonly least: number }
  /** Of lower case, upper case, digits and others. */
  | { readonly kind: 'classes'; readonly least: number }
  /** None of them, in any case. They are in the page for all who open it. */
  | { readonly kind: 'words'; readonly words: readonly string[] };

interface PolicyRules {
  readonly passwordLength: number;
  readonly passwordClasses: number;
  readonly passwordWords: readonly string[];
  readonly passwordHistory: number;
}

/** The rules of a tenant's policy, with the keys `length`, `classes`, `words`, `common` and `history`. */
export function passwordRules({ passwordLength, passwordClasses, passwordWords, passwordHistory }: PolicyRules, { translate }: PageFrame): readonly PasswordRule[] {
  const rules: (PasswordRule & { readonly asked: boolean })[] = [
    { asked: true, key: 'length', text: translate('page.rule.length', { count: passwordLength }), check: { kind: 'length', least: passwordLength } },
    { asked: passwordClasses > 1, key: 'classes', text: classesText(passwordClasses, translate), check: { kind: 'classes', least: passwordClasses } },
    { asked: passwordWords.length > 0, key: 'words', text: translate('page.rule.words'), check: { kind: 'words', words: passwordWords } },
    { asked: true, key: 'common', text: translate('page.rule.common') },
    { asked: passwordHistory > 0, key: 'history', text: translate('page.rule.history', { count: passwordHistory }) },
  ];
  return rules.filter(({ asked }) => asked).map(({ asked, ...rule }) => rule);
}

const classesText = (classes: number, translate: PageFrame['translate']): string =>
  classes === 4 ? translate('page.rule.classes.all') : translate('page.rule.classes', { count: classes });

interface RuleListProps {
  readonly page: PageFrame;
  readonly id: string;
  /** The id of the field that they are about. */
  readonly field: string;
  readonly rules: readonly PasswordRule[];
  readonly broken: readonly string[];
}

export function RuleList({ page, id, field, rules, broken }: RuleListProps): JSX.Element {
  const { translate } = page;
  const words = { 'data-met': translate('page.rule.met'), 'data-open': translate('page.rule.open') };
  const item = ({ key, text, check }: PasswordRule) => (
    <li data-state={broken.includes(key) ? 'broken' : 'open'} {...(check && checkData(check))}>
      {text}
      <span class="unseen" data-word>{broken.includes(key) ? `, ${translate('page.rule.broken')}` : ''}</span>
    </li>
  );
  return (
    <div class="rules" data-rules={field} {...words}>
      <p id={`${id}-title`}>{translate('page.rules')}</p>
      <ul id={id} aria-labelledby={`${id}-title`}>{rules.map(item)}</ul>
      <p class="unseen" role="status" data-progress={translate('page.rules.progress', { met: '{met}', all: '{all}' })} />
    </div>
  );
}

function checkData(check: RuleCheck): Readonly<Record<`data-${string}`, string | number>> {
  switch (check.kind) {
    case 'words':
      return { 'data-check': check.kind, 'data-words': JSON.stringify(check.words) };
    case 'length':
    case 'classes':
      return { 'data-check': check.kind, 'data-least': check.least };
  }
}
