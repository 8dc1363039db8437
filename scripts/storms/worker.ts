/** One worker process of a storm: the server's own tasks, at the time that it is told. Says `ready` once, and `idle` when nothing is due. */
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { createTransport } from '../../src/mail/transport.ts';
import { Keyring } from '../../src/store/keys.ts';
import { openStore } from '../../src/store/store.ts';
import { TASKS, type WorkerParts } from '../../src/worker.ts';
import { openRegistry } from './place.ts';

const config = loadConfig();
const log = createLog({ level: config.logLevel });
const registry = openRegistry();
const store = await openStore({ uri: config.mongodbUri ?? '', registry, limits: config.limits, log });
const transport = createTransport({ smtpUrl: config.smtpUrl ?? '', from: config.mailFrom });

/** From `crew.ts`. */
export interface Turn {
  readonly now: number;
  readonly tasks: readonly string[];
}

const turn = async ({ now: at, tasks }: Turn) => {
  const now = () => new Date(at);
  const keyring = new Keyring(store, () => config.secretKeys, now);
  const parts: WorkerParts = { store, registry, behaviours: accountBehaviours, keyring, config, transport, domain: 'storm.example', log, now };
  // What failed is due again at the next turn, as it is for the server's worker.
  await Promise.allSettled(TASKS.filter(({ name }) => tasks.includes(name)).map(({ run }) => run(parts)));
  process.send?.('idle');
};
process.on('message', (told) => void turn(told as Turn)); // from `crew.ts` alone
process.on('disconnect', () => process.exit());
process.send?.('ready');
