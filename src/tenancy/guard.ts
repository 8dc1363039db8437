/** What administrators see of a client's guard, and what they decide when it holds something back: `clients.manage`. */
import { conflict, invalidValue, notFound } from '../errors.ts';
import type { ClientDocument, GuardAmount, GuardDocument, GuardHold } from '../store/documents.ts';
import { countPeople, decide, readGuard, type Decision } from '../store/guard.ts';
import { limitsAt, peopleOf, UNDECIDED_MS, usedOf, type GuardLimits } from '../store/guard-window.ts';
import { transact } from '../store/transaction.ts';
import { audienceOf, settingsOf } from './client-settings.ts';
import type { Doing } from './doing.ts';

export interface GuardView {
  /** Deactivations and deletions of people, and members taken out of groups, within an hour. */
  readonly changes: Room;
  readonly members: Room;
  /** What an administrator released and was not used: so many more, or without numbers everything. */
  readonly released?: Partial<GuardAmount> & { readonly until: Date };
  readonly hold?: GuardHold;
}

interface Room {
  /** `null`: none. */
  readonly limit: number | null;
  readonly used: number;
}

/** How much is let through: so many of each beyond the limits, or everything for so many minutes. Nothing named: the limits hold again. */
export interface Release extends Partial<GuardAmount> {
  readonly minutes?: number;
}

const MOST = 100_000_000;
const MOST_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;

/** @throws ScimError 404 */
export async function getGuard({ store, now }: Doing, tenant: string, id: string): Promise<GuardView> {
  const client = await store.collections.clients.findOne({ _id: id, t: tenant });
  if (!client) throw notFound('Client');
  const limits = limitsOf(client);
  const seen = store.scope(tenant, audienceOf(settingsOf(client), new Set(client.scopes)));
  const [document, people] = await Promise.all([readGuard(seen, id), limits.changes > 0 && limits.share > 0 ? countPeople(seen) : 0]);
  return viewOf(document, limits, people, now());
}

const limitsOf = (client: ClientDocument): GuardLimits => {
  const { guardChanges: changes, guardShare: share, guardMembers: members } = settingsOf(client);
  return { changes, share, members };
};

function viewOf(document: GuardDocument, limits: GuardLimits, people: number, at: Date): GuardView {
  const used = usedOf(document, at);
  const limit = limitsAt(limits, peopleOf(document, at) ?? people);
  const room = (kind: keyof GuardAmount): Room => ({ limit: limits[kind] === 0 ? null : limit[kind], used: used[kind] });
  const { released, hold } = document;
  const isOver = hold?.state === 'open' && hold.since.getTime() <= at.getTime() - UNDECIDED_MS;
  return {
    changes: room('changes'), members: room('members'),
    ...(released && released.until > at ? { released: { ...(released.all ? {} : { changes: released.changes, members: released.members }), until: released.until } } : {}),
    ...(hold && !isOver ? { hold } : {}),
  };
}

/** Ends a hold; what was released before and not used is gone. @throws ScimError 400 naming the number, 404 */
export async function releaseGuard(doing: Doing, tenant: string, id: string, release: Release): Promise<GuardView> {
  const { changes = 0, members = 0, minutes } = release;
  for (const [name, value, most] of [['changes', changes, MOST], ['members', members, MOST], ['minutes', minutes ?? 1, MOST_MINUTES]] as const) {
    if (!Number.isInteger(value) || value < (name === 'minutes' ? 1 : 0) || value > most) throw invalidValue(`${name} must be a whole number from ${name === 'minutes' ? 1 : 0} to ${most}.`);
  }
  if (minutes !== undefined && (release.changes ?? release.members) !== undefined) throw invalidValue('minutes lets everything through, so changes and members say nothing beside it.');
  const until = new Date(doing.now().getTime() + (minutes ?? MOST_MINUTES) * MINUTE_MS);
  const isSome = minutes !== undefined || changes > 0 || members > 0;
  return decideAs(doing, tenant, id, { kind: 'release', released: isSome ? { changes, members, all: minutes !== undefined, until } : undefined }, { ...release });
}

/** Nothing passes any more until it is released, whatever the limits are. @throws ScimError 404, 409 for a client without limits */
export async function refuseGuard(doing: Doing, tenant: string, id: string): Promise<GuardView> {
  return decideAs(doing, tenant, id, { kind: 'refuse' }, {});
}

async function decideAs(doing: Doing, tenant: string, id: string, decision: Decision, values: Readonly<Record<string, unknown>>): Promise<GuardView> {
  const { store, by, request, from } = doing;
  await transact(store, async (session) => {
    const client = await store.collections.clients.findOne({ _id: id, t: tenant }, { session });
    if (!client) throw notFound('Client');
    const { changes, members } = limitsOf(client);
    if (changes === 0 && members === 0) throw conflict('The guard of this client is off: set guardChanges or guardMembers first.');
    const audit = { by, action: `guard.${decision.kind}`, on: { type: 'Client', id }, request, ...(from === undefined ? {} : { from }), changed: [], values };
    await decide({ ...store.scope(tenant), session }, id, decision, audit, doing.now());
  });
  return getGuard(doing, tenant, id);
}
