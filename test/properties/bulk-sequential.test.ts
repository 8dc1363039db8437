/** A bulk request must do what its operations do one by one, in the order that `executionOrder` gives. */
import fc from 'fast-check';
import t from 'tap';
import { executionOrder } from '../../src/scim/bulk-order.ts';
import { bulkReferences, isBroken, readBulk, type BrokenOperation, type BulkOperation } from '../../src/scim/bulk-request.ts';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { counterexample } from '../helpers/arbitraries.ts';
import { ENTERPRISE, GROUP, patchBody, startApp, unique, USER } from '../helpers/app.ts';

const RUNS = 200;
const USERS = 4;
const GROUPS = 2;
/** Few enough that they clash. */
const NAMES = 6;

const app = await startApp(t, import.meta.url);
const { call, store, registry, config } = app;

/** One of the numbers that decide what an operation is; the generator does not know what they are for. */
interface Step {
  readonly kind: number;
  readonly target: number;
  readonly name: number;
  readonly references: readonly number[];
  /** References of what is made lead from higher to lower ranks: no circles, which nothing can make one by one. */
  readonly rank: number;
  readonly version: number;
}
const step = fc.record({ kind: fc.nat(15), target: fc.nat(99), name: fc.nat(NAMES - 1), references: fc.array(fc.nat(99), { maxLength: 2 }), rank: fc.nat(99), version: fc.nat(9) });

interface World {
  readonly token: string;
  /** The ids of what is there before: users, then groups. */
  readonly old: readonly string[];
}

interface Outcome {
  readonly status: string;
  readonly version: string | undefined;
}

/** Stands for an operation that must fail, for it refers to what was not made, or before that for another fault of its own. */
const FAILS = 'fails';
let succeeded = 0;
let failed = 0;

t.test('R-BULK-5, R-BULK-11: a bulk request and its operations one by one have the same results and leave the same directory', async (t) => {
  const requests = fc.record({ steps: fc.array(step, { minLength: 2, maxLength: 14, size: 'max' }), failOnErrors: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 3 }), strict: fc.boolean() });
  const property = fc.asyncProperty(requests, async ({ steps, failOnErrors, strict }) => {
    const operations = operationsOf(steps);
    const [together, apart] = [await makeWorld(strict), await makeWorld(strict)];
    const found = await sendTogether(together, operations, failOnErrors);
    const expected = await sendApart(apart, operations, failOnErrors ?? Infinity);
    if (found.length !== expected.length || !expected.every((outcome, index) => sameOutcome(found[index], outcome))) {
      throw new Error(`${JSON.stringify(operations)}\nanswers ${summary(found)}\nand one by one ${summary(expected)}`);
    }
    const [after, should] = [await directory(together), await directory(apart)];
    if (after !== should) throw new Error(`${JSON.stringify(operations)}\nleaves\n${after}\nand one by one\n${should}`);
  });
  t.equal(await counterexample(property, RUNS), undefined);
  t.ok(succeeded > RUNS && failed > RUNS, `${succeeded} operations succeeded, ${failed} failed`);
});

