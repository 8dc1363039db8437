/** Clients as those see them who look after them: whether they work, which of their tokens end soon, and what has arrived of them so far. */
import { DAY_MS } from '../time.ts';
import { listClients, type Client } from './clients.ts';
import type { Doing } from './doing.ts';
import { listAllTokens, type Token } from './tokens.ts';

/** The first that holds. */
export type ConnectionState = 'off' | 'held' | 'noToken' | 'waiting' | 'active';

export interface Connection {
  readonly client: Client;
  readonly state: ConnectionState;
  readonly lastUsed: Date | undefined;
  /** Those that have not ended. */
  readonly tokens: readonly Token[];
  /** Those that end soon and have no successor. */
  readonly endingSoon: readonly Token[];
}

const SOON_DAYS = 14;

export async function listConnections(doing: Doing, tenant: string): Promise<readonly Connection[]> {
  const [clients, tokens, held] = await Promise.all([listClients(doing, tenant), listAllTokens(doing, tenant), heldClients(doing, tenant)]);
  return clients.map((client) => connectionOf(doing, client, tokens.filter((token) => token.client === client.id), held.has(client.id)));
}

async function heldClients({ store }: Doing, tenant: string): Promise<ReadonlySet<string>> {
  const found = await store.collections.guards.find({ t: tenant, hold: { $exists: true } }, { projection: { _id: 1 } }).toArray();
  return new Set(found.map(({ _id }) => _id));
}

export function connectionOf({ now }: Doing, client: Client, all: readonly Token[], isHeld: boolean): Connection {
  const at = now();
  const tokens = all.filter(({ expires }) => expires > at);
  const succeeded = new Set(all.map(({ succeeds }) => succeeds));
  const soon = new Date(at.getTime() + SOON_DAYS * DAY_MS);
  const uses = all.flatMap(({ lastUsed }) => (lastUsed ? [lastUsed.getTime()] : []));
  const lastUsed = uses.length === 0 ? undefined : new Date(Math.max(...uses));
  return {
    client, tokens, lastUsed,
    endingSoon: tokens.filter(({ id, expires }) => expires <= soon && !succeeded.has(id)),
    state: !client.settings.enabled ? 'off' : isHeld ? 'held' : tokens.length === 0 ? 'noToken' : lastUsed === undefined ? 'waiting' : 'active',
  };
}

/** When each was seen first; undefined: not yet, or so long ago that the log no longer has it. */
export interface FirstCalls {
  readonly call: Date | undefined;
  readonly person: Date | undefined;
  readonly group: Date | undefined;
  readonly deactivation: Date | undefined;
}

export async function firstCalls({ store: { collections, limits } }: Doing, tenant: string, client: string): Promise<FirstCalls> {
  const first = async (operation?: Readonly<Record<string, unknown>>) => {
    const found = await collections.provisioning.findOne(
      { t: tenant, client, ...(operation ? { operations: { $elemMatch: { ...operation, outcome: 'changed' } } } : { status: { $lt: 400 } }) },
      { sort: { at: 1, _id: 1 }, projection: { at: 1 }, maxTimeMS: limits.operationMs },
    );
    return found?.at;
  };
  const [call, person, group, switchedOff, deleted] = await Promise.all([
    first(), first({ action: 'create', type: 'User' }), first({ action: 'create', type: 'Group' }),
    first({ action: { $in: ['patch', 'replace'] }, type: 'User', changed: 'active' }), first({ action: 'delete', type: 'User' }),
  ]);
  return { call, person, group, deactivation: switchedOff && deleted ? (switchedOff < deleted ? switchedOff : deleted) : (switchedOff ?? deleted) };
}
