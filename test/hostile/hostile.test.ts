/** The hostile lines of every category that has something to attack yet, against the listening application. */
import { mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import t from 'tap';
import { createLog } from '../../src/log.ts';
import { createTransport } from '../../src/mail/transport.ts';
import { Keyring } from '../../src/store/keys.ts';
import { changeClient, createClient } from '../../src/tenancy/clients.ts';
import { createTenant, deleteTenant, setTenantState } from '../../src/tenancy/tenants.ts';
import { issueToken, revokeToken } from '../../src/tenancy/tokens.ts';
import { startApp } from '../helpers/app.ts';
import { openUnwatched } from '../helpers/store.ts';

interface Line {
  readonly id: string;
  readonly cat: string;
  readonly title: string;
}
interface Wire {
  readonly close: () => Promise<void>;
}
interface Outcome {
  readonly faults?: readonly string[];
  /** Why there is nothing to attack yet: counted neither as passed nor as failed. */
  readonly notApplicable?: string;
}
interface Target {
  readonly origin: string;
  readonly basePath: string;
  readonly tokens: Readonly<Record<string, string>>;
}
interface Fixtures {
  readonly tokens: Readonly<Record<string, string>>;
  readonly tenantB: string;
}
const part = async <T>(name: string) => (await import(new URL(`../../scripts/testing/${name}.mjs`, import.meta.url).href)) as T;
const { readLines, runLine } = await part<{ readLines: (...files: string[]) => readonly Line[]; runLine: (line: Line, target: Target) => Promise<Outcome> }>('hostile');
const { fixturesByOperator } = await part<{ fixturesByOperator: (options: object) => Promise<Fixtures> }>('hostile-fixtures');
const { openWire } = await part<{ openWire: (transport: typeof createTransport) => Promise<Wire> }>('hostile-mail');
const { observe } = await part<{ observe: (db: mongo.Db, options: object) => object }>('hostile-database');

const CATEGORIES = new Set(['AUTH', 'SCOPE', 'TENANT', 'JSON', 'PROTO', 'NOSQL', 'FILTER', 'UNI', 'MUT', 'LEAK', 'HTTP', 'PAGE', 'BULK', 'GRAPH', 'ACCT']);
/** In these nothing may be left out. */
const WHOLE = new Set(['AUTH', 'SCOPE', 'TENANT', 'LEAK', 'ACCT']);
/** Lines about accounts take seconds each: here those of the catalogue, `npm run hostile` has them all. */
const OF_THE_CATALOGUE = new Set(readLines(join(import.meta.dirname, 'hostile.jsonl')).map(({ id }) => id));
const lines = readLines(join(import.meta.dirname, 'hostile.jsonl'), join(import.meta.dirname, 'more.jsonl')).filter(({ cat, id }) => CATEGORIES.has(cat) && (cat !== 'ACCT' || OF_THE_CATALOGUE.has(id)));

const folder = mkdtempSync(join(tmpdir(), 'rollcall-hostile-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const file = openSync(join(folder, 'log'), 'a+');
let read = 0;
/** What was logged since the last call. */
function logged(): string {
  const parts: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.alloc(64 * 1024);
    const length = readSync(file, buffer, 0, buffer.length, read);
    if (length === 0) return Buffer.concat(parts).toString('utf8');
    parts.push(buffer.subarray(0, length));
    read += length;
  }
}

// Mails are read in the mailbox, which is there for this machine alone.
const publicUrl = 'http://127.0.0.1:9';
const { app, store, config, tokens, tenants, clock } = await startApp(t, import.meta.url, { publicUrl }, { log: createLog({ level: 'info', fd: file }) });
// MongoDB takes away what is over by its own clock.
clock.now = new Date('2030-01-07T09:00:00.000Z');
const wire = await openWire(createTransport);
t.teardown(wire.close);
const origin = await app.listen({ port: 0, host: '127.0.0.1' });
const keyring = new Keyring(store, () => config.secretKeys, () => clock.now);
const fixtures = await fixturesByOperator({
  origin, basePath: '/scim/v2', tokA: tokens.tolerant, own: tenants.own,
  doing: { store, now: () => clock.now, by: { kind: 'system', id: 'test' }, may: undefined, request: '', from: undefined, changed: () => undefined },
  tenancy: { createTenant, createClient, changeClient, issueToken, revokeToken, setTenantState, deleteTenant },
  signingKey: async () => (await keyring.signingKey()).key,
});
const database = observe(await openUnwatched(t, store), {
  tenantB: fixtures.tenantB,
  settled: async (used: boolean) => {
    // The log of a request is written behind its answer.
    if (used) await delay(15);
    await store.settled();
  },
});
const forward = () => {
  clock.now = new Date(clock.now.getTime() + 3000);
};
/** Time for wrong tokens to be answered with 401 again, and for copies in memory to end. */
const between = ({ cat }: Line) => {
  if (cat === 'AUTH' || cat === 'ACCT') forward();
};
const builtIns = () => [Object.prototype, Array.prototype, Function.prototype].map((prototype) => Reflect.ownKeys(prototype).map(String));
const untouched = builtIns();

/** Connections, tokens and rights are the same for every client. */
const SAME_FOR_ALL = new Set(['HTTP', ...WHOLE]);
/** What is said of these holds for clients with tolerances. */
const TOLERANT_ONLY = new Set(['MUT-021', 'GRAPH-009']);

for (const client of ['tolerant', 'strict'] as const) {
  const chosen = lines.filter(({ id, cat }) => client === 'tolerant' || !(TOLERANT_ONLY.has(id) || SAME_FOR_ALL.has(cat)));
  t.test(`hostile lines, ${client} client`, async (t) => {
    const target = { ...fixtures, origin, basePath: '/scim/v2', publicUrl, tokens: { ...fixtures.tokens, tokA: tokens[client] }, between, logged, wire, forgotten: forward, now: () => clock.now, ...(client === 'tolerant' ? { database } : {}) };
    for (const line of chosen) {
      const { faults, notApplicable } = await runLine(line, target);
      if (notApplicable === undefined) t.same(faults, [], `${line.id}: ${line.title}`);
      else if (WHOLE.has(line.cat)) t.fail(`${line.id} was left out: ${notApplicable}`);
      else t.comment(`${line.id}: not applicable yet: ${notApplicable}`);
    }
    t.same(builtIns(), untouched, 'the built-in prototypes are as they were');
  });
}
