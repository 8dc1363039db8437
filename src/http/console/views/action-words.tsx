/** The actions of the audit log in words, for whoever shows entries of it. */
import type { ConsoleFrame } from './frame.ts';

export const ACTIONS = [
  'create', 'replace', 'patch', 'override', 'delete', 'hide', 'restore', 'erase', 'erase.certificate', 'invite', 'inviteAgain', 'withdraw', 'activate', 'firstPassword', 'deactivate', 'reactivate', 'leave', 'hire',
  'lock', 'unlock', 'recover.ask', 'recover', 'renew', 'changePassword', 'setPassword', 'syncPassword', 'confirmPassword', 'askAddress', 'confirmAddress', 'changeAddress',
  'beginSecondFactor', 'enrolSecondFactor', 'dropSecondFactor', 'signIn', 'signIn.renew', 'signOut', 'signOut.all', 'refresh.reuse', 'throttled', 'refuse', 'export',
  'client.create', 'client.change', 'client.delete', 'token.issue', 'token.revoke', 'guard.hold', 'guard.release', 'guard.refuse', 'seats.mend',
  'adopt', 'link', 'match.hold', 'match.refuse', 'merge', 'merge.into', 'import.upload', 'import.map', 'import.checked', 'import.run', 'import.stop', 'import.cancel', 'import.done', 'import.delete',
  'tenant.create', 'tenant.policy', 'tenant.suspend', 'tenant.resume', 'tenant.delete',
] as const;
export type Action = (typeof ACTIONS)[number];

type KeyOf<Name extends string> = Name extends `${infer Before}.${infer After}` ? `${Before}_${After}` : Name;
const isKey = <Name extends Action>(name: Name, key: string): key is KeyOf<Name> => key === name.replace('.', '_');

/** One that a later version has added is called as the log calls it. */
export function actionText({ translate }: Pick<ConsoleFrame, 'translate'>, action: string): string {
  const known = ACTIONS.find((one) => one === action);
  if (known === undefined) return action;
  const key = known.replace('.', '_');
  return isKey(known, key) ? translate(`console.action.${key}`) : action;
}
