/** What the database holds: its version, its signing keys, its tenants, tokens that somebody must renew, and counts of seats. */
import { POPULATIONS } from '../../store/audience.ts';
import type { Store } from '../../store/store.ts';
import { instant } from '../lines.ts';
import { DATABASE_VERSION } from '../../store/migrations.ts';
import { versionFault, versionOf } from '../open.ts';
import { closedTo, storedKeys } from '../signing-keys.ts';
import { fail, ok, warn, type Check } from './check.ts';
import { DAY_MS } from '../../time.ts';

export async function databaseCheck(store: Store): Promise<Check> {
  const version = await versionOf(store);
  return version === DATABASE_VERSION ? ok('database', `version ${version}`) : fail('database', versionFault(version));
}

/** @param secretKeys throws where there is none */
export async function keyCheck(store: Store, secretKeys: () => readonly string[]): Promise<Check> {
  const keys = await storedKeys(store);
  if (keys.length === 0) return ok('secret key', 'there is no signing key yet');
  const secrets = secretKeys();
  const closed = closedTo(secrets, keys).map(({ _id }) => _id);
  if (closed.length === 0) return ok('secret key', `SECRET_KEY opens every signing key (${keys.length})`);
  const remedy = 'put the SECRET_KEY that they were made with behind the present one, separated by a comma, then run "rollcall keys reseal".';
  return fail('secret key', `SECRET_KEY does not open the signing keys ${closed.join(', ')}: ${remedy}`);
}

export async function tenantCheck({ collections }: Store): Promise<Check> {
  const count = (state: 'active' | 'suspended') => collections.tenants.countDocuments({ state });
  const [active, suspended, clients] = await Promise.all([count('active'), count('suspended'), collections.clients.countDocuments({})]);
  const text = `active: ${active}, suspended: ${suspended}; clients in all: ${clients}`;
  return active === 0 ? warn('tenants', `${text}: nobody can use the server before there is one, see "rollcall tenant --help".`) : ok('tenants', text);
}

const SOON_DAYS = 14;
/** In one line. */
const MOST_TOLD = 5;

/** Those that end soon and have no successor yet. */
export async function tokenCheck({ collections }: Store, now: Date): Promise<Check> {
  const { tenants, clients, tokens } = collections;
  const succeeded = await tokens.distinct('succeeds.token');
  const soon = new Date(now.getTime() + SOON_DAYS * DAY_MS);
  const handled = succeeded.filter((id) => typeof id === 'string');
  const ending = await tokens.find({ expires: { $gt: now, $lte: soon }, _id: { $nin: handled } }).sort({ expires: 1 }).toArray();
  if (ending.length === 0) return ok('tokens', `none ends within ${SOON_DAYS} days`);
  const told = await Promise.all(ending.slice(0, MOST_TOLD).map(async ({ t, client, label, expires }) => {
    const [tenant, owner] = await Promise.all([tenants.findOne({ _id: t }), clients.findOne({ _id: client, t })]);
    return `${label} of ${owner?.name ?? client} in ${tenant?.name ?? t} (${instant(expires)})`;
  }));
  const more = ending.length > MOST_TOLD ? ` and ${ending.length - MOST_TOLD} more` : '';
  return warn('tokens', `${ending.length} end within ${SOON_DAYS} days: ${told.join(', ')}${more}. Make successors with "rollcall token successor".`);
}

/** The worker folds them every few seconds. */
const WAITING_MS = 5 * 60_000;

/** Whether somebody folds the deltas, and no count is one that cannot be; `rollcall seats recount` looks at the people themselves. */
export async function seatCheck({ collections }: Store, now: Date): Promise<Check> {
  const { seats, seatDeltas, tenants } = collections;
  const below = POPULATIONS.flatMap((population) => [{ [`counts.${population}.billed`]: { $lt: 0 } }, { [`counts.${population}.unbilled`]: { $lt: 0 } }]);
  const wrong = await seats.find({ $or: below }, { projection: { _id: 1 }, limit: MOST_TOLD }).map(({ _id }) => _id).toArray();
  if (wrong.length > 0) {
    const names = await tenants.find({ _id: { $in: wrong } }).map(({ name }) => name).toArray();
    return fail('seats', `the counts of ${names.join(', ')} are below zero: set them right with "rollcall seats recount TENANT --mend".`);
  }
  const oldest = await seatDeltas.findOne({}, { sort: { _id: 1 }, projection: { at: 1 } });
  if (!oldest || now.getTime() - oldest.at.getTime() < WAITING_MS) return ok('seats', 'nothing waits to be counted');
  return warn('seats', `what changed since ${instant(oldest.at)} is not folded into the counts: let a server run with ROLLCALL_ROLE all or worker.`);
}
