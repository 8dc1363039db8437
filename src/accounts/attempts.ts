/**
 * Whether a password is somebody's: J7. An attempt is reserved before the password is verified, so that of many guesses at once exactly as
 * many are verified as the policy allows (measured: 198 of 200 passed where it was counted afterwards). Unknown, wrong, locked and deactivated
 * take one verification each.
 */
import { ScimError } from '../errors.ts';
import { timestamp, type Context } from '../resources/context.ts';
import { fold } from '../scim/fold.ts';
import type { CredentialDocument } from '../store/account-documents.ts';
import type { StoredResource } from '../store/codec.ts';
import { factsOf, statusOf } from './facts.ts';
import { hashPassword, isOutdated, verifyNothing, verifyPassword } from './passwords.ts';
import { perform } from './verbs.ts';

/**
 * One attempt after the other: those at once would each hold one while it is judged, and right ones would look like a storm. For a name that
 * nobody has too: whether attempts wait for each other must not tell who exists.
 * @param name as it was typed. @returns the credential of a right password. @throws ScimError 503 when too many wait to be checked
 */
export function tryPassword(context: Context, name: string, person: StoredResource | undefined, password: string): Promise<CredentialDocument | undefined> {
  const { store, tenant } = context.scope;
  return store.lock.run([`sign-in|${tenant}|${fold(name)}`], async () => {
    if (person && mayTry(person)) return attempt(context, person, password);
    await verifyNothing(password);
    return undefined;
  });
}

/** Guesses at an account that nobody can sign in to are not counted: they would lock it for when it is reactivated. */
function mayTry({ attributes }: StoredResource): boolean {
  const facts = factsOf(attributes);
  return statusOf(facts) === 'active' && facts.signInMethod === 'password';
}

async function attempt(context: Context, person: StoredResource, password: string): Promise<CredentialDocument | undefined> {
  const credential = await reserve(context, person);
  const right = await verified(context, credential, password);
  if (credential && right) await forgetFailures(context, credential, password);
  else if (credential) await countWrong(context, person, credential);
  return right ? credential : undefined;
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
  if ((credential.failures ?? 0) >= context.tenant.policy.lockoutAttempts) await lock(context, person);
}

/** Where somebody else was faster, or switched the account off meanwhile, there is nothing left to lock. */
async function lock(context: Context, { id }: StoredResource): Promise<void> {
  try {
    await perform(context, id, { action: 'lock', event: { kind: 'lock', at: timestamp(context) } });
  } catch (error) {
    if (!(error instanceof ScimError) || error.status === 503) throw error;
  }
}

/** A right password resets the count, and hashes anew what was hashed with weaker parameters. */
async function forgetFailures({ scope }: Context, { _id, hash = '' }: CredentialDocument, password: string): Promise<void> {
  const { credentials } = scope.store.collections;
  await credentials.updateOne({ _id, t: scope.tenant }, { $set: { failures: 0 } });
  if (isOutdated(hash)) await credentials.updateOne({ _id, t: scope.tenant, hash }, { $set: { hash: await hashPassword(password) } });
}

async function giveBack({ scope }: Context, { _id }: CredentialDocument): Promise<void> {
  await scope.store.collections.credentials.updateOne({ _id, t: scope.tenant, failures: { $gt: 0 } }, { $inc: { failures: -1 } });
}