function operationsOf(steps: readonly Step[]): readonly Json[] {
  const made = steps.flatMap(({ kind, rank }, index) => (kind < 6 ? [{ bulkId: `bulkId:m${index}`, type: kind < 4 ? 'Users' : 'Groups', rank, index }] : []));
  const user = (number: number) => `old:${number % USERS}`;
  const group = (number: number) => `old:${USERS + (number % GROUPS)}`;
  /** Of something that was there, something that is made, or nothing. */
  const reference = (number: number, below = Infinity) => {
    const possible = made.filter(({ rank }) => rank < below).map(({ bulkId }) => bulkId);
    if (number % 20 === 19) return 'bulkId:ghost';
    return number % 2 === 0 ? (possible[number % Math.max(possible.length, 1)] ?? user(number)) : number % 3 === 0 ? group(number) : user(number);
  };
  const target = (type: string, number: number) => {
    const possible = made.filter((candidate) => candidate.type === type);
    const own = number % 2 === 0 ? possible[number % Math.max(possible.length, 1)]?.bulkId : undefined;
    return `/${type}/${own ?? (type === 'Users' ? user(number) : group(number))}`;
  };
  const members = (references: readonly number[], below?: number) => references.map((number) => ({ value: reference(number, below) }));
  const manager = ([number]: readonly number[], below?: number): Json => (number === undefined ? {} : { [ENTERPRISE]: { manager: { value: reference(number, below) } } });

  return steps.map(({ kind, target: number, name, references, rank, version: choice }, index): Json => {
    const version: Json = choice < 2 ? { version: `W/"${choice + 1}"` } : {};
    const userData = (below?: number): Json => ({ schemas: [USER, ENTERPRISE], userName: `u${name}`, displayName: `d${name % 3}`, ...manager(references, below) as object });
    const groupData = (below?: number): Json => ({ schemas: [GROUP], displayName: `g${name}`, members: members(references, below) });
    const patch = (type: string, ...operations: Json[]): Json => ({ method: 'PATCH', path: target(type, number), data: patchBody(...operations), ...version as object });
    switch (kind) {
      case 0: case 1: case 2:
        return { method: 'POST', bulkId: `m${index}`, path: '/Users', data: userData(rank) };
      case 3:
        return { method: 'POST', bulkId: `m${index}`, path: '/Users', data: name < 3 ? { schemas: [USER] } : userData(rank) };
      case 4: case 5:
        return { method: 'POST', bulkId: `m${index}`, path: '/Groups', data: groupData(rank) };
      case 6: case 7:
        return { method: 'PUT', path: target('Users', number), data: userData(), ...version as object };
      case 8:
        return { method: 'PUT', path: target('Groups', number), data: groupData(), ...version as object };
      case 9:
        return patch('Users', { op: 'replace', path: 'displayName', value: `d${name % 3}` });
      case 10:
        return patch('Users', { op: 'replace', path: 'userName', value: `u${name}` });
      case 11:
        return patch('Groups', { op: 'add', path: 'members', value: members([...references, name]) });
      case 12:
        return patch('Groups', name % 2 === 0 ? { op: 'remove', path: `members[value eq "${reference(references[0] ?? name)}"]` } : { op: 'remove', path: `members[display eq "d${name % 3}"]` });
      case 13:
        return patch('Groups', { op: 'replace', path: 'displayName', value: `g${name}` });
      default:
        return { method: 'DELETE', path: target(kind === 14 ? 'Users' : name < 4 ? 'Users' : 'Groups', number), ...version as object };
    }
  });
}

