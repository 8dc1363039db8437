/** One worker process of the storm `mail`: the server's own task, at the time that it is told. Says `ready` once, and `idle` when nothing is due. */
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { createTransport } from '../../src/mail/transport.ts';
import { Keyring } from '../../src/store/keys.ts';
import { openStore } from '../../src/store/store.ts';
import { TASKS } from '../../src/worker.ts';
import { openRegistry } from './place.ts';

const config = loadConfig();
const log = createLog({ level: config.logLevel });
const registry = openRegistry();
const store = await openStore({ uri: config.mongodbUri ?? '', registry, limits: config.limits, log });
const transport = createTransport({ smtpUrl: config.smtpUrl ?? '', from: config.mailFrom });
const send = TASKS.find(({ name }) => name === 'send mail');
if (!send) throw new Error('there is no task "send mail"');

const turn = async (now: Date) => {
  const keyring = new Keyring(store, () => config.secretKeys, () => now);
  await send.run({ store, registry, behaviours: accountBehaviours, keyring, config, transport, domain: 'storm.example', log, now: () => now });
  process.send?.('idle');
};
process.on('message', (now) => void turn(new Date(Number(now))));
process.on('disconnect', () => process.exit());
process.send?.('ready');
