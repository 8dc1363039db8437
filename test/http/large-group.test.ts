/** Groups above 10,000 members: what would be a long transaction is a new key for the group, and a sweep behind the answer. */
import t from 'tap';
import { sweepLeftovers } from '../../src/store/sweep.ts';
import { groupBody, patchBody, startApp, userBody } from '../helpers/app.ts';

const { call, store, tenants } = await startApp(t, import.meta.url);
const groups = store.collections.resources(store.registry.type('Group'));
const edgesOf = (key: string) => store.collections.members.countDocuments({ t: tenants.own, _id: { $gte: `${key}|`, $lt: `${key}}` } });

/** A group with so many edges; their members need not exist to be counted and swept. */
async function largeGroup(count: number): Promise<{ id: string; key: string }> {
  const { body } = await call('POST', '/Groups', groupBody());
  const key = (await groups.findOne({ _id: body.id, t: tenants.own }))?.gk ?? '';
  await store.collections.members.insertMany(Array.from({ length: count }, (_, n) => ({ _id: `${key}|member-${n}`, t: tenants.own, g: key, m: `member-${n}`, ty: 'User' })), { ordered: false });
  await groups.updateOne({ _id: body.id, t: tenants.own }, { $set: { mc: count } });
  return { id: body.id, key };
}

t.test('a deleted one is gone at once and its edges soon after', async (t) => {
  const { id, key } = await largeGroup(10_001);
  t.equal((await call('DELETE', `/Groups/${id}`)).status, 204);
  t.equal((await call('GET', `/Groups/${id}`)).status, 404);
  await store.settled();
  t.equal(await edgesOf(key), 0);
  t.equal(await store.collections.sweeps.countDocuments({ t: tenants.own }), 0);
});

t.test('an emptied one has no members at once, takes new ones, and keeps none of the old', async (t) => {
  const { id, key } = await largeGroup(10_001);
  const user = await call('POST', '/Users', userBody());
  const emptied = await call('PATCH', `/Groups/${id}`, patchBody({ op: 'remove', path: 'members' }, { op: 'add', path: 'members', value: [{ value: user.body.id }] }));
  t.equal(emptied.status, 200, emptied.text);
  t.same(emptied.body.members.map(({ value }: { value: string }) => value), [user.body.id]);
  await store.settled();
  t.equal(await edgesOf(key), 0);
  const again = await call('PATCH', `/Groups/${id}`, patchBody({ op: 'remove', path: 'members' }));
  t.notOk(again.body.members);
});

t.test('what a crash left unswept is swept at the next start', async (t) => {
  const { id, key } = await largeGroup(20);
  await groups.deleteOne({ _id: id, t: tenants.own });
  await store.collections.sweeps.insertOne({ _id: key, t: tenants.own });
  await sweepLeftovers(store);
  t.equal(await edgesOf(key), 0);
  t.equal(await store.collections.sweeps.countDocuments({ t: tenants.own }), 0);
});

t.test('a list whose groups have too many members together shows all of them', async (t) => {
  const Operations = Array.from({ length: 620 }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `u${n}`, data: userBody() }));
  const made = await call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations });
  const members = made.body.Operations.map(({ location }: { location: string }) => ({ value: location.split('/').at(-1) ?? '' }));
  const sizes = [600, 500, 5];
  const ids = [];
  for (const size of sizes) ids.push((await call('POST', '/Groups', groupBody({ members: members.slice(0, size) }))).body.id);
  const filter = encodeURIComponent(ids.map((id) => `id eq "${id}"`).join(' or '));
  const listed = await call('GET', `/Groups?filter=${filter}`);
  t.same(listed.body.Resources.map((group: { members: unknown[] }) => group.members.length), sizes);
  t.equal(listed.body.Resources.length, listed.body.itemsPerPage);
});
