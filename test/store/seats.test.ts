/** Folding: each delta counts once, whoever folds and wherever they end, and falls on the day on which it happened. */
import t from 'tap';
import { v7 as uuid } from 'uuid';
import { dropTenants } from '../../src/store/retention.ts';
import { foldDeltas, foldSeats, readBooks } from '../../src/store/seat-counts.ts';
import type { SeatChange } from '../../src/store/seat-documents.ts';
import { inSnapshot } from '../../src/store/snapshot.ts';
import { DIED, dyingStore, type Death } from '../helpers/dying.ts';
import { openTestStore } from '../helpers/store.ts';

const store = await openTestStore(t, import.meta.url);
const others = await Promise.all([1, 2].map(() => openTestStore(t, import.meta.url, { database: store.collections.tenants.db.databaseName })));
const { seatDeltas, seats, seatDays, tenants } = store.collections;

const joined: SeatChange = { joined: 1, left: 0, unbilled: 0, corrected: 0 };
const left: SeatChange = { joined: 0, left: 1, unbilled: 1, corrected: 0 };
const NOON = '2026-01-05T12:00:00Z';

const newTenant = async (timeZone = 'UTC') => {
  const _id = uuid();
  await tenants.insertOne({ _id, name: _id, created: new Date(NOON), state: 'active', policy: { timeZone } });
  return _id;
};
const happen = async (tenant: string, ...happened: readonly (readonly [at: string, change: SeatChange])[]) => {
  await seatDeltas.insertMany(happened.map(([at, employee]) => ({ _id: uuid(), t: tenant, at: new Date(at), changes: { employee } })));
};
const waiting = (tenant: string) => seatDeltas.countDocuments({ t: tenant });
const kept = async (tenant: string) => (await seats.findOne({ _id: tenant, t: tenant }))?.counts;
const days = async (tenant: string) => Object.fromEntries((await seatDays.find({ t: tenant }).sort({ day: 1 }).toArray()).map(({ day, changes }) => [day, changes.employee]));
const read = (tenant: string, from = '2026-01-01') => inSnapshot(store, (snapshot) => readBooks(store.scope(tenant), snapshot, { from, timeZone: 'UTC' }));

t.test('many workers at once on a tenant that has no counts yet: once each, and nobody fails', async (t) => {
  for (let round = 0; round < 5; round++) {
    const tenant = await newTenant();
    await happen(tenant, ...Array.from({ length: 40 }, () => [NOON, joined] as const), ...Array.from({ length: 15 }, () => [NOON, left] as const));
    const workers = [store, ...others, store, ...others];
    const folded = await Promise.all(workers.map((worker) => foldDeltas(worker.scope(tenant))));
    t.equal(folded.reduce((sum, count) => sum + count), 55);
    t.same([await waiting(tenant), await kept(tenant)], [0, { employee: { billed: 25, unbilled: 15 } }]);
    t.match(await days(tenant), { '2026-01-05': { joined: 40, left: 15, unbilled: 15, rise: 40 } });
  }
});

t.test('more than one transaction takes', async (t) => {
  const tenant = await newTenant();
  const another = await newTenant();
  await happen(tenant, ...Array.from({ length: 2500 }, () => [NOON, joined] as const));
  await happen(another, [NOON, joined]);
  await Promise.all([foldSeats(store), ...others.map(foldSeats)]);
  t.same([await kept(tenant), await kept(another)], [{ employee: { billed: 2500, unbilled: 0 } }, { employee: { billed: 1, unbilled: 0 } }]);
  t.same([await waiting(tenant), await waiting(another)], [0, 0]);
});

t.test('days begin at midnight in the time zone of the tenant', async (t) => {
  const happened = [['2026-01-04T23:30:00Z', joined], ['2026-01-05T22:59:59.999Z', joined], ['2026-01-05T23:00:00Z', joined], ['2026-03-28T23:30:00Z', joined], ['2026-03-29T22:00:00Z', joined]] as const;
  const expected = {
    UTC: { '2026-01-04': 1, '2026-01-05': 2, '2026-03-28': 1, '2026-03-29': 1 },
    // Summer begins on 2026-03-29: that day ends at 22:00 UTC.
    'Europe/Amsterdam': { '2026-01-05': 2, '2026-01-06': 1, '2026-03-29': 1, '2026-03-30': 1 },
    'America/New_York': { '2026-01-04': 1, '2026-01-05': 2, '2026-03-28': 1, '2026-03-29': 1 },
  };
  for (const [zone, perDay] of Object.entries(expected)) {
    const tenant = await newTenant(zone);
    await happen(tenant, ...happened);
    await foldDeltas(store.scope(tenant));
    t.same(Object.fromEntries(Object.entries(await days(tenant)).map(([day, change]) => [day, change?.joined])), perDay, zone);
  }
});

