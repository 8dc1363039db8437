/** Lists of people at size: every command reads an index, and of a page at most ten times as many documents are looked at as are returned. */
import type { mongo } from 'mongoose';
import { listPeople } from '../../src/accounts/people.ts';
import type { PeopleQuery } from '../../src/accounts/people-query.ts';
import { ScimError } from '../../src/errors.ts';
import type { Crowd } from './crowd.ts';
import { median } from './harness.ts';

const PAGE = 100;
const DEEP = 1000;
const ROUNDS = 5;

const QUERIES: Readonly<Record<string, PeopleQuery>> = {
  'everybody': {},
  'who is billed': { tab: 'billed' },
  '3 terms, 2 roles, a status': { search: 'jan, berg, sofie', roles: ['Planner', 'Manager'], statuses: ['active'] },
  '3 terms, 2 rare roles, a status': { search: 'jan, berg, sofie', roles: ['Team 39', 'Team 40'], statuses: ['locked'] },
  '2 rare roles, a status': { roles: ['Team 39', 'Team 40'], statuses: ['locked'] },
  'one letter': { search: 'j' },
  'one letter, a rare role': { search: 'j', roles: ['Team 40'] },
  'five letters': { search: 'a, e, j, m, v' },
  'a common name': { search: 'jan', tab: 'billed' },
  'a name and its parts': { search: 'van der berg, der berg, berg' },
  'a rare name': { search: 'zonzonzon' },
  'an address': { search: 'jan.berg.1' },
  'nobody': { search: 'qqqq, xxxx, wwww' },
  'nobody with that role': { search: 'jan', roles: ['No such role'] },
  'all populations': { search: 'jan', populations: ['employee', 'external', 'contact', 'portal'] },
};

interface Cost {
  readonly returned: number;
  readonly documents: number;
  readonly keys: number;
  readonly ms: number;
  readonly stages: readonly string[];
  readonly cursor: string | undefined;
}

export async function search(crowd: Crowd): Promise<void> {
  console.log(`search among ${crowd.people} people, pages of ${PAGE}: documents and keys that MongoDB looked at for a page, in all its commands, and the median of ${ROUNDS} in ms`);
  for (const [what, query] of Object.entries(QUERIES)) {
    const first = await costOf(crowd, query, undefined);
    print(what, first);
    if (first.cursor === undefined) continue;
    const { cursor, page, worst } = await walk(crowd, query, first.cursor);
    print(`  page ${page}`, await costOf(crowd, query, cursor));
    console.log(`  of pages 2 to ${page} the one at most: ${worst} documents`);
  }
}

function print(what: string, { returned, documents, keys, ms, stages }: Cost): void {
  const ratio = documents / Math.max(1, returned);
  const wrong = [...(ratio > 10 ? ['MORE THAN 10 TIMES'] : []), ...(stages.includes('COLLSCAN') ? ['COLLSCAN'] : [])].join(' ');
  console.log(`${what.padEnd(34)} ${String(returned).padStart(4)} people ${String(documents).padStart(7)} documents (${ratio.toFixed(1)}) ${String(keys).padStart(7)} keys ${ms.toFixed(0).padStart(5)} ms  ${[...new Set(stages)].join(' ')} ${wrong}`);
}

/** Goes on to the last page that is asked for, or that there is. */
async function walk({ context, database }: Crowd, query: PeopleQuery, from: string): Promise<{ cursor: string; page: number; worst: number }> {
  let [cursor, last, worst, before] = [from, from, 0, (await looked(database)).documents];
  for (let page = 2; ; page++) {
    const answer = await listPeople(context, query, { count: PAGE, cursor }).catch((error: unknown) => {
      if (error instanceof ScimError && error.scimType === 'tooMany') return undefined;
      throw error;
    });
    if (!answer) {
      console.log(`  page ${page} TAKES TOO LONG`);
      return { cursor: last, page: page - 1, worst };
    }
    const next = answer.cursor;
    const { documents } = await looked(database);
    [worst, before] = [Math.max(worst, documents - before), documents];
    if (next === undefined || page === DEEP) return { cursor, page, worst };
    [last, cursor] = [cursor, next];
  }
}

async function costOf({ context, database, commands }: Crowd, query: PeopleQuery, cursor: string | undefined): Promise<Cost> {
  const page = () => listPeople(context, query, { count: PAGE, cursor });
  await page();
  commands.length = 0;
  const before = await looked(database);
  const { people, cursor: next } = await page();
  const after = await looked(database);
  const stages = await Promise.all(commands.filter(({ command }) => command['find'] === 'users' || command['aggregate'] === 'users').map(({ command }) => stagesOf(database, command)));
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await page();
    times.push(performance.now() - start);
  }
  return { returned: people.length, documents: after.documents - before.documents, keys: after.keys - before.keys, ms: median(times), stages: stages.flat(), cursor: next };
}

/** Of everything that MongoDB did since its start: what an explanation leaves out is in it. */
async function looked(database: mongo.Db): Promise<{ documents: number; keys: number }> {
  const { metrics } = await database.admin().command({ serverStatus: 1 });
  return { documents: Number(metrics.queryExecutor.scannedObjects), keys: Number(metrics.queryExecutor.scanned) };
}

async function stagesOf(database: mongo.Db, { find, aggregate, filter, sort, hint, limit, projection, pipeline }: mongo.Document): Promise<readonly string[]> {
  const same = find === undefined ? { aggregate, pipeline, cursor: {} } : { find, filter, ...(sort ? { sort } : {}), ...(limit ? { limit } : {}), projection };
  const explained = await database.command({ explain: { ...same, ...(hint ? { hint } : {}) }, verbosity: 'queryPlanner' });
  return [...JSON.stringify(explained).matchAll(/"stage":"(\w+)"/g)].map(([, stage = '']) => stage);
}
