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
import { isOutdated } from './hashing.ts';
import { hashPassword, signInGate, verifyNothing, verifyPassword } from './passwords.ts';
import { perform } from './verbs.ts';

export interface Judged {
  readonly person: StoredResource;
  /** As it was when the password was verified: its epoch is that of what follows. */
  readonly credential: CredentialDocument;
}

export interface Trial<T> {
  readonly name: string;
  readonly password: string;
  readonly find: () => Promise<StoredResource | undefined>;
  readonly accept: (judged: Judged) => Promise<T>;
}

/** In one lane; whoever comes when so many wait is refused at once, so that a storm at one name keeps nobody out for long. */
const MOST_WAITING = 20;
const waiting = new Map<string, number>();

/**
 * One attempt after the other: those at once would each hold one while it is judged, and right ones would look like a storm. For a name that
 * nobody has too: whether attempts wait for each other must not tell who exists.
 * @param name as it was typed. @param find looks whose it is, when it is their turn
 * @param accept writes what a right password leads to, and that nothing counts any more, before the next one is judged
 * @returns undefined for a wrong password
 * @throws ScimError 503 when too many wait to be checked
 */
export async function tryPassword<T>(context: Context, { name, password, find, accept }: Trial<T>): Promise<T | undefined> {
  const { store, tenant } = context.scope;
  const lane = `sign-in|${tenant}|${fold(name)}`;
  const before = waiting.get(lane) ?? 0;
  if (before >= MOST_WAITING) return undefined;
  waiting.set(lane, before + 1);
  try {
    return await store.lock.run([lane], () => signInGate.run(async () => {
      const judged = await attempt(context, await find(), password);
      return judged && (await accept(judged));
    }));
  } finally {
    const left = (waiting.get(lane) ?? 1) - 1;
    if (left === 0) waiting.delete(lane);
    else waiting.set(lane, left);
  }
}

/** Guesses at an account that nobody can sign in to are not counted: they would lock it for when it is reactivated. */
function mayTry({ attributes }: StoredResource): boolean {
  const facts = factsOf(attributes);
  return statusOf(facts) === 'active' && facts.signInMethod === 'password';
}

async function attempt(context: Context, person: StoredResource | undefined, password: string): Promise<Judged | undefined> {
  const tried = person && mayTry(person) ? person : undefined;
  const credential = await reserve(context, tried?.id ?? '');
  const right = await verified(context, credential, password);
  if (tried && !credential) await lockForgotten(context, tried);
  if (!tried || !credential) return undefined;
  if (!right) {
    countWrong(context, tried, credential);
    return undefined;
  }
  await rehash(context, credential, password);
  return { person: tried, credential };
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

/** Of guesses: nobody outside can end the database between two of them, and waiting for its journal would tell who exists. */
const COUNTED = { w: 1, journal: false } as const;

/** Takes one of the attempts that are left; for nobody it takes as long. @returns undefined where there is none, or no password */
async function reserve({ scope, tenant, now }: Context, person: string): Promise<CredentialDocument | undefined> {
  const found = await scope.store.collections.credentials.findOneAndUpdate(
    { _id: person, t: scope.tenant, hash: { $exists: true }, $or: [{ t: scope.tenant, failures: { $exists: false } }, { t: scope.tenant, failures: { $lt: tenant.policy.lockoutAttempts } }] },
    { $inc: { failures: 1 }, $set: { tried: now() } },
    { returnDocument: 'after', writeConcern: COUNTED },
  );
  return found ?? undefined;
}

/** All attempts are used up and the status does not say so: the process that counted the last one has died, or the policy became stricter. */
async function lockForgotten(context: Context, person: StoredResource): Promise<void> {
  const { scope, now } = context;
  const judged = new Date(now().getTime() - JUDGED_WITHIN_MS);
  if (await scope.store.collections.credentials.findOne({ _id: person.id, t: scope.tenant, hash: { $exists: true }, $nor: [{ tried: { $gt: judged } }] }, { projection: { _id: 1 } })) await lock(context, person);
}

/**
 * The attempt that was the last one locks: the status is for everybody to see, the count was what decided. Nobody waits for it: the time of the
 * last guess would tell that there is an account (13 ms of 42, measured).
 */
function countWrong(context: Context, person: StoredResource, credential: CredentialDocument): void {
  if ((credential.failures ?? 0) >= context.tenant.policy.lockoutAttempts) context.scope.store.background(lock(context, person), 'an account was not locked');
}

/** Where somebody else was faster, signed in meanwhile or switched the account off, there is nothing to lock. */
async function lock(context: Context, { id }: StoredResource): Promise<void> {
  const account = { needsFailures: context.tenant.policy.lockoutAttempts };
  try {
    await perform(context, id, { action: 'lock', event: { kind: 'lock', at: timestamp(context) }, effects: () => Promise.resolve({ account }) });
  } catch (error) {
    if (!(error instanceof ScimError) || error.status === 503) throw error;
  }
}

/** What was hashed with weaker parameters. */
async function rehash({ scope }: Context, { _id, hash = '' }: CredentialDocument, password: string): Promise<void> {
  if (isOutdated(hash)) await scope.store.collections.credentials.updateOne({ _id, t: scope.tenant, hash }, { $set: { hash: await hashPassword(password) } });
}

async function giveBack({ scope }: Context, { _id }: CredentialDocument): Promise<void> {
  await scope.store.collections.credentials.updateOne({ _id, t: scope.tenant, failures: { $gt: 0 } }, { $inc: { failures: -1 } });
}
