/**
 * J1, S11: whatever happens to people, on two servers, at once and in whatever order, with folds by two workers that may end half-way: the counts are
 * those of the people at every quiet moment, and the history by day is that of a model kept beside it.
 */
import fc from 'fast-check';
import t from 'tap';
import { POPULATIONS, type Population } from '../../src/store/audience.ts';
import { foldDeltas } from '../../src/store/seat-counts.ts';
import type { Store } from '../../src/store/store.ts';
import { createTenant } from '../../src/tenancy/tenants.ts';
import { recountSeats } from '../../src/tenancy/seat-recount.ts';
import type { Json } from '../../src/scim/json.ts';
import { addDays, dayIn } from '../../src/time.ts';
import { DAY_MS, patchBody, startApp, unique, userBody, type Answer } from '../helpers/app.ts';
import { counterexample } from '../helpers/arbitraries.ts';
import { Died, dyingStore, type Death } from '../helpers/dying.ts';
import { openTestStore } from '../helpers/store.ts';
import { operator, secondServer, send } from '../tenancy/support.ts';
import { SeatsModel, type Person } from './seats-model.ts';

const RUNS = 25;
const ACCOUNT = 'urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User';

const app = await startApp(t, import.meta.url);
const { clock, makeClient, registry } = app;
// Another process: it shares nothing with the first but the database.
const second = await openTestStore(t, import.meta.url, { registry, database: app.store.collections.tenants.db.databaseName });
const servers = [app.app, await secondServer(t, { ...app, store: second })] as const;
const workers: readonly Store[] = [app.store, second];

/** Who is meant by a number: the one at that place among those who are there. */
type Who = number;
type Change =
  | { readonly kind: 'create'; readonly population: Population; readonly active: boolean }
  | { readonly kind: 'active'; readonly who: Who; readonly to: boolean }
  | { readonly kind: 'put'; readonly who: Who; readonly to: boolean; readonly population: Population }
  | { readonly kind: 'move'; readonly who: Who; readonly to: boolean; readonly population: Population }
  | { readonly kind: 'delete'; readonly who: Who };
type Step =
  | Change
  | { readonly kind: 'together' | 'bulk'; readonly changes: readonly Change[] }
  | { readonly kind: 'race'; readonly who: Who; readonly what: 'create' | 'deactivate' | 'delete' | 'deactivate and delete' }
  | { readonly kind: 'refused'; readonly who: Who }
  | { readonly kind: 'pass'; readonly hours: number }
  | { readonly kind: 'fold'; readonly by: readonly (0 | 1)[] }
  | { readonly kind: 'die'; readonly by: 0 | 1; readonly death: Death };

const who = fc.nat(30);
const population = fc.constantFrom(...POPULATIONS);
const to = fc.boolean();
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('create' as const), population, active: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('active' as const), who, to }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('put' as const), who, to, population }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), who, to, population }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), who }) },
);
const death: fc.Arbitrary<Death> = fc.oneof(
  fc.record({ collection: fc.constant('seatDeltas' as const), command: fc.constant('deleteMany'), when: fc.constantFrom('before', 'after') }),
  fc.record({ collection: fc.constant('seats' as const), command: fc.constant('updateOne'), when: fc.constantFrom('before', 'after') }),
  fc.record({ collection: fc.constant('seatDays' as const), command: fc.constant('bulkWrite'), when: fc.constantFrom('before', 'after') }),
  fc.record({ when: fc.constantFrom('before commit', 'after commit') }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: change },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('together' as const, 'bulk' as const), changes: fc.array(change, { minLength: 2, maxLength: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('race' as const), who, what: fc.constantFrom('create' as const, 'deactivate' as const, 'delete' as const, 'deactivate and delete' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refused' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.constantFrom(0, 1, 7, 13, 24, 60) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fold' as const), by: fc.constantFrom<readonly (0 | 1)[]>([0], [1], [0, 1], [0, 1, 0, 1]) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), by: fc.constantFrom(0 as const, 1 as const), death }) },
);
const zone = fc.constantFrom('UTC', 'Europe/Amsterdam', 'America/New_York', 'Pacific/Auckland');

t.test('J1, S11: counts are those of the people, days those of the model, however it came about', async (t) => {
  const property = fc.asyncProperty(zone, fc.array(step, { minLength: 4, maxLength: 30 }), async (timeZone, steps) => {
    const run = await Run.start(timeZone);
    for (const one of steps) {
      await run.take(one);
      await run.check(JSON.stringify(one));
    }
    await run.end();
  });
  t.equal(await counterexample(property, RUNS), undefined);
});

class Run {
  private readonly model: SeatsModel;
  private requests = 0;
  private readonly tenant: string;
  private readonly token: string;
  private readonly timeZone: string;

  private constructor(tenant: string, token: string, timeZone: string) {
    this.tenant = tenant;
    this.token = token;
    this.timeZone = timeZone;
    this.model = new SeatsModel(this.today());
  }

