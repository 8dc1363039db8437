import t from 'tap';
import { commit } from '../../src/store/commit.ts';
import type { ChangeSet } from '../../src/store/change-set.ts';
import { foldSeats } from '../../src/store/seat-counts.ts';
import { unique } from '../helpers/app.ts';
import { commandLine, toldOnce } from './command-line.ts';

const { rollcall, audited, store } = await commandLine(t);
const type = store.registry.type('User');
const tenant = (await store.collections.tenants.findOne({ name: 'default' }))?._id ?? '';
const people = store.collections.resources(type);

async function make(active: boolean): Promise<void> {
  const id = unique('id');
  const changeSet: ChangeSet = {
    write: { kind: 'insert', type, id, audience: 'employee', at: new Date().toISOString(), attributes: { userName: id, active }, externalId: undefined, claims: [], members: undefined, references: [] },
    audit: { by: { kind: 'system', id: 'test' }, action: 'create', on: { type: 'User', id }, request: '', changed: [] },
  };
  await commit(store.scope(tenant), changeSet);
}
const doctor = async () => (await rollcall('doctor', '--json')).json.checks.find(({ name }: { name: string }) => name === 'seats');

t.test('recount: right, folded or not', async (t) => {
  for (const active of [true, true, false]) await make(active);
  for (const when of ['not folded', 'folded']) {
    const { code, out } = await rollcall('seats', 'recount', 'default');
    t.equal(code, 0, when);
    t.equal(out, [
      'population  billed  kept as billed  unbilled  kept as unbilled',
      'employee    2       2               1         1',
      'external    0       0               0         0',
      'portal      0       0               0         0',
      'contact     0       0               0         0',
      '',
      'The counts of default are right.',
      '',
    ].join('\n'));
    await foldSeats(store);
  }
  t.match((await rollcall('seats', 'recount', 'default', '--mend', '--json')).json, { differs: false, mended: false });
  t.equal(await audited('seats.mend'), 0);
});

t.test('recount: wrong, told with 1 until it is mended', async (t) => {
  await people.deleteOne({ t: tenant, 'a.active': false });
  const found = await rollcall('seats', 'recount', 'default');
  t.equal(found.code, 1);
  t.match(found.out, /^employee +2 +2 +0 +1$/m);
  t.match(found.out, /The counts of default are wrong: set them right with --mend\.\n$/);
  t.equal(found.err, '');
  t.match(await rollcall('seats', 'recount', 'default', '--json'), { code: 1, json: { tenant: 'default', people: { employee: { billed: 2, unbilled: 0 } }, kept: { employee: { billed: 2, unbilled: 1 } }, differs: true, mended: false } });
  t.equal(await audited('seats.mend'), 0, 'looking changes nothing');
  const mended = await rollcall('seats', 'recount', 'default', '--mend');
  t.equal(mended.code, 1, 'it did differ');
  t.match(mended.out, /were wrong and are set right\.\n$/);
  t.equal(await audited('seats.mend'), 1);
  t.match(await store.collections.audit.findOne({ action: 'seats.mend' }), { by: { id: 'command line' }, on: { type: 'Tenant', id: tenant }, values: { employee: { billed: 0, unbilled: -1 } } });
  t.equal((await rollcall('seats', 'recount', 'default')).code, 0);
});

t.test('recount: what is asked wrongly', async (t) => {
  toldOnce(t, await rollcall('seats', 'recount', 'nobody'), 1, /There is no tenant "nobody"/);
  toldOnce(t, await rollcall('seats', 'recount'), 2, /Missing required argument 'tenant'/);
});

t.test('doctor: deltas that nobody folds, and counts that cannot be', async (t) => {
  await foldSeats(store);
  t.match(await doctor(), { state: 'ok' });
  await make(true);
  t.match(await doctor(), { state: 'ok' }, 'it has just happened');
  await store.collections.seatDeltas.updateMany({ t: tenant }, { $set: { at: new Date(Date.now() - 6 * 60_000) } });
  t.match(await doctor(), { state: 'warn', text: /is not folded.*ROLLCALL_ROLE all or worker/ });
  await foldSeats(store);
  await store.collections.seats.updateOne({ _id: tenant }, { $set: { 'counts.portal': { billed: -1, unbilled: 0 } } });
  t.match(await doctor(), { state: 'fail', text: /the counts of default are below zero.*recount/ });
});
