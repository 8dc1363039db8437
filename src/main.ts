/** The process: settings, database, accounts, HTTP, in this order; and the way back when it is told to end. */
import { accountBehaviours } from './accounts/behaviours.ts';
import { bootstrap } from './accounts/bootstrap.ts';
import { hashApart } from './accounts/passwords.ts';
import { buildApp } from './app.ts';
import { loadConfig, type Config } from './config.ts';
import { StartError } from './errors.ts';
import { createLog, type Log } from './log.ts';
import { foundMongod, registryOf, secretKeysOf } from './main/database.ts';
import { closeAll, closeServer, endOnSignal, opened } from './main/end.ts';
import { createTransport } from './mail/transport.ts';
import { startEmbedded } from './store/embedded/start.ts';
import { Keyring } from './store/keys.ts';
import { openStore } from './store/store.ts';
import { sweepLeftovers } from './store/sweep.ts';
import { startWorker } from './worker.ts';

const now = () => new Date();

try {
  await start();
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  await closeAll();
  process.exit(1);
}

async function start(): Promise<void> {
  const settings = loadConfig();
  const log = createLog({ level: settings.logLevel });
  // One request's slip must not end everybody's: it is logged, and the request has its own way to fail.
  process.on('unhandledRejection', (err) => log.error({ err }, 'a promise was rejected and nobody looked'));
  endOnSignal(log);

  const uri = settings.mongodbUri ?? (await embedded(settings, log));
  const config: Config = Object.freeze({ ...settings, secretKeys: secretKeysOf(settings, log) });
  const registry = registryOf(config);
  const store = await openStore({ uri, registry, limits: config.limits, log });
  opened({ name: 'store', close: () => store.close() });
  const passwords = hashApart(log);
  opened({ name: 'passwords', close: () => passwords.close() });
  store.background(sweepLeftovers(store), 'edges of deleted groups are left for the next start');
  const { token, activation, warnings } = await bootstrap({ store, registry, behaviours: accountBehaviours, config, now, log }, config.bootstrapToken);
  for (const warning of warnings) log.warn(warning);

  // Made before anybody asks, so that all processes have the same one from the first token on.
  const keyring = new Keyring(store, () => config.secretKeys, now);
  await keyring.signingKey();
  if (config.role !== 'api') {
    const transport = config.smtpUrl === undefined ? undefined : createTransport({ smtpUrl: config.smtpUrl, from: config.mailFrom });
    const worker = startWorker({ store, registry, behaviours: accountBehaviours, keyring, config, transport, domain: config.mailFrom.address.replace(/^.*@/, ''), log, now });
    opened({ name: 'worker', close: async () => {
      transport?.close();
      await worker.stop();
    } });
  }
  if (config.role !== 'worker') {
    const app = buildApp({ config, store, registry, keyring, log, now });
    opened({ name: 'http', close: () => closeServer(app, log) });
    await listen(app, config);
  }
  print(config, token, activation);
}

async function embedded({ dataDir }: Config, log: Log): Promise<string> {
  const mongod = await startEmbedded({ dataDir, ...foundMongod(), log });
  opened({ name: 'mongod', close: () => mongod.stop() });
  return mongod.uri;
}

async function listen(app: ReturnType<typeof buildApp>, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    switch (code) {
      case 'EADDRINUSE':
        throw new StartError(`Port ${port} on ${host} is in use: stop the program that has it, or set PORT to another one.`, { cause });
      case 'EACCES':
        throw new StartError(`This process may not listen on port ${port}: set PORT to one above 1023.`, { cause });
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        throw new StartError(`${host} is no address of this machine: set HOST to one of its own, for instance 127.0.0.1 or 0.0.0.0.`, { cause });
      default:
        throw cause;
    }
  }
}

/** For the person at the terminal, on stdout. Token and link are shown this once: only their hashes are kept. */
function print({ publicUrl, role }: Config, token: string | undefined, activation: string | undefined): void {
  if (role !== 'worker') console.log(`SCIM base URL   ${publicUrl}/scim/v2\nConsole         ${publicUrl}/console`);
  if (token !== undefined) console.log(`Bearer token    ${token}\n                (shown this once: keep it)`);
  if (activation !== undefined) console.log(`Administrator   ${activation}\n                (choose a password there within three days)`);
  console.log('Rollcall is ready.');
}
