/** A PATCH that adds one member: a group of 10 against one of 100,000, taking turns in one run. Issue's bound: at most twice the time. */
import { randomUUID } from 'node:crypto';
import type { ResourceDocument } from '../../src/store/documents.ts';
import { median, timed, type Bench } from './harness.ts';

const LARGE = 100_000;
const ROUNDS = 200;
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export async function members(bench: Bench): Promise<void> {
  const users = await seedUsers(bench, LARGE + 2 * ROUNDS);
  const small = await seedGroup(bench, 'small', users.slice(0, 10));
  const large = await seedGroup(bench, 'large', users.slice(0, LARGE));
  const add = (group: string, user: string | undefined) =>
    bench.send('PATCH', `/Groups/${group}?excludedAttributes=members`, { schemas: [PATCH_OP], Operations: [{ op: 'add', path: 'members', value: [{ value: user ?? '' }] }] });
  const times = { small: [] as number[], large: [] as number[], control: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const user = users[LARGE + round];
    times.small.push(await timed(() => add(small, user)));
    times.large.push(await timed(() => add(large, user)));
    times.control.push(await timed(() => add(small, users[LARGE + ROUNDS + round])));
  }
  const ratio = median(times.large) / median(times.small);
  console.log(`add one member, median of ${ROUNDS}: 10 members ${median(times.small).toFixed(2)} ms, ${LARGE} members ${median(times.large).toFixed(2)} ms, ratio ${ratio.toFixed(2)} (same group twice: ${(median(times.control) / median(times.small)).toFixed(2)})`);
}

async function seedUsers({ store, tenant }: Bench, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const now = new Date().toISOString();
  const type = store.registry.type('User');
  for (let start = 0; start < count; start += 10_000) {
    const documents = ids.slice(start, start + 10_000).map((_id): ResourceDocument => ({
      _id, t: tenant, v: 1, created: now, lastModified: now, ext: [], p: 'employee', mr: 0,
      a: { userName: _id, displayName: _id, active: true },
      k: { schemas: [type.schema.urn.toLowerCase()], userName: _id, displayName: _id, active: true },
    }));
    await store.collections.resources(type).insertMany(documents, { ordered: false });
  }
  return ids;
}

async function seedGroup({ store, tenant, send }: Bench, name: string, users: readonly string[]): Promise<string> {
  const group = await send('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: name }) as { id: string };
  const collection = store.collections.resources(store.registry.type('Group'));
  const document = await collection.findOne({ _id: group.id, t: tenant });
  const key = document?.gk ?? '';
  for (let start = 0; start < users.length; start += 10_000) {
    await store.collections.members.insertMany(users.slice(start, start + 10_000).map((m) => ({ _id: `${key}|${m}`, t: tenant, g: key, m, ty: 'User' })), { ordered: false });
  }
  await collection.updateOne({ _id: group.id, t: tenant }, { $set: { mc: users.length } });
  return group.id;
}
