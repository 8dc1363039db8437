/** A thousand operations in one bulk request against the same ones one by one, in one run on one server. Issue's bound: 10 times faster. */
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE, SCHEMA } from '../../src/scim/urns.ts';
import { median, timed, type Bench } from './harness.ts';

const ROUNDS = 5;
const USERS = 500;
const GROUPS = 50;
const MEMBERS = 10;
const PATCHES = 300;
const DELETIONS = 150;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly bulkId?: string;
  readonly data?: Json;
}

export async function bulk(bench: Bench): Promise<void> {
  const times = { together: [] as number[], apart: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.together.push(await timed(() => sendTogether(bench, operations(`t${round}`))));
    times.apart.push(await timed(() => sendApart(bench, operations(`a${round}`))));
  }
  const [together, apart] = [median(times.together), median(times.apart)];
  console.log(`${USERS + GROUPS + PATCHES + DELETIONS} operations, median of ${ROUNDS}: one request ${together.toFixed(0)} ms, one by one ${apart.toFixed(0)} ms, ratio ${(apart / together).toFixed(1)}`);
}

/** Every user but the first has a manager, groups hold users, most patches go to users and some move members; references all point back. */
function operations(run: string): readonly Operation[] {
  const user = (index: number) => `bulkId:u${index % USERS}`;
  const users = Array.from({ length: USERS }, (_, index): Operation => ({
    method: 'POST', path: '/Users', bulkId: `u${index}`,
    data: { schemas: [SCHEMA.user, SCHEMA.enterpriseUser], userName: `${run}-${index}@example.com`, displayName: `User ${index}`, emails: [{ value: `${run}-${index}@example.com`, type: 'work' }], ...(index === 0 ? {} : { [SCHEMA.enterpriseUser]: { manager: { value: user(index >> 1) } } }) },
  }));
  const groups = Array.from({ length: GROUPS }, (_, index): Operation => ({
    method: 'POST', path: '/Groups', bulkId: `g${index}`,
    data: { schemas: [SCHEMA.group], displayName: `${run}-${index}`, members: Array.from({ length: MEMBERS }, (_, place) => ({ value: user(index * MEMBERS + place) })) },
  }));
  const patches = Array.from({ length: PATCHES }, (_, index): Operation => (index % 6 === 0
    ? patch(`/Groups/bulkId:g${index % GROUPS}`, { op: 'add', path: 'members', value: [{ value: user(index * 7 + 3) }] })
    : patch(`/Users/${user(index)}`, { op: 'replace', path: 'title', value: `Title ${index}` })));
  const deletions = Array.from({ length: DELETIONS }, (_, index): Operation => ({ method: 'DELETE', path: `/Users/${user(USERS - 1 - index)}` }));
  return [...users, ...groups, ...patches, ...deletions];
}

const patch = (path: string, operation: Json): Operation => ({ method: 'PATCH', path, data: { schemas: [MESSAGE.patchOp], Operations: [operation] } });

async function sendTogether({ send }: Bench, list: readonly Operation[]): Promise<void> {
  const answer = await send('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: list.map((operation) => ({ ...operation })) }) as { Operations: readonly { status: string }[] };
  const failed = answer.Operations.find(({ status }) => Number(status) >= 400);
  if (failed) throw new Error(JSON.stringify(failed));
}

async function sendApart({ send }: Bench, list: readonly Operation[]): Promise<void> {
  const ids = new Map<string, string>();
  const named = (text: string) => text.replaceAll(/bulkId:(\w+)/g, (_, bulkId: string) => ids.get(bulkId) ?? '');
  for (const { method, path, bulkId, data } of list) {
    const made = await send(method, named(path), data === undefined ? undefined : JSON.parse(named(JSON.stringify(data))) as Json);
    if (bulkId !== undefined) ids.set(bulkId, (made as { id: string }).id);
  }
}