  static async start(timeZone: string): Promise<Run> {
    const { id } = await createTenant(operator(app), unique('tenant'), { timeZone });
    const { token } = await makeClient(id, { scopes: ['*', 'users.manage'], shows: [ACCOUNT] });
    return new Run(id, token, timeZone);
  }

  private today(): string {
    return dayIn(clock.now, this.timeZone);
  }

  private ask(method: string, url: string, body?: Json, headers: Record<string, string> = {}): Promise<Answer> {
    return send(servers[this.requests++ % 2] ?? servers[0], method, url, body, { token: this.token, headers });
  }

  /** @throws unless the answer has that status */
  private async must(status: number, method: string, url: string, body?: Json, headers?: Record<string, string>): Promise<Answer> {
    const answer = await this.ask(method, url, body, headers);
    if (answer.status !== status) throw new Error(`${method} ${url}: ${answer.text}`);
    return answer;
  }

  async take(one: Step): Promise<void> {
    switch (one.kind) {
      case 'together':
        return this.together(one.changes);
      case 'bulk':
        return this.bulk(one.changes);
      case 'race':
        return this.race(one.what, this.person(one.who));
      case 'refused':
        return this.refused(this.person(one.who));
      case 'pass':
        clock.now = new Date(clock.now.getTime() + (one.hours * DAY_MS) / 24 + 60_000);
        return;
      case 'fold':
        return this.fold(one.by);
      case 'die':
        return this.die(workers[one.by] ?? app.store, one.death);
      default:
        return this.together([one]);
    }
  }

  private person(place: Who): Person | undefined {
    return Array.from(this.model.people.values())[place % this.model.people.size];
  }

  /** What is to be sent for each, about people of whom none is meant twice. */
  private plans(changes: readonly Change[]) {
    const used = new Set<string>();
    return changes.flatMap((one) => {
      const before = one.kind === 'create' ? undefined : this.person(one.who);
      if (one.kind !== 'create' && (!before || used.has(before.id))) return [];
      if (before) used.add(before.id);
      return [planOf(one, before)];
    });
  }

  private async together(changes: readonly Change[]): Promise<void> {
    const done = await Promise.all(this.plans(changes).map(async ({ method, path, body, before, after }) => {
      const answer = await this.must(method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200, method, `/scim/v2${path}`, body);
      return [before, method === 'POST' && after ? { ...after, id: answer.body.id } : after] as const;
    }));
    this.model.step(this.today(), done);
  }

