/** Switching a login off and on again, and opening a locked one: S11, J7, J10. */
import type { Context } from '../resources/context.ts';
import { patch } from '../resources/patch.ts';
import { ACCOUNT_EXTENSION, MESSAGE } from '../scim/urns.ts';
import { perform, userType } from './verbs.ts';

/** J7. Also forgets the wrong passwords so far. @throws ScimError 404, 409 */
export async function unlock(context: Context, person: string): Promise<void> {
  await perform(context, person, { action: 'unlock', event: { kind: 'unlock' }, effects: () => Promise.resolve({ account: { resetsFailures: true } }) });
}

/** S11. @throws ScimError 404, 409 */
export async function deactivate(context: Context, person: string): Promise<void> {
  await perform(context, person, { action: 'deactivate', event: { kind: 'deactivate' } });
}

/**
 * J10: groups and rights are as they were; an invitation needs a new mail. @param lifts the lock too, if there is one (Combinations)
 * @throws ScimError 404, 409
 */
export async function reactivate(context: Context, person: string, lifts = false): Promise<void> {
  await perform(context, person, { action: 'reactivate', event: { kind: 'reactivate' }, ...(lifts ? { then: { kind: 'unlock' }, effects: () => Promise.resolve({ account: { resetsFailures: true } }) } : {}) });
}

/** J10, L4. @param date as a client may write it; empty for none. @throws ScimError 400 invalidValue, 404 */
export async function setLeaveDate(context: Context, person: string, date: string): Promise<void> {
  const operation = { op: 'replace', path: `${ACCOUNT_EXTENSION}:leaveDate`, value: date };
  await patch(context, userType(context), person, { schemas: [MESSAGE.patchOp], Operations: [operation] }, 'any');
}