/** A tenant with some users, of whom one is another's manager, and some groups with members. */
async function makeWorld(strict: boolean): Promise<World> {
  const tenant = unique('world');
  await store.collections.tenants.insertOne({ _id: tenant, name: tenant, created: app.clock.now, state: 'active', policy: {} });
  const { token } = await app.makeClient(tenant, strict ? { tolerances: 'strict' } : {});
  const users = Array.from({ length: USERS }, (_, index): Json => ({
    method: 'POST', bulkId: `u${index}`, path: '/Users',
    data: { schemas: [USER], userName: `u${index}`, displayName: `d${index % 3}`, ...(index === 0 ? {} : { [ENTERPRISE]: { manager: { value: 'bulkId:u0' } } }) },
  }));
  const groups = Array.from({ length: GROUPS }, (_, index): Json => ({
    method: 'POST', bulkId: `g${index}`, path: '/Groups', data: { schemas: [GROUP], displayName: `g${index}`, members: [{ value: `bulkId:u${index}` }, { value: `bulkId:u${index + 1}` }] },
  }));
  const { body } = await call('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: [...users, ...groups] }, { token });
  return { token, old: body.Operations.map(({ location }: { location: string }) => location.split('/').at(-1)) };
}

/** The same operation in a world: its own ids in the place of `old:n`. */
const inWorld = <T extends Json>(json: T, { old }: World): T => JSON.parse(JSON.stringify(json).replaceAll(/old:(\d+)/g, (_, index: string) => old[Number(index)] ?? '')) as T;

async function sendTogether(world: World, operations: readonly Json[], failOnErrors: number | undefined): Promise<readonly Outcome[]> {
  const request = { schemas: [MESSAGE.bulkRequest], Operations: inWorld(operations, world), ...(failOnErrors === undefined ? {} : { failOnErrors }) };
  const { status, body, text } = await call('POST', '/Bulk', request, { token: world.token });
  if (status !== 200) throw new Error(text);
  const results: readonly Outcome[] = body.Operations;
  for (const { status: result } of results) if (Number(result) < 400) succeeded++; else failed++;
  return results;
}

interface Task {
  readonly index: number;
  readonly key: string;
  readonly needs: ReadonlySet<string>;
  readonly makes: boolean;
  readonly operation: BulkOperation | BrokenOperation;
}

function taskOf(operation: BulkOperation | BrokenOperation, made: ReadonlySet<string>): Task {
  const { index } = operation;
  if (isBroken(operation)) return { index, key: `broken|${index}`, needs: new Set(), makes: false, operation };
  const makes = operation.method === 'POST';
  const own = operation.id?.startsWith('bulkId:') ? operation.id.slice('bulkId:'.length) : operation.id;
  return { index, key: (makes ? operation.bulkId : own) ?? '', needs: new Set([...bulkReferences(operation)].filter((bulkId) => made.has(bulkId))), makes, operation };
}

/** @returns the outcomes in the order of the request, of what was processed */
async function sendApart(world: World, operations: readonly Json[], failOnErrors: number): Promise<readonly Outcome[]> {
  const { operations: read } = readBulk(registry, { schemas: [MESSAGE.bulkRequest], Operations: inWorld(operations, world) }, config.limits);
  const made = new Set(read.flatMap((operation) => (!isBroken(operation) && operation.method === 'POST' ? [operation.bulkId ?? ''] : [])));
  const ids = new Map<string, string>();
  const outcomes: (Outcome | undefined)[] = [];
  let errors = 0;
  for (const { index, operation } of executionOrder(read.map((one) => taskOf(one, made)))) {
    if (errors >= failOnErrors) break;
    const outcome = await sendAlone(world, operation, ids);
    outcomes[index] = outcome;
    if (outcome.status === FAILS || Number(outcome.status) >= 400) errors++;
  }
  return outcomes.flatMap((outcome) => outcome ?? []);
}

async function sendAlone(world: World, operation: BulkOperation | BrokenOperation, ids: Map<string, string>): Promise<Outcome> {
  if (isBroken(operation)) return { status: String(operation.error.status), version: undefined };
  const { method, type, id, bulkId, data, version } = operation;
  if (method === 'POST') ids.set(bulkId ?? '', FAILS);
  const needed = [...bulkReferences(operation)];
  const unmade = needed.find((name) => name !== 'ghost' && !ids.has(name));
  if (unmade !== undefined) throw new Error(`operation ${operation.index} runs before ${unmade} is made`);
  if (needed.some((name) => name === 'ghost' || ids.get(name) === FAILS)) return { status: FAILS, version: undefined };
  const named = (text: string) => text.replaceAll(/bulkId:(m\d+)/g, (_, name: string) => ids.get(name) ?? '');
  const body = data === undefined ? undefined : JSON.parse(named(JSON.stringify(data))) as Json;
  const headers = version === undefined ? {} : { 'if-match': version };
  const answer = await call(method, `${type.endpoint}${id === undefined ? '' : `/${named(id)}`}`, body, { token: world.token, headers });
  if (method === 'POST' && answer.status === 201) ids.set(bulkId ?? '', answer.body.id);
  const tag = answer.headers['etag'];
  return { status: String(answer.status), version: typeof tag === 'string' ? tag : undefined };
}

const summary = (outcomes: readonly Outcome[]) => outcomes.map(({ status, version }) => `${status} ${version ?? ''}`).join(', ');

function sameOutcome(found: Outcome | undefined, expected: Outcome): boolean {
  if (!found) return false;
  if (expected.status === FAILS) return Number(found.status) >= 400;
  return found.status === expected.status && found.version === expected.version;
}

interface Found {
  readonly id: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly meta: { readonly version: string };
  readonly members?: readonly { readonly value: string }[];
  readonly groups?: readonly { readonly value: string }[];
  readonly [ENTERPRISE]?: { readonly manager?: { readonly value: string } };
}

/** Everything in the tenant, without ids. */
async function directory({ token }: World): Promise<string> {
  const list = async (endpoint: string): Promise<readonly Found[]> => (await call('GET', `${endpoint}?count=1000`, undefined, { token })).body.Resources;
  const found = [...await list('/Users'), ...await list('/Groups')];
  const names = new Map(found.map(({ id, userName, displayName }) => [id, userName ?? displayName]));
  const nameOf = (reference: { readonly value: string } | undefined) => reference && (names.get(reference.value) ?? 'nobody');
  const lines = found.map(({ userName, displayName, meta, members = [], groups = [], [ENTERPRISE]: extension }) =>
    JSON.stringify([userName, displayName, meta.version, members.map(nameOf).sort(), groups.map(nameOf).sort(), nameOf(extension?.manager)]));
  return lines.sort().join('\n');
}
