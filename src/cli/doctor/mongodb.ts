/** Whether MongoDB is one that Rollcall can rely on. What the user of MONGODB_URI may not ask is told as that. */
import type { Store } from '../../store/store.ts';
import { fail, ok, warn, type Check } from './check.ts';

type Admin = ReturnType<Store['collections']['tenants']['db']['admin']>;

export const adminOf = ({ collections }: Store): Admin => collections.tenants.db.admin();

/** A standalone server was refused when the database was opened. */
export async function setCheck(admin: Admin): Promise<Check> {
  const { setName } = await admin.command({ hello: 1 });
  return ok('replica set', typeof setName === 'string' ? setName : 'behind mongos');
}

const SUPPORTED = '7.0.32 or newer, or 8.0.21 or newer';

export async function versionCheck(admin: Admin): Promise<Check> {
  const { version } = await admin.command({ buildInfo: 1 });
  return supportCheck(String(version));
}

export function supportCheck(version: string): Check {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const isSupported = major === 7 && minor === 0 ? patch >= 32 : major > 8 || (major === 8 && (minor > 0 || patch >= 21));
  return isSupported ? ok('mongodb', version) : warn('mongodb', `${version} will do for development and tests: in production use MongoDB ${SUPPORTED}.`);
}

/** As compose.yaml and the embedded MongoDB have it: README, "Operate". */
const TRANSACTION_SECONDS = 8;

export async function transactionCheck(admin: Admin): Promise<Check> {
  const name = 'transactions';
  let seconds: unknown;
  try {
    seconds = (await admin.command({ getParameter: 1, transactionLifetimeLimitSeconds: 1 }))['transactionLifetimeLimitSeconds'];
  } catch {
    return warn(name, `this user may not ask for transactionLifetimeLimitSeconds: see that it is ${TRANSACTION_SECONDS} on every node.`);
  }
  const text = `transactionLifetimeLimitSeconds is ${String(seconds)}`;
  if (typeof seconds === 'number' && seconds <= TRANSACTION_SECONDS) return ok(name, text);
  return warn(name, `${text}, for which a server that is killed keeps locked what it was writing: set it to ${TRANSACTION_SECONDS} on every node.`);
}

export async function clockCheck(admin: Admin): Promise<Check> {
  const before = Date.now();
  const { localTime } = await admin.command({ hello: 1 });
  const after = Date.now();
  if (!(localTime instanceof Date)) return warn('clock', 'MongoDB does not tell its time.');
  // The answer was made at some moment in between.
  return differenceCheck(Math.max(0, before - localTime.getTime(), localTime.getTime() - after));
}

export function differenceCheck(milliseconds: number): Check {
  const text = `this machine and that of MongoDB differ by ${(milliseconds / 1000).toFixed(1)} s`;
  if (milliseconds < 1000) return ok('clock', text);
  return (milliseconds < 60_000 ? warn : fail)('clock', `${text}: let both keep their time by NTP, since tokens, links and leave dates end by it.`);
}
