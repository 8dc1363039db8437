/**
 * Sign-in with a password: J7, S7, J5. An attempt is reserved before the password is verified, so that of many guesses at once exactly as many
 * are verified as the policy allows (measured: 198 of 200 passed where it was counted afterwards). Unknown, wrong, locked and deactivated are
 * answered alike, after one verification each.
 */
import { ScimError } from '../errors.ts';
import { auditOf, timestamp, type Context } from '../resources/context.ts';
import { fold } from '../scim/fold.ts';
import { unrestricted } from '../store/audience.ts';
import type { StoredResource } from '../store/codec.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { CredentialDocument } from '../store/account-documents.ts';
import { writeApart } from '../store/write-apart.ts';
import { factsOf, statusOf, type Facts } from './facts.ts';
import { findAccount } from './find-account.ts';
import { newLink } from './links.ts';
import { hashPassword, isOutdated, verifyNothing, verifyPassword } from './passwords.ts';
import { perform, userType } from './verbs.ts';
import { DAY_MS } from '../time.ts';

export type SignedIn =
  | { readonly kind: 'in'; readonly person: StoredResource; readonly epoch: number }
  /** The password was right; something is to be done before there is a session. `token` stands for that and for nothing else. */
  | { readonly kind: 'renew' | 'secondFactor' | 'enrol'; readonly token: string }
  | { readonly kind: 'refused' };

/** How long somebody has for the step between password and session. */
export const STEP_MINUTES = 15;

/** @param name user name or address, as typed. @throws ScimError 503 when too many passwords wait to be checked */
export async function signIn(given: Context, name: string, password: string): Promise<SignedIn> {
  // Who signs in is seen by themselves, whatever population they belong to.
  const context = { ...given, scope: unrestricted(given.scope) };
  const person = await findAccount(context, name);
  // One attempt after the other: those at once would each hold one while it is judged, and right ones would look like a storm. For a name
  // that nobody has too: whether attempts wait for each other must not tell who exists.
  return context.scope.store.lock.run([`sign-in|${context.scope.tenant}|${fold(name)}`], async () => {
    if (person && mayTry(person)) return attempt(context, person, password);
    await verifyNothing(password);
    return { kind: 'refused' };
  });
}

async function attempt(context: Context, person: StoredResource, password: string): Promise<SignedIn> {
  const credential = await reserve(context, person);
  const right = await verified(context, credential, password);
  if (credential && right) return accepted(context, person, credential, password);
  if (credential) await countWrong(context, person, credential);
  return { kind: 'refused' };
}

/** Guesses at an account that nobody can sign in to are not counted: they would lock it for when it is reactivated. */
function mayTry({ attributes }: StoredResource): boolean {
  const facts = factsOf(attributes);
  return statusOf(facts) === 'active' && facts.signInMethod === 'password';
}

/** An attempt that was not judged is given back: a busy server locks nobody. */
async function verified(context: Context, credential: CredentialDocument | undefined, password: string): Promise<boolean> {
  if (credential?.hash === undefined) return verifyNothing(password);
  try {
    return await verifyPassword(credential.hash, password);
  } catch (error) {
    await giveBack(context, credential);
    throw error;
  }
}

/** Longer than any verification takes: another process may be at one. */
const JUDGED_WITHIN_MS = 60_000;

/** Takes one of the attempts that are left. @returns undefined where there is none, or no password */
async function reserve(context: Context, person: StoredResource): Promise<CredentialDocument | undefined> {
  const { scope, tenant } = context;
  const { id } = person;
  const found = await scope.store.collections.credentials.findOneAndUpdate(
    { _id: id, t: scope.tenant, hash: { $exists: true }, $or: [{ t: scope.tenant, failures: { $exists: false } }, { t: scope.tenant, failures: { $lt: tenant.policy.lockoutAttempts } }] },
    { $inc: { failures: 1 }, $set: { tried: context.now() } },
    { returnDocument: 'after' },
  );
  if (found) return found;
  // All attempts are used up and the status does not say so: the process that counted the last one has died, or the policy became stricter.
  const judged = new Date(context.now().getTime() - JUDGED_WITHIN_MS);
  if (await scope.store.collections.credentials.findOne({ _id: id, t: scope.tenant, hash: { $exists: true }, $nor: [{ tried: { $gt: judged } }] }, { projection: { _id: 1 } })) await lock(context, person);
  return undefined;
}

/** The attempt that was the last one locks: the status is for everybody to see, the count was what decided. */
async function countWrong(context: Context, person: StoredResource, credential: CredentialDocument): Promise<void> {
  if ((credential.failures ?? 0) < context.tenant.policy.lockoutAttempts) return;
  await lock(context, person);
}

/** Where somebody else was faster, or switched the account off meanwhile, there is nothing left to lock. */
async function lock(context: Context, { id }: StoredResource): Promise<void> {
  try {
    await perform(context, id, { action: 'lock', event: { kind: 'lock', at: timestamp(context) } });
  } catch (error) {
    if (!(error instanceof ScimError) || error.status === 503) throw error;
  }
}

async function accepted(context: Context, person: StoredResource, credential: CredentialDocument, password: string): Promise<SignedIn> {
  const facts = factsOf(person.attributes);
  await noteSignIn(context, credential, password);
  const step = nextStep(context, facts);
  if (step === undefined) {
    await writeApart(context.scope, { person: person.id, at: context.now(), account: {}, audit: byPerson(context, 'signIn', person.id) });
    return { kind: 'in', person, epoch: credential.epoch ?? 0 };
  }
  const link = newLink(context, step, STEP_MINUTES);
  // What ended logins since the password was read ends this step too.
  const document = { ...link.document, epoch: credential.epoch ?? 0 };
  await writeApart(context.scope, { person: person.id, at: context.now(), account: { links: [document] }, audit: byPerson(context, `signIn.${step}`, person.id) });
  return { kind: step, token: link.token };
}

/** Whoever signs in does so themselves. */
const byPerson = (context: Context, action: string, id: string): AuditEntry => ({ ...auditOf(context, action, userType(context), id, []), by: { kind: 'person', id } });

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

async function giveBack({ scope }: Context, { _id }: CredentialDocument): Promise<void> {
  await scope.store.collections.credentials.updateOne({ _id, t: scope.tenant, failures: { $gt: 0 } }, { $inc: { failures: -1 } });
}

/** A good sign-in resets the count, and hashes anew what was hashed with weaker parameters. */
async function noteSignIn({ scope, now }: Context, { _id, hash = '' }: CredentialDocument, password: string): Promise<void> {
  const { credentials } = scope.store.collections;
  await credentials.updateOne({ _id, t: scope.tenant }, { $set: { failures: 0, lastSignIn: now() } });
  if (isOutdated(hash)) await credentials.updateOne({ _id, t: scope.tenant, hash }, { $set: { hash: await hashPassword(password) } });
}