t.test('a delta of yesterday that comes after those of today writes to its own day', async (t) => {
  const tenant = await newTenant();
  await happen(tenant, ['2026-01-05T10:00:00Z', joined], ['2026-01-06T00:00:01Z', joined]);
  await foldDeltas(store.scope(tenant));
  const today = await seatDays.findOne({ t: tenant, day: '2026-01-06' });
  await happen(tenant, ['2026-01-05T23:59:59Z', joined]);
  await foldDeltas(store.scope(tenant));
  t.same(await seatDays.findOne({ t: tenant, day: '2026-01-06' }), today);
  t.match(await days(tenant), { '2026-01-05': { joined: 2, rise: 2 } });
  t.same(await kept(tenant), { employee: { billed: 3, unbilled: 0 } });
});

t.test('the highest count of a day is that after one of its commits, in their order, over many folds', async (t) => {
  const tenant = await newTenant();
  for (const change of [joined, joined, left, joined, joined, left, left, left]) {
    await happen(tenant, [NOON, change]);
    t.match((await read(tenant)).days.get('2026-01-05')?.employee, { rise: Number }, 'before it is folded too');
    await foldDeltas(store.scope(tenant));
  }
  t.match(await days(tenant), { '2026-01-05': { joined: 4, left: 4, rise: 3 } });
  const falling = await newTenant();
  await happen(falling, [NOON, left], [NOON, left], [NOON, joined]);
  await foldDeltas(store.scope(falling));
  t.match(await days(falling), { '2026-01-05': { rise: 0 } }, 'it never rose above the opening');
});

const DEATHS: readonly Death[] = [
  ...(['before', 'after'] as const).flatMap((when): Death[] => [
    { collection: 'seatDeltas', command: 'deleteMany', when }, { collection: 'seats', command: 'updateOne', when }, { collection: 'seatDays', command: 'bulkWrite', when },
  ]),
  { when: 'before commit' }, { when: 'after commit' },
];
for (const death of DEATHS) {
  t.test(`a worker that ends ${JSON.stringify(death)}: nothing is lost, nothing counts twice`, async (t) => {
    const tenant = await newTenant();
    await happen(tenant, [NOON, joined], [NOON, joined], [NOON, left]);
    await t.rejects(foldDeltas({ tenant, store: dyingStore(store, death) }), { message: DIED });
    t.same((await read(tenant)).counts, { employee: { billed: 1, unbilled: 1 } });
    t.equal(await waiting(tenant), death.when === 'after commit' ? 0 : 3, 'all or nothing');
    await foldSeats(store);
    t.same([await waiting(tenant), await kept(tenant), (await read(tenant)).counts], [0, { employee: { billed: 1, unbilled: 1 } }, { employee: { billed: 1, unbilled: 1 } }]);
    t.match(await days(tenant), { '2026-01-05': { joined: 2, left: 1, unbilled: 1, rise: 2 } });
  });
}

t.test('whoever reads while others fold sees every delta once', async (t) => {
  const tenant = await newTenant();
  await happen(tenant, ...Array.from({ length: 1500 }, () => [NOON, joined] as const));
  const fold = { isOver: false };
  const folded = Promise.all([foldSeats(store), ...others.map(foldSeats)]).then(() => (fold.isOver = true));
  const seen = new Set<string>();
  do {
    const { counts, days: found } = await read(tenant);
    seen.add(JSON.stringify([counts, found.get('2026-01-05')?.employee?.joined]));
  } while (!fold.isOver);
  await folded;
  t.same([...seen], [JSON.stringify([{ employee: { billed: 1500, unbilled: 0 } }, 1500])]);
});

t.test('a tenant that is deleted leaves nothing, also where a delta comes late', async (t) => {
  const tenant = await newTenant();
  await happen(tenant, [NOON, joined], [NOON, joined]);
  await foldDeltas(store.scope(tenant));
  await happen(tenant, [NOON, joined]);
  await tenants.updateOne({ _id: tenant }, { $set: { state: 'deleted' } });
  await dropTenants(store);
  t.same([await waiting(tenant), await kept(tenant), await days(tenant)], [0, undefined, {}]);
  await happen(tenant, [NOON, joined]);
  await foldSeats(store);
  t.same([await waiting(tenant), await kept(tenant), await days(tenant)], [0, undefined, {}]);
});
