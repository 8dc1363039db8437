/** `rollcall ...` in this process, on a database of its own with the tenant `default` and its client `bootstrap`. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { run } from '../../src/cli/run.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { createLog } from '../../src/log.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { newToken } from '../../src/store/tokens.ts';
import { makeFirstTenant } from '../../src/tenancy/first-start.ts';
import { SCHEMAS } from '../helpers/app.ts';

export const SECRET_KEY = 'a key for tests of at least 32 characters';
export type Env = Record<string, string>;

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What --json printed. Tests say what they expect of it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export interface CommandLine {
  readonly store: Store;
  readonly env: Env;
  readonly rollcall: (...words: string[]) => Promise<Ended>;
  /** The same with other settings. */
  readonly withEnv: (env: Env, ...words: string[]) => Promise<Ended>;
  /** Everything that commands may change, as text. */
  readonly contents: () => Promise<string>;
  /** How often it was written. */
  readonly audited: (action: string) => Promise<number>;
}

export async function commandLine(t: Test): Promise<CommandLine> {
  const location = new URL(process.env['ROLLCALL_TEST_MONGODB_URI'] ?? '');
  location.pathname = `/cli-${randomBytes(6).toString('hex')}`;
  const store = await openStore({ uri: location.href, registry: loadRegistry(SCHEMAS), limits: DEFAULT_LIMITS, log: createLog({ level: 'silent' }) });
  await makeFirstTenant(store, newToken(), new Date());
  const { tenants, clients, tokens, keys, audit } = store.collections;
  t.teardown(async () => {
    await tenants.db.dropDatabase();
    await store.close();
  });
  const env = { MONGODB_URI: location.href, SECRET_KEY, DATA_DIR: join(tmpdir(), 'rollcall-not-there') };
  return {
    store,
    env,
    rollcall: (...words) => runWith(env, words),
    withEnv: (others, ...words) => runWith({ ...env, ...others }, words),
    contents: async () => JSON.stringify(await Promise.all([tenants, clients, tokens, keys, audit].map((collection) => collection.find({}).sort({ _id: 1 }).toArray()))),
    audited: (action) => audit.countDocuments({ action }),
  };
}

export async function runWith(env: Env, words: readonly string[]): Promise<Ended> {
  let out = '';
  let err = '';
  const code = await run(words, { env, out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err, json: words.includes('--json') && out !== '' ? JSON.parse(out) : undefined };
}

/** It failed as it should: nothing on stdout, one line on stderr, no stack. */
export function toldOnce(t: Test, { code, out, err }: Ended, expected: 1 | 2, sentence: RegExp): void {
  t.equal(code, expected, err);
  t.equal(out, '', 'nothing on stdout');
  t.match(err, sentence);
  t.match(err, /^[^\n]+\n$/, 'one line');
  t.notMatch(err, /^\s+at /m, 'no stack');
}
