/**
 * From the attributes that a client writes to what it asserts: the events of `state.ts`. What is left out says nothing, and a PUT that repeats
 * what its client said before says nothing new: it revives nobody (L2, L5). A PATCH that names an attribute always asserts.
 */
import { invalidValue } from '../errors.ts';
import type { Change } from '../resources/behaviours.ts';
import { mayDo, timestamp, type Context } from '../resources/context.ts';
import type { Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import type { Said } from '../store/documents.ts';
import { complexAt, textAt } from './attributes.ts';
import { endOf, readDay, startOf, zoneOf } from './dates.ts';
import { addressOf, factsOf, type Facts, type SignInMethod } from './facts.ts';
import type { Event } from './state.ts';

const path = (name: string) => `${ACCOUNT_EXTENSION}:${name}`;
const accountOf = (attributes: Attributes) => complexAt(attributes, ACCOUNT_EXTENSION);

/** Before the events: what only they may change is as it was. */
export function startingFacts({ principal }: Context, { after }: Change, before: Facts | undefined): Facts {
  const asked = factsOf(after);
  if (!before) return { ...asked, dates: NO_DATES, signInMethod: asked.signInMethod === 'none' && principal.newcomers === 'sso' ? 'sso' : asked.signInMethod };
  return { ...asked, active: before.active, lockedAt: before.lockedAt, signInMethod: before.signInMethod, dates: before.dates };
}

const NO_DATES = { hireDate: undefined, leaveDate: undefined, hiresAt: undefined, leavesAt: undefined };

/** L1, L5: who is made, or comes back without a login, signs in as the client says of newcomers. */
function methodAsked({ principal }: Context, { after, adopts }: Change, before: Facts | undefined): SignInMethod {
  const { signInMethod } = factsOf(after);
  return adopts && signInMethod === 'none' && before?.signInMethod === 'none' && principal.newcomers === 'sso' ? 'sso' : signInMethod;
}

/** What the client has now said last of what it may say again; an attribute that a PATCH leaves alone it has not said. */
export function saidOf({ principal }: Context, { after, before, named, whole }: Change): Said {
  const earlier: Said = before?.said.find(({ client }) => client === principal.client) ?? {};
  const says = (name: string, now: unknown, stored: unknown) => whole || named.has(name) || now !== stored;
  const { active = before === undefined || named.has('active') ? true : undefined } = after;
  const leaveDate = textAt(accountOf(after), 'leaveDate');
  const asserted = {
    active: says('active', after['active'], before?.attributes['active']) && typeof active === 'boolean' ? active : earlier.active,
    leaveDate: says(path('leaveDate'), leaveDate, before && textAt(accountOf(before.attributes), 'leaveDate')) ? leaveDate : earlier.leaveDate,
  };
  return { ...(asserted.active === undefined ? {} : { active: asserted.active }), ...(asserted.leaveDate === undefined ? {} : { leaveDate: asserted.leaveDate }) };
}

/** @throws ScimError 400 invalidValue for a date that is none, and for a lock */
export function* eventsOf(context: Context, change: Change, before: Facts | undefined): Generator<Event> {
  const { before: stored, after, named } = change;
  const signInMethod = methodAsked(context, change, before);
  if (before && signInMethod !== before.signInMethod) yield { kind: 'changeMethod', to: signInMethod };
  if (takesPassword(context, change)) yield { kind: 'syncPassword', at: timestamp(context), mustChange: false };
  yield* activity(context, change, before);
  if (!before || !stored) return;
  if (addressOf(stored.attributes) !== addressOf(after)) yield { kind: 'changeAddress' };
  if (named.has(path('locked')) && askedLocked(after) !== (before.lockedAt !== undefined)) {
    if (askedLocked(after)) throw invalidValue(`${path('locked')} can only be set to false: wrong passwords lock an account.`);
    yield { kind: 'unlock' };
  }
}

const askedLocked = (attributes: Attributes) => accountOf(attributes)['locked'] === true;

/** `active` and the dates, which decide over it together. */
function* activity(context: Context, change: Change, before: Facts | undefined): Generator<Event> {
  const { tenant: { policy } } = context;
  const zone = zoneOf(change.after, policy);
  const now = timestamp(context);
  let active = before?.active ?? factsOf(change.after).active;
  // L5: whoever comes back with a first day ahead waits for it, as somebody new does.
  let waits = before ? before.dates.hiresAt !== undefined || (change.adopts && change.after['active'] !== false) : active;
  for (const event of switched(context, change, before)) {
    active = event.kind === 'reactivate';
    waits &&= event.kind !== 'cancelHire';
    yield event;
  }
  const dates = askedDates(context, change, before, zone);
  // Reactivating clears the leave date, so what is asked for beside it comes behind.
  if (dates.hireDate !== before?.dates.hireDate || dates.leaveDate !== before?.dates.leaveDate) yield { kind: 'changeDates', ...dates };
  if (waits && dates.hireDate !== undefined && startOf(dates.hireDate, zone) > now) {
    // Whoever waits already goes on: a repetition is no change, and a new day is in the dates.
    if (before?.dates.hiresAt === undefined) yield { kind: 'waitForHire' };
  } else if (before && waits && !active) yield { kind: 'hire' };
  const isOver = dates.leaveDate !== undefined && endOf(dates.leaveDate, policy, zone) <= now;
  if (active && isOver && dates.leaveDate !== before?.dates.leaveDate) yield { kind: 'leave' };
}

/** L3, L5. */
function* switched({ principal }: Context, { before: stored, after, named, whole, adopts }: Change, before: Facts | undefined): Generator<Event & { readonly kind: 'deactivate' | 'reactivate' | 'cancelHire' }> {
  if (!before || !stored) return;
  if (!whole && !named.has('active') && after['active'] === stored.attributes['active']) return;
  // A PATCH that takes it away by its name asserts that nothing stands against the person.
  const active = after['active'] === undefined ? (named.has('active') ? true : undefined) : after['active'] !== false;
  const isRepeated = !adopts && !named.has('active') && active !== undefined && stored.said.find(({ client }) => client === principal.client)?.active === active;
  if (active === undefined || isRepeated) return;
  const waits = before.dates.hiresAt !== undefined;
  if (before.active && !active) yield { kind: 'deactivate' };
  if (!before.active && !active && waits) yield { kind: 'cancelHire' };
  // Whoever waits for the first day was called active from the beginning.
  if (!before.active && active && !waits) yield { kind: 'reactivate' };
}

function askedDates({ principal }: Context, { before: stored, after, named, adopts }: Change, before: Facts | undefined, zone: string): { readonly hireDate: string | undefined; readonly leaveDate: string | undefined } {
  const account = accountOf(after);
  const leave = textAt(account, 'leaveDate');
  const isRepeated = leave !== undefined && !adopts && !named.has(path('leaveDate')) && stored?.said.find(({ client }) => client === principal.client)?.leaveDate === leave;
  return {
    hireDate: readDay('hireDate', textAt(account, 'hireDate'), zone),
    leaveDate: isRepeated && before ? before.dates.leaveDate : readDay('leaveDate', leave, zone),
  };
}

/** L7: a password is taken from clients that may set one, else ignored; also where the same change says that the person signs in without. */
export function takesPassword({ principal }: Context, { before, after, secrets }: Change): boolean {
  const { signInMethod } = factsOf(after);
  const leaves = before !== undefined && signInMethod !== 'password' && signInMethod !== factsOf(before.attributes).signInMethod;
  return typeof secrets['password'] === 'string' && mayDo(principal, 'users:password') && !leaves;
}
