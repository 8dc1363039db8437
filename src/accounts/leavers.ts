/**
 * What dates do by themselves: J10, L1, L4. Any number of workers may do it: the state machine refuses what has happened already, so a date acts
 * once and leaves one audit entry. A zone or a policy that changes needs no rewriting: the instant is worked out again when it is near.
 */
import { randomUUID } from 'node:crypto';
import { ScimError } from '../errors.ts';
import { leaveHeld, leaveNotice } from '../mail/administrator-mails.ts';
import { policyOf, type Policy } from '../policy.ts';
import type { Context } from '../resources/context.ts';
import { administratorIds } from '../store/administrators.ts';
import type { StoredResource } from '../store/codec.ts';
import { heldUntil, holdAgain, peopleDue, tellOnce } from '../store/leavers.ts';
import { findMany } from '../store/resources.ts';
import { DAY_MS } from '../time.ts';
import { complexAt, textAt } from './attributes.ts';
import { endOf, lastDayOf, startOf, withInstants, zoneOf } from './dates.ts';
import { addressOf, factsOf, isToBeInvited, nameOf, userNameOf } from './facts.ts';
import { invitationEffects } from './invitation.ts';
import { letterhead, mailTo, mailsOf, type Mail } from './mails.ts';
import { whyNot, type Event } from './state.ts';
import { systemContext, type Surroundings } from './system.ts';
import { perform, userType, type Verb } from './verbs.ts';

/** Zones are up to 26 hours apart, and the policy moves a date by a day: what is stored may be off by that much. */
const NEAR_MS = 50 * 60 * 60 * 1000;

/** The worker's context in each tenant. */
async function* tenantsOf(surroundings: Surroundings): AsyncGenerator<Context> {
  for await (const { _id, name, policy } of surroundings.store.collections.tenants.find({ state: 'active' })) {
    if (surroundings.store.closing) return;
    yield systemContext(surroundings, { tenant: { id: _id, name, policy: policyOf(policy) }, actor: { kind: 'system', id: 'dates' }, requestId: randomUUID(), from: undefined });
  }
}

/** @returns how many people it changed */
export async function actOnDates(surroundings: Surroundings): Promise<number> {
  let changed = 0;
  for await (const context of tenantsOf(surroundings)) {
    const until = new Date(context.now().getTime() + NEAR_MS).toISOString();
    for await (const person of peopleDue(context.scope, 'leavesAt', { until })) if (isOver(context, person) && (await leave(context, person))) changed++;
    for await (const person of peopleDue(context.scope, 'hiresAt', { until })) if (hasBegun(context, person) && (await hire(context, person))) changed++;
  }
  return changed;
}

/** How many more would be over at once under another policy. */
export async function countLeavingUnder(context: Context, policy: Policy): Promise<number> {
  const until = new Date(context.now().getTime() + NEAR_MS).toISOString();
  const next = { ...context, tenant: { ...context.tenant, policy } };
  let count = 0;
  for await (const person of peopleDue(context.scope, 'leavesAt', { until })) if (isOver(next, person) && !isOver(context, person)) count++;
  return count;
}

const isOver = ({ tenant: { policy }, now }: Pick<Context, 'tenant' | 'now'>, { attributes }: StoredResource) => {
  const { leaveDate } = factsOf(attributes).dates;
  return leaveDate !== undefined && endOf(leaveDate, policy, zoneOf(attributes, policy)) <= now().toISOString();
};

const hasBegun = ({ tenant: { policy }, now }: Context, { attributes }: StoredResource) => {
  const { hireDate } = factsOf(attributes).dates;
  return hireDate !== undefined && startOf(hireDate, zoneOf(attributes, policy)) <= now().toISOString();
};

/** The last administrator is held, and tried again daily (Combinations). Whom a worker that was killed still has locked is tried again at the next turn. */
async function leave(context: Context, person: StoredResource): Promise<boolean> {
  const held = (await heldUntil(context.scope, [person.id])).get(person.id);
  if (held && held > context.now()) return false;
  try {
    return await once(context, person.id, { kind: 'leave' });
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    if (error.status !== 409) return later(context, person, error);
    const mails = await toAdministrators(context, 'leaveHeld', person.id, (letter, name) => leaveHeld(letter, { name, person: callName(person), link: `${context.publicUrl}/sign-in` }));
    await holdAgain(context.scope, person.id, context.now(), new Date(context.now().getTime() + DAY_MS), mails);
    return false;
  }
}

