/**
 * The server of the simulated year: the real application on a real port, and the worker's tasks, at the time that it is told. Says `ready` once, and
 * `done` behind each thing that it was told.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { bootstrap } from '../../src/accounts/bootstrap.ts';
import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { closeServer, endOnSignal, opened } from '../../src/main/end.ts';
import { createTransport } from '../../src/mail/transport.ts';
import { Keyring } from '../../src/store/keys.ts';
import { openStore } from '../../src/store/store.ts';
import { sweepLeftovers } from '../../src/store/sweep.ts';
import { TASKS, type WorkerParts } from '../../src/worker.ts';
import { openRegistry } from '../storms/place.ts';

const FREE_WITHIN_MS = 30_000;

export interface Told {
  readonly now: number;
  /** The tasks that are to have their turn, all at once; none of the worker's otherwise. */
  readonly tasks?: readonly string[];
}

const clock = { now: new Date(Number(process.argv[2])) };
const now = () => clock.now;
const config = loadConfig();
const log = createLog({ level: config.logLevel });
const registry = openRegistry();

endOnSignal(log);
process.on('disconnect', () => process.exit());
const store = await openStore({ uri: config.mongodbUri ?? '', registry, limits: config.limits, log });
opened({ name: 'store', close: () => store.close() });
store.background(sweepLeftovers(store), 'edges of deleted groups are left for the next start');
await bootstrap({ store, registry, behaviours: accountBehaviours, config, now, log }, config.bootstrapToken);
const keyring = new Keyring(store, () => config.secretKeys, now);
await keyring.signingKey();
const transport = createTransport({ smtpUrl: config.smtpUrl ?? '', from: config.mailFrom });
opened({ name: 'mail', close: () => {
  transport.close();
  return Promise.resolve();
} });
const app = buildApp({ config, store, registry, keyring, log, now });
opened({ name: 'http', close: () => closeServer(app, log) });
await app.listen({ host: config.host, port: config.port });

const parts: WorkerParts = { store, registry, behaviours: accountBehaviours, keyring, config, transport, domain: 'year.example', log, now };
async function hear({ now: at, tasks = [] }: Told): Promise<void> {
  clock.now = new Date(at);
  await Promise.all(TASKS.filter(({ name }) => tasks.includes(name)).map(turn));
  process.send?.('done');
}

/** Somebody who was killed keeps what their transaction has written from all others until MongoDB ends it, seconds later: as the worker does, it tries again. */
async function turn({ name, run }: (typeof TASKS)[number]): Promise<void> {
  const until = performance.now() + FREE_WITHIN_MS;
  for (;;) {
    try {
      await run(parts);
      return;
    } catch (error) {
      if (performance.now() > until) throw new Error(`the worker could not ${name}`, { cause: error });
      await delay(1000);
    }
  }
}
process.on('message', (told) => void hear(told as Told)); // from `site.ts` alone
process.send?.('ready');
