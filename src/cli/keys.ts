/** `rollcall keys`: the keys that sign access tokens. Private ones are neither printed nor taken out of their seal here. */
import { NO_TENANT, writeAudit } from '../store/audit.ts';
import { Keyring, type KeyDocument } from '../store/keys.ts';
import { addCommand, addGroup, type AddCommands, type Output, type Session } from './command.ts';
import { Refused } from './faults.ts';
import { instant, table } from './lines.ts';
import { closedTo, storedKeys } from './signing-keys.ts';

export const addKeyCommands: AddCommands = (program, { onDatabase }) => {
  const keys = addGroup(program, 'keys', 'The keys that sign access tokens; they are sealed with SECRET_KEY.', [
    'rollcall keys list',
    'rollcall keys rotate',
    'SECRET_KEY=new,old rollcall keys reseal   # then SECRET_KEY=new is enough',
  ]);
  addCommand(keys, 'list', 'every key, the newest first').action(onDatabase(list));
  addCommand(keys, 'rotate', 'a new key in place of the present one, which goes on until its last tokens have ended').action(onDatabase(rotate));
  addCommand(keys, 'reseal', 'seal every key with the first SECRET_KEY, so that the others can be taken away').action(onDatabase(reseal));
};

const NONE = 'There is no key yet: a server makes the first one when it needs it.';

async function list({ doing }: Session): Promise<Output> {
  const keys = await storedKeys(doing.store);
  const columns = {
    kid: (one: KeyDocument) => one._id,
    created: (one: KeyDocument) => one.created,
    signs: (one: KeyDocument) => one.signs,
    retires: (one: KeyDocument) => one.retires,
  };
  return { data: keys.map(viewOf), lines: table(keys, columns, NONE) };
}

const viewOf = ({ _id: kid, alg, created, signs, retires }: KeyDocument) => ({ kid, alg, created, signs, ...(retires ? { retires } : {}) });

/** Refused with a foreign SECRET_KEY: no server could sign with the key that it would seal. */
async function rotate({ doing, secretKeys }: Session): Promise<Output> {
  const present = (await storedKeys(doing.store)).slice(0, 1);
  const secrets = secretKeys();
  if (closedTo(secrets, present).length > 0) {
    throw new Refused('SECRET_KEY does not open the present key, so it is not the one of the server: set SECRET_KEY as the server has it.');
  }
  const kid = await new Keyring(doing.store, () => secrets, doing.now).rotate();
  await told(doing, 'key.rotate', kid);
  const made = (await storedKeys(doing.store)).find(({ _id }) => _id === kid);
  return { data: made ? viewOf(made) : { kid }, lines: [`The key ${kid} is made${made ? ` and signs from ${instant(made.signs)}` : ''}.`] };
}

async function reseal({ doing, secretKeys }: Session): Promise<Output> {
  const keys = await storedKeys(doing.store);
  const secrets = secretKeys();
  const closed = closedTo(secrets, keys).map(({ _id }) => _id);
  const resealed = await new Keyring(doing.store, () => secrets, doing.now).reseal();
  if (resealed > 0) await told(doing, 'key.reseal', 'all');
  const behind = closed.length === 0 ? '' : ` SECRET_KEY does not open ${closed.join(', ')}: put the one that does behind the first, and run this again.`;
  return {
    data: { keys: keys.length, resealed, closed },
    lines: [`${resealed} of ${keys.length} keys are sealed with the first SECRET_KEY.${behind}`],
    failed: closed.length > 0,
  };
}

/** Keys belong to no tenant. */
const told = ({ store, by, request, now }: Session['doing'], action: string, id: string) =>
  writeAudit(store, NO_TENANT, [{ by, action, on: { type: 'Key', id }, request, changed: [] }], now());
