/** The hostile lines of every category that has something to attack yet, against the listening application. */
import { join } from 'node:path';
import t from 'tap';
import { startApp } from '../helpers/app.ts';

interface Line {
  readonly id: string;
  readonly cat: string;
  readonly title: string;
}
interface Outcome {
  readonly faults?: readonly string[];
  /** Why there is nothing to attack yet: counted neither as passed nor as failed. */
  readonly notApplicable?: string;
}
const { readLines, runLine } = (await import(new URL('../../scripts/testing/hostile.mjs', import.meta.url).href)) as {
  readLines: (...files: string[]) => readonly Line[];
  runLine: (line: Line, target: { origin: string; basePath: string; tokens: Record<string, string> }) => Promise<Outcome>;
};

const CATEGORIES = new Set(['JSON', 'PROTO', 'NOSQL', 'FILTER', 'UNI', 'MUT', 'LEAK', 'HTTP', 'PAGE', 'GRAPH']);
const lines = readLines(join(import.meta.dirname, 'hostile.jsonl'), join(import.meta.dirname, 'more.jsonl')).filter(({ cat }) => CATEGORIES.has(cat));

const { app, tokens, tenants, makeClient } = await startApp(t, import.meta.url);
const origin = await app.listen({ port: 0, host: '127.0.0.1' });
const scoped = async (...scopes: string[]) => (await makeClient(tenants.own, { scopes })).token;
const all = {
  tokA_ro: await scoped('users:read', 'groups:read'),
  tokA_users: await scoped('users:read', 'users:write'),
  tokA_groups: await scoped('groups:read', 'groups:write'),
  tokB: tokens.other,
};
const builtIns = () => [Object.prototype, Array.prototype, Function.prototype].map((prototype) => Reflect.ownKeys(prototype).map(String));
const untouched = builtIns();

/** What is said of these holds for clients with tolerances. */
const TOLERANT_ONLY = new Set(['MUT-021', 'GRAPH-009']);

for (const client of ['tolerant', 'strict'] as const) {
  // The connections that say nothing are the same for every client, and take their time.
  const chosen = lines.filter(({ id, cat }) => client === 'tolerant' || (cat !== 'HTTP' && !TOLERANT_ONLY.has(id)));
  t.test(`hostile lines, ${client} client`, async (t) => {
    for (const line of chosen) {
      const { faults, notApplicable } = await runLine(line, { origin, basePath: '/scim/v2', tokens: { tokA: tokens[client], ...all } });
      if (notApplicable !== undefined) t.comment(`${line.id}: not applicable yet: ${notApplicable}`);
      else t.same(faults, [], `${line.id}: ${line.title}`);
    }
    t.same(builtIns(), untouched, 'the built-in prototypes are as they were');
  });
}
