/**
 * Erasure: J11, L6, GDPR Art. 17. In one transaction somebody is gone for everybody; some time later the worker looks in every place whether anything is
 * left or came after, and writes the certificate. The audit log keeps who did it and when, and nothing personal.
 */
import { randomUUID } from 'node:crypto';
import { invalidValue } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { removeOnly } from '../resources/remove.ts';
import type { Attributes } from '../scim/schema.ts';
import { certify, claimErasure, removeLeft } from '../store/erasures.ts';
import { userNameOf } from './facts.ts';
import { checkRightsOf } from './rights.ts';
import type { Surroundings } from './system.ts';
import { userType } from './verbs.ts';

/** @param name repeats the userName, in place of the tick in the dialog (J11). @throws ScimError 400, 403, 404, 409; then nothing has changed */
export async function erase(context: Context, person: string, name: string | undefined): Promise<void> {
  await removeOnly(context, userType(context), person, 'any', {
    action: 'erase',
    check: async (current) => {
      await checkRightsOf(context, current, 'To erase the data');
      checkName(current.attributes, name);
    },
  });
}

/** @throws ScimError 400 */
export function checkName(attributes: Attributes, name: string | undefined): void {
  if (name === undefined) throw invalidValue('name is missing: repeat the userName of the person, whose data cannot be brought back.');
  if (name !== userNameOf(attributes)) throw invalidValue('name is not the userName of this person: nothing was erased.');
}

/** The second phase of what is due, in all tenants. */
export async function finishErasures({ store, now }: Pick<Surroundings, 'store' | 'now'>): Promise<void> {
  const owner = randomUUID();
  while (!store.closing) {
    const erasure = await claimErasure(store, owner, now());
    if (!erasure) return;
    if (await removeLeft(store, erasure, owner, now)) await certify(store, erasure, owner, now());
  }
}
