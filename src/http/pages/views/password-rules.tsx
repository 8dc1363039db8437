/** The rules of a new password (S4): listed before anything is typed, ticked off while typing, and named where one is broken. */
import type { JSX } from '#jsx/jsx-runtime';
import { RULES, shownRules, type RuleKey } from '../../../accounts/password-rules.ts';
import type { Policy } from '../../../policy.ts';
import type { PageFrame } from './frame.ts';

export interface PasswordRule {
  readonly key: RuleKey;
  /** In the page's language: "At least 12 characters". */
  readonly text: string;
  /** What the script can tell while somebody types. The other rules wait for the server, which checks all of them. */
  readonly check?: RuleCheck;
}

export type RuleCheck =
  | { readonly kind: 'length'; readonly least: number }
  /** Of lower case, upper case, digits and others. */
  | { readonly kind: 'classes'; readonly least: number }
  /** None of them, in any case. They stand in the page, for whoever opens it to read. */
  | { readonly kind: 'words'; readonly words: readonly string[] };

interface RulesAsked {
  readonly policy: Policy;
  /** Of the person and the organisation, as brokenRules takes them. */
  readonly words: readonly string[];
  /** What a password has just broken: rules that go without saying are then listed as well. */
  readonly broken: readonly string[];
}

/** Shorter parts of names are allowed (accounts/password-rules.ts). */
const LEAST_WORD = 4;

export function passwordRules({ policy, words, broken }: RulesAsked, { translate }: PageFrame): readonly PasswordRule[] {
  const parts = words.flatMap((word) => word.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((part) => part.length >= LEAST_WORD);
  const rules: Readonly<Record<RuleKey, Omit<PasswordRule, 'key'>>> = {
    length: { text: translate('page.rule.length', { count: policy.passwordLength }), check: { kind: 'length', least: policy.passwordLength } },
    tooLong: { text: translate('page.rule.tooLong') },
    control: { text: translate('page.rule.control') },
    classes: { text: translate('page.rule.classes', { count: policy.passwordClasses }), check: { kind: 'classes', least: policy.passwordClasses } },
    common: { text: translate('page.rule.common') },
    ownWords: { text: translate('page.rule.ownWords'), check: { kind: 'words', words: [...new Set(parts)] } },
    history: { text: translate('page.rule.history', { count: policy.passwordHistory }) },
  };
  const keys = RULES.filter((key) => shownRules(policy).includes(key) || broken.includes(key));
  return keys.map((key) => ({ key, ...rules[key] }));
}

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
