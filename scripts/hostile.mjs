// npm run hostile -- FILE... [--cat JSON,FILTER] [--id ACCT-001,ACCT-003] [--base URL --token TOKEN [--token-b TOKEN]]: hostile lines against the built server, which is
// started for it, or against the one at URL. There the fixtures are made over /api/v1 as far as the token may; --token-b is another tenant's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startServer } from './started-server.mjs';
import { observe } from './testing/hostile-database.mjs';
import { fixturesByApi, fixturesByOperator } from './testing/hostile-fixtures.mjs';
import { openWire } from './testing/hostile-mail.mjs';
import { readLines, runLine } from './testing/hostile.mjs';

/** By when a server has forgotten what it remembers of a token. */
const COPIES_END_MS = 1500;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { base: { type: 'string' }, token: { type: 'string' }, 'token-b': { type: 'string' }, cat: { type: 'string' }, id: { type: 'string' } },
});
const folder = join(import.meta.dirname, '..', 'test', 'hostile');
const files = positionals.length > 0 ? positionals : [join(folder, 'hostile.jsonl'), join(folder, 'more.jsonl')];

const closing = [];
try {
  const [categories, ids] = [values.cat, values.id].map((list) => list?.toUpperCase().split(','));
  const lines = readLines(...files).filter(({ cat, id }) => (categories?.includes(cat) ?? true) && (ids?.includes(id) ?? true));
  process.exitCode = await runAll(lines, values.base === undefined ? await ownTarget() : await givenTarget(values));
} catch (error) {
  console.error(`hostile: ${error.stack}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  for (const close of closing.reverse()) await close();
}

function addressOf(base) {
  const { origin, pathname } = new URL(base);
  return { origin, basePath: pathname.replace(/\/$/, '') };
}

async function givenTarget({ base, token = '', 'token-b': tokB }) {
  const address = addressOf(base);
  return { ...address, publicUrl: base.replace(/\/(t\/[^/]+\/)?scim\/v2\/?$/, ''), ...(await fixturesByApi({ ...address, maker: token, tokB })), between: between() };
}

/** A server of its own, whose database is looked at from beside it. */
async function ownTarget() {
  const server = await startServer({ logLevel: 'info' });
  closing.push(server.stop);
  const address = addressOf(server.base);
  const part = (name) => import(`../dist/${name}.js`);
  const [{ DEFAULT_LIMITS: limits }, { createLog }, { loadRegistry }, { keptSecretKey }, { Keyring }, { openStore }, { createTransport }, ...tenancy] = await Promise.all(
    ['limits', 'log', 'scim/registry', 'store/embedded/secret-key', 'store/keys', 'store/store', 'mail/transport', 'tenancy/clients', 'tenancy/tenants', 'tenancy/tokens'].map(part),
  );
  const { port } = JSON.parse(readFileSync(join(server.dataDir, 'mongod.json'), 'utf8'));
  const registry = loadRegistry(new URL('../schemas', import.meta.url));
  const store = await openStore({ uri: `mongodb://127.0.0.1:${port}/?directConnection=true`, registry, limits, log: createLog({ level: 'silent' }) });
  closing.push(() => store.close());
  const own = await store.collections.tenants.findOne({ name: 'default' });
  const keyring = new Keyring(store, () => [keptSecretKey(server.dataDir)], () => new Date());
  const fixtures = await fixturesByOperator({
    ...address, tokA: server.token, own: own._id,
    doing: { store, now: () => new Date(), by: { kind: 'system', id: 'hostile' }, may: undefined, request: '', from: undefined, changed: () => undefined },
    tenancy: Object.assign({}, ...tenancy),
    signingKey: async () => (await keyring.signingKey()).key,
  });
  await delay(COPIES_END_MS);
  const database = observe(store.collections.tenants.db, { tenantB: fixtures.tenantB });
  const wire = await openWire(createTransport);
  closing.push(wire.close);
  server.logged();
  return { ...address, publicUrl: address.origin, ...fixtures, database, wire, forgotten: () => delay(COPIES_END_MS), logged: server.logged, between: between() };
}

/** After many wrong tokens from one address it is told to wait. */
function between() {
  let last;
  return async ({ request, cat }) => {
    if (last?.request.times > 10 && last.cat === 'AUTH') await delay(COPIES_END_MS);
    else if (cat === 'AUTH') await delay(60);
    last = { request, cat };
  };
}

async function runAll(lines, target) {
  const count = { passed: 0, failed: 0, notApplicable: 0 };
  for (const line of lines) {
    const { faults, notApplicable } = await runLine(line, target);
    if (notApplicable !== undefined) {
      count.notApplicable += 1;
      console.log(`${line.id}: not applicable yet: ${notApplicable}`);
    } else if (faults.length > 0) {
      count.failed += 1;
      console.log(`${line.id}: FAILED: ${line.title}${faults.map((fault) => `\n    ${fault}`).join('')}`);
    } else count.passed += 1;
  }
  console.log(`${count.notApplicable} not applicable yet`);
  console.log(`${count.passed} passed, ${count.failed} failed`);
  return count.failed > 0 || count.passed === 0 ? 1 : 0;
}