  /** With an operation among them that cannot be written, after which the others are written on their own. */
  private async bulk(changes: readonly Change[]): Promise<void> {
    const plans = this.plans(changes);
    const taken = Array.from(this.model.people.values())[0]?.userName;
    const Operations: Json[] = plans.map(({ method, path, body }, index) => ({ method, path, ...(method === 'POST' ? { bulkId: `b${index}` } : {}), ...(body === undefined ? {} : { data: body }) }));
    if (taken !== undefined) Operations.splice(1, 0, { method: 'POST', path: '/Users', bulkId: 'taken', data: userBody({ userName: taken }) });
    const { body: { Operations: results } } = await this.must(200, 'POST', '/scim/v2/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations });
    const failed = results.filter(({ status, bulkId }: { status: string; bulkId?: string }) => Number(status) >= 400 && bulkId !== 'taken');
    // The first one may have given the name up by being deleted.
    if (failed.length > 0) throw new Error(JSON.stringify(failed));
    const made = new Map<string, string>(results.filter(({ location }: { location?: string }) => location !== undefined).map(({ bulkId, location }: { bulkId: string; location: string }) => [bulkId, location.split('/').at(-1)]));
    const ofTaken = results.find(({ bulkId, status }: { bulkId: string; status: string }) => bulkId === 'taken' && status === '201');
    this.model.step(this.today(), [
      ...plans.map(({ before, after }, index) => [before, before === undefined && after ? { ...after, id: made.get(`b${index}`) ?? '' } : after] as const),
      ...(ofTaken ? [[undefined, { id: made.get('taken') ?? '', userName: taken ?? '', population: 'employee', active: true }] as const] : []),
    ]);
  }

  private async race(what: 'create' | 'deactivate' | 'delete' | 'deactivate and delete', before: Person | undefined): Promise<void> {
    if (what === 'create' || !before) {
      const userName = unique('seat');
      const answers = await Promise.all(Array.from({ length: 4 }, () => this.ask('POST', '/scim/v2/Users', userBody({ userName }))));
      const made = answers.filter(({ status }) => status === 201);
      if (made.length !== 1) throw new Error(answers.map(({ text }) => text).join('\n'));
      this.model.step(this.today(), [[undefined, { id: made[0]?.body.id, userName, population: 'employee', active: true }]]);
      return;
    }
    const path = `/scim/v2/Users/${before.id}`;
    const deactivate = () => this.ask('PATCH', path, patchBody({ op: 'replace', path: 'active', value: false }));
    const remove = () => this.ask('DELETE', path);
    const both = what === 'deactivate and delete';
    const answers = await Promise.all([...(what === 'delete' ? [] : [deactivate(), deactivate()]), ...(what === 'deactivate' ? [] : both ? [remove()] : [remove(), remove(), remove()])]);
    const removed = answers.filter(({ status }) => status === 204).length;
    if (answers.some(({ status }) => status >= 500) || removed !== (what === 'deactivate' ? 0 : 1)) throw new Error(answers.map(({ text }) => text).join('\n'));
    this.model.step(this.today(), [[before, what === 'deactivate' ? { ...before, active: false } : undefined]]);
  }

  private async refused(person: Person | undefined): Promise<void> {
    if (!person) return;
    await this.must(409, 'POST', '/scim/v2/Users', userBody({ userName: person.userName.toUpperCase() }));
    await this.must(412, 'PATCH', `/scim/v2/Users/${person.id}`, patchBody({ op: 'replace', path: 'active', value: !person.active }), { 'if-match': 'W/"999"' });
    await this.must(400, 'PATCH', `/scim/v2/Users/${person.id}`, patchBody({ op: 'replace', path: 'active', value: !person.active }, { op: 'replace', path: 'no-such', value: 1 }));
  }

  /** Whoever reads meanwhile counts nothing twice and misses nothing. */
  private async fold(by: readonly (0 | 1)[]): Promise<void> {
    await Promise.all([...by.map((worker) => foldDeltas((workers[worker] ?? app.store).scope(this.tenant))), this.check('during a fold'), this.check('during a fold')]);
  }

  private async die(worker: Store, end: Death): Promise<void> {
    try {
      await foldDeltas({ tenant: this.tenant, store: dyingStore(worker, end) });
    } catch (error) {
      if (!(error instanceof Died)) throw error;
    }
  }

  async check(when: string): Promise<void> {
    const last = this.today();
    const { body } = await this.must(200, 'GET', `/api/v1/seats?from=${addDays(last, -350)}&to=${addDays(last, 1)}`);
    equal(`${when}: now`, body.now, this.model.now());
    const expected = this.model.history(last);
    equal(`${when}: days`, body.days.map(({ highest: _, ...exact }: { highest: object }) => exact), expected.map(({ exact }) => exact));
    for (const [index, { exact: { day }, highest }] of expected.entries()) {
      for (const { population: name, least, most } of highest) {
        const found = body.days[index].highest[name];
        if (found < least || found > most) throw new Error(`${when}: the highest count of ${name} on ${day} is ${found}, should be from ${least} to ${most}`);
      }
    }
  }

  async end(): Promise<void> {
    const waiting = await recountSeats(app, this.tenant);
    equal('recount', waiting.kept, waiting.people);
    equal('the people themselves', waiting.people, this.model.now());
    while ((await foldDeltas(app.store.scope(this.tenant))) > 0);
    await this.check('all is folded');
    equal('nothing waits', await app.store.collections.seatDeltas.countDocuments({ t: this.tenant }), 0);
  }
}

interface Plan {
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly before: Person | undefined;
  readonly after: Person | undefined;
}

function planOf(one: Change, before: Person | undefined): Plan {
  const path = `/Users/${before?.id ?? ''}`;
  if (one.kind === 'create') {
    const after = { id: '', userName: unique('seat'), population: one.population, active: one.active };
    return { method: 'POST', path: '/Users', body: userBody({ userName: after.userName, active: after.active, [ACCOUNT]: { population: after.population } }), before: undefined, after };
  }
  if (!before) throw new Error('nobody is there');
  switch (one.kind) {
    case 'active':
      return { method: 'PATCH', path, body: patchBody({ op: 'replace', path: 'active', value: one.to }), before, after: { ...before, active: one.to } };
    case 'put': {
      // L5: a PUT is no way back.
      const after = { ...before, active: before.active && one.to, population: one.population };
      return { method: 'PUT', path, body: userBody({ userName: before.userName, active: after.active, [ACCOUNT]: { population: after.population } }), before, after };
    }
    case 'move':
      return { method: 'PATCH', path, body: patchBody({ op: 'replace', path: `${ACCOUNT}:population`, value: one.population }, { op: 'replace', path: 'active', value: one.to }), before, after: { ...before, active: one.to, population: one.population } };
    case 'delete':
      return { method: 'DELETE', path, before, after: undefined };
  }
}

/** The same members, in whatever order. */
function equal(what: string, found: unknown, expected: unknown): void {
  const text = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner));
  if (text(found) !== text(expected)) throw new Error(`${what}: ${text(found)}\nshould be ${text(expected)}`);
}
