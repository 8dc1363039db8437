/** A password chosen by its owner through a link (S4, S6, J9, P5), at a renewal (S7), or at will; and one set by an administrator (J8). */
import { conflict, notFound } from '../errors.ts';
import { auditOf, timestamp, type Context } from '../resources/context.ts';
import { findById } from '../store/resources.ts';
import type { CredentialDocument, LinkDocument } from '../store/account-documents.ts';
import type { StoredResource } from '../store/codec.ts';
import { writeWhileOpen } from '../store/write-apart.ts';
import { tryPassword } from './attempts.ts';
import { brokenBy, credentialOf, hashed, newPassword } from './credentials.ts';
import { factsOf, statusOf, userNameOf, type Facts } from './facts.ts';
import { mailsOf, passwordChangedMail } from './mails.ts';
import { checkRightsOf } from './rights.ts';
import { whyNot, type Event } from './state.ts';
import { perform, userType } from './verbs.ts';

export type Chosen =
  | { readonly kind: 'done'; readonly unlocked: boolean }
  /** Keys of the rules that the password breaks; nothing has changed, and the link is as good as before. */
  | { readonly kind: 'broken'; readonly rules: readonly string[] };

/** @throws ScimError 409 where it is not possible any more, 404 */
export async function choosePassword(context: Context, link: LinkDocument, password: string): Promise<Chosen> {
  const { person } = link;
  const current = await findById(context.scope, userType(context), person);
  if (!current) throw notFound('Person');
  const credential = await credentialOf(context.scope, person);
  const rules = await brokenBy(context, password, current.attributes, credential);
  if (rules.length > 0) return { kind: 'broken', rules };
  const chosen = await hashed(context, password, credential);
  const facts = factsOf(current.attributes);
  const event = eventOf(context, link, facts);
  const unlocked = event.kind === 'recover' && event.unlocks && facts.lockedAt !== undefined;
  await perform(context, person, {
    action: event.kind, event,
    effects: (attributes) => Promise.resolve({ account: {
      password: chosen, uses: link._id, resetsFailures: facts.lockedAt === undefined || unlocked,
      // Whoever activates has just been told by themselves.
      mails: event.kind === 'activate' ? [] : mailsOf(passwordChangedMail(context, person, attributes)),
    } }),
  });
  return { kind: 'done', unlocked };
}

/**
 * By its owner, who knows the present one; a wrong one counts like a wrong one at sign-in (J7). Everything that was given out before ends.
 * @returns `wrong` where the present one is not right. @throws ScimError 409 where it is not possible now, 404
 */
export async function changePassword(context: Context, person: string, present: string, password: string): Promise<Chosen | { readonly kind: 'wrong' }> {
  const current = await findById(context.scope, userType(context), person);
  if (!current) throw notFound('Person');
  const reason = whyNot(factsOf(current.attributes), 'renew');
  if (reason !== undefined) throw conflict(reason);
  const credential = await confirmOwner(context, current, present);
  if (!credential) return { kind: 'wrong' };
  const rules = await brokenBy(context, password, current.attributes, credential);
  if (rules.length > 0) return { kind: 'broken', rules };
  const chosen = await hashed(context, password, credential);
  await perform(context, person, {
    action: 'changePassword', event: { kind: 'renew', at: timestamp(context) },
    effects: (attributes) => Promise.resolve({ account: { password: chosen, mails: mailsOf(passwordChangedMail(context, person, attributes)) } }),
  });
  return { kind: 'done', unlocked: false };
}

/** Whether whoever is signed in knows the password: an unwatched browser is not its owner. @throws ScimError 503 */
export async function confirmOwner(context: Context, { id, attributes }: StoredResource, present: string): Promise<CredentialDocument | undefined> {
  return tryPassword(context, {
    name: userNameOf(attributes), password: present, find: () => findById(context.scope, userType(context), id),
    accept: async ({ credential }) => {
      const isOpen = await writeWhileOpen(context.scope, { person: id, at: context.now(), account: { resetsFailures: true }, audit: auditOf(context, 'confirmPassword', userType(context), id, []) });
      return isOpen ? credential : undefined;
    },
  });
}

/** What a link leads to, or why it leads nowhere any more. */
export function eventOf(context: Context, { purpose }: LinkDocument, facts: Facts): Event & { readonly kind: 'activate' | 'recover' | 'renew' | 'firstPassword' } {
  const at = timestamp(context);
  if (purpose === 'renew') return { kind: 'renew', at };
  // Somebody who was invited and asks for a new password gets the activation (Combinations).
  if (statusOf(facts) === 'none') return { kind: 'firstPassword', at };
  return statusOf(facts) === 'invited' ? { kind: 'activate', at } : { kind: 'recover', at, unlocks: context.tenant.policy.resetUnlocks };
}

/** J8: the person is not told, every session ends, and a lock stays. @throws ScimError 400 naming the rules, 404, 409 */
export async function setPassword(context: Context, person: string, password: string, mustChange: boolean): Promise<void> {
  const current = await findById(context.scope, userType(context), person);
  if (!current) throw notFound('Person');
  await checkRightsOf(context, current, 'To set the password');
  const reason = whyNot(factsOf(current.attributes), 'setPassword');
  const chosen = reason === undefined ? await newPassword(context, password, current.attributes, await credentialOf(context.scope, person)) : undefined;
  await perform(context, person, {
    action: 'setPassword', event: { kind: 'setPassword', at: timestamp(context), mustChange },
    effects: (_attributes, stored) => Promise.resolve(chosen ? { account: { password: chosen, resetsFailures: factsOf(stored.attributes).lockedAt === undefined } } : {}),
  });
}