/** L1: who was to be invited is invited on the first day. */
async function hire(context: Context, person: StoredResource): Promise<boolean> {
  try {
    return await once(context, person.id, { kind: 'hire' }, (attributes) => (isToBeInvited(factsOf(attributes)) ? invitationEffects(context, person.id, attributes, {}, false) : Promise.resolve({})));
  } catch (err) {
    if (!(err instanceof ScimError)) throw err;
    return later(context, person, err);
  }
}

/** Whose date cannot act keeps nobody else from theirs. */
function later({ log }: Context, { id }: StoredResource, err: ScimError): false {
  log.warn({ err, person: id }, 'a date could not act yet');
  return false;
}

/** @returns false where another worker, or somebody, was faster */
async function once(context: Context, person: string, event: Event & { readonly kind: 'leave' | 'hire' }, effects: Verb['effects'] = () => Promise.resolve({})): Promise<boolean> {
  let isLate = false;
  await perform(context, person, { action: event.kind, event, effects, when: (facts) => !(isLate = whyNot(facts, event.kind) !== undefined) });
  return !isLate;
}

/** J10: some days ahead (policy `leaveNoticeDays`), to managers about their own people and to administrators about all, once for each date. */
export async function tellOfLeavers(surroundings: Surroundings): Promise<void> {
  for await (const context of tenantsOf(surroundings)) {
    const days = context.tenant.policy.leaveNoticeDays;
    const now = context.now();
    if (days > 0) await tell(context, await leaversUntil(context, now, new Date(now.getTime() + days * DAY_MS)));
  }
}

export interface LeavingPerson {
  readonly id: string;
  readonly name: string;
  readonly leaveDate: string;
  readonly lastDay: string;
  /** Canonical text. */
  readonly leavesAt: string;
  readonly manager: string | undefined;
}

/** Who leaves within a time, the first to leave first. */
export async function leaversUntil(context: Context, after: Date, until: Date, most = 10_000): Promise<readonly LeavingPerson[]> {
  const { policy } = context.tenant;
  const found: LeavingPerson[] = [];
  for await (const person of peopleDue(context.scope, 'leavesAt', { after: after.toISOString(), until: until.toISOString() })) {
    const { dates } = factsOf(person.attributes);
    const { leaveDate, leavesAt } = withInstants(dates, person.attributes, policy);
    if (leaveDate === undefined || leavesAt === undefined) continue;
    found.push({ id: person.id, name: callName(person), leaveDate, lastDay: lastDayOf(leaveDate, policy), leavesAt, manager: textAt(complexAt(complexAt(person.attributes, ENTERPRISE), 'manager'), 'value') });
    if (found.length === most) break;
  }
  return found;
}

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PEOPLE_AT_ONCE = 100;

async function tell(context: Context, leavers: readonly LeavingPerson[]): Promise<void> {
  if (leavers.length === 0) return;
  const administrators = await administratorIds(context.scope);
  for (let start = 0; start < leavers.length; start += PEOPLE_AT_ONCE) {
    const some = leavers.slice(start, start + PEOPLE_AT_ONCE);
    const readers = await findMany(context.scope, userType(context), [...new Set([...administrators, ...some.flatMap(({ manager }) => manager ?? [])])]);
    await tellOnce(context.scope, some, (fresh) => mailsOf(...Array.from(readers.values(), (reader) => noticeTo(context, reader, some.filter(({ id, manager }) =>
      fresh.has(id) && (manager === reader.id || administrators.includes(reader.id)))))), context.now());
  }
}

function noticeTo(context: Context, { id, attributes }: StoredResource, people: readonly LeavingPerson[]): Mail | undefined {
  if (people.length === 0 || attributes['active'] === false) return undefined;
  const content = leaveNotice(letterhead(context, attributes), { name: nameOf(attributes) || userNameOf(attributes), people, link: `${context.publicUrl}/sign-in` });
  return about(people.map((person) => person.id), mailTo(context, 'leaveNotice', id, attributes, addressOf(attributes), content));
}

/** A mail that names others. */
const about = (people: readonly string[], mail: Mail | undefined): Mail | undefined => mail && { ...mail, about: people };

async function toAdministrators(context: Context, kind: string, person: string, contentFor: (letter: ReturnType<typeof letterhead>, name: string) => ReturnType<typeof leaveHeld>): Promise<readonly Mail[]> {
  const people = await findMany(context.scope, userType(context), await administratorIds(context.scope));
  return mailsOf(...Array.from(people.values(), ({ id, attributes }) =>
    attributes['active'] === false ? undefined : about([person], mailTo(context, kind, id, attributes, addressOf(attributes), contentFor(letterhead(context, attributes), nameOf(attributes) || userNameOf(attributes))))));
}

const callName = ({ attributes }: StoredResource) => nameOf(attributes) || userNameOf(attributes);
