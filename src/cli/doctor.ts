/** `rollcall doctor`: everything that is needed for a good life, a line each. It looks and changes nothing. */
import { loadConfig, type Config } from '../config.ts';
import { StartError } from '../errors.ts';
import { createLog } from '../log.ts';
import { addCommand, withExamples, type AddCommands, type Io, type Output } from './command.ts';
import { attempt, fail, ok, type Check } from './doctor/check.ts';
import { databaseCheck, keyCheck, seatCheck, tenantCheck, tokenCheck } from './doctor/contents.ts';
import { indexCheck } from './doctor/indexes.ts';
import { mailCheck } from './doctor/mail.ts';
import { adminOf, clockCheck, setCheck, transactionCheck, versionCheck } from './doctor/mongodb.ts';
import { diskCheck, hashingCheck, nodeCheck, publicUrlCheck } from './doctor/surroundings.ts';
import { knownSecretKeys, openDatabase, type Opened } from './open.ts';

export const addDoctor: AddCommands = (program, { io, tell }) => {
  const doctor = addCommand(program, 'doctor', 'look whether all is well, and say what to do about what is not').action(async () => tell(told(await examine(io))));
  withExamples(doctor, ['rollcall doctor', 'docker compose exec rollcall rollcall doctor', 'rollcall doctor --json']);
};

const LABELS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

function told(checks: readonly Check[]): Output {
  const failed = checks.some(({ state }) => state === 'fail');
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, state, text }) => `${LABELS[state]}  ${name.padEnd(width)}  ${text.replace(/\s*\n\s*/g, ' ')}`);
  return { data: { ok: !failed, checks }, lines, failed };
}

async function examine({ env }: Io): Promise<readonly Check[]> {
  const ofMachine = [nodeCheck(process.version), await attempt('passwords', () => hashingCheck())];
  const config = readSettings(env);
  if (Array.isArray(config)) return [...config, ...ofMachine];
  return [ok('settings', 'every one can be read'), ...ofMachine, ...(await ofSettings(config)), ...(await ofDatabase(config))];
}

/** Or what is wrong with them, each on a line. */
function readSettings(env: Io['env']): Config | Check[] {
  try {
    return loadConfig(env);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return error.message.split('\n').map((fault) => fail('settings', fault));
  }
}

async function ofSettings({ publicUrl, mongodbUri, dataDir, smtpUrl }: Config): Promise<readonly Check[]> {
  return [
    publicUrlCheck(publicUrl),
    mongodbUri === undefined ? await attempt('disk', () => diskCheck(dataDir)) : ok('disk', 'the data is in the MongoDB of MONGODB_URI'),
    smtpUrl === undefined ? ok('mail', 'SMTP_URL is not set, so mail stays in the outbox') : await attempt('mail', () => mailCheck(smtpUrl)),
  ];
}

async function ofDatabase(config: Config): Promise<readonly Check[]> {
  let opened: Opened;
  try {
    opened = await openDatabase(config, createLog({ level: 'silent' }));
  } catch (error) {
    return [fail('mongodb', error instanceof Error ? error.message : String(error))];
  }
  const { store } = opened;
  const admin = adminOf(store);
  try {
    // All at once, but for the clock: an answer that waits behind others looks late.
    const clock = await attempt('clock', () => clockCheck(admin));
    const others = await Promise.all([
      attempt('replica set', () => setCheck(admin)),
      attempt('mongodb', () => versionCheck(admin)),
      attempt('transactions', () => transactionCheck(admin)),
      attempt('database', () => databaseCheck(store)),
      attempt('indexes', () => indexCheck(opened)),
      attempt('secret key', () => keyCheck(store, () => knownSecretKeys(config))),
      attempt('tenants', () => tenantCheck(store)),
      attempt('tokens', () => tokenCheck(store, new Date())),
      attempt('seats', () => seatCheck(store, new Date())),
    ]);
    return [clock, ...others];
  } finally {
    await opened.close();
  }
}
