import t from 'tap';
import { sign, verify } from 'node:crypto';
import { seal, unseal } from '../../src/seal.ts';
import { Keyring, ROLLOUT_MS, TOKEN_SECONDS } from '../../src/store/keys.ts';
import { openTestStore } from '../helpers/store.ts';

const FIRST = 'a key for tests of at least 32 characters';
const SECOND = 'another key for tests of at least 32 characters';
const SECOND_MS = 1000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

const queries: string[] = [];
const store = await openTestStore(t, import.meta.url, {
  monitor: ({ commandName, command }) => {
    if (command[commandName] === 'keys') queries.push(commandName);
  },
});

const clock = { now: new Date('2026-01-05T09:00:00.000Z') };
const pass = (ms: number) => {
  clock.now = new Date(clock.now.getTime() + ms);
};
/** A process of its own. */
const newKeyring = (...secrets: string[]) => new Keyring(store, () => (secrets.length === 0 ? [FIRST] : secrets), () => clock.now);
const { keys } = store.collections;
const kidsOf = async (keyring: Keyring) => (await keyring.publicKeys()).map((key) => Reflect.get(key, 'kid')).sort();
const signsWith = async (keyring: Keyring) => (await keyring.signingKey()).kid;

t.beforeEach(async () => {
  await keys.deleteMany({});
});

t.test('what is sealed opens with the same secret and purpose alone, and in one form', async (t) => {
  const sealed = seal([FIRST, SECOND], 'cursor', 'text \u{1f600}');
  t.match(sealed, /^[A-Za-z0-9_-]+$/);
  t.equal(unseal([FIRST], 'cursor', sealed), 'text \u{1f600}');
  t.equal(unseal([SECOND, FIRST], 'cursor', sealed), 'text \u{1f600}', 'any of the secrets opens');
  t.equal(unseal([SECOND], 'cursor', sealed), undefined, 'only the first one seals');
  t.equal(unseal([FIRST], 'signing key', sealed), undefined, 'another purpose');
  t.equal(unseal([], 'cursor', sealed), undefined);
  t.throws(() => seal([], 'cursor', 'text'));
  t.equal(unseal([FIRST], 'cursor', seal([FIRST], 'cursor', '')), '');
  t.not(seal([FIRST], 'cursor', 'a'), seal([FIRST], 'cursor', 'a'), 'no two are the same');
  for (const changed of [`${sealed}=`, ` ${sealed}`, `${sealed}\n`, sealed.slice(1), sealed.slice(0, -4), '', 'AAAA']) t.equal(unseal([FIRST], 'cursor', changed), undefined);
  for (let position = 0; position < sealed.length; position++) {
    const other = sealed[position] === 'A' ? 'B' : 'A';
    t.equal(unseal([FIRST], 'cursor', sealed.slice(0, position) + other + sealed.slice(position + 1)), undefined, `character ${position}`);
  }
});

t.test('the first key is made once, however many processes need it', async (t) => {
  t.same(await newKeyring().publicKeys(), [], 'nobody has needed one');
  const processes = Array.from({ length: 12 }, () => newKeyring());
  await Promise.all(processes.slice(0, 4).map((keyring) => keyring.publicKeys()));
  const kids = await Promise.all(processes.flatMap((keyring) => [signsWith(keyring), signsWith(keyring)]));
  t.same(new Set(kids), new Set(['1']));
  t.equal(await keys.countDocuments({}), 1);
});

t.test('the public key checks what the private one signs, and nothing private is kept or shown', async (t) => {
  const keyring = newKeyring();
  const signing = await keyring.signingKey();
  const verification = await keyring.verificationKey(signing.kid);
  const text = Buffer.from('text');
  t.ok(verification && verify('sha256', text, verification.key, sign('sha256', text, signing.key)));
  t.equal(verification?.key.type, 'public');
  const stored = JSON.stringify(await keys.find({}).toArray());
  const { d } = signing.key.export({ format: 'jwk' });
  t.ok(d);
  const isFree = (shown: string) => !shown.includes(String(d)) && !shown.includes('PRIVATE') && !shown.includes('"d"');
  t.ok(isFree(stored), 'the database');
  t.ok(isFree(JSON.stringify([signing, verification, await keyring.publicKeys()])), 'what is turned to JSON');
  t.match(await keyring.publicKeys(), [{ kty: 'EC', crv: 'P-256', kid: '1', alg: 'ES256', use: 'sig' }]);
  t.same(Object.keys((await keyring.publicKeys())[0] ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});

t.test('a new key signs when everybody has had time to learn of it, the one before is accepted until its last token has expired', async (t) => {
  const keyring = newKeyring();
  const other = newKeyring();
  t.equal(await signsWith(keyring), '1');
  t.equal(await signsWith(other), '1');
  t.equal(await keyring.rotate(), '2');
  t.equal(await signsWith(keyring), '1', 'not yet');
  t.same(await kidsOf(keyring), ['1', '2'], 'shown at once');
  pass(ROLLOUT_MS - SECOND_MS);
  t.equal(await signsWith(other), '1');
  pass(SECOND_MS);
  t.equal(await signsWith(keyring), '2');
  t.equal(await signsWith(other), '2', 'in every process');
  pass(TOKEN_SECONDS * SECOND_MS - 1);
  t.ok(await other.verificationKey('1'), 'the last token of the old key lives');
  t.equal(await other.dropRetired(), 0);
  pass(1);
  t.notOk(await other.verificationKey('1'));
  t.same(await kidsOf(other), ['2']);
  t.equal(await keyring.dropRetired(), 1);
  t.same(await kidsOf(keyring), ['2']);
  pass(365 * DAY_MS);
  t.equal(await keyring.dropRetired(), 0, 'the newest has no end');
  t.equal(await signsWith(keyring), '2');
});

t.test('rotations in quick succession leave no gap', async (t) => {
  const keyring = newKeyring();
  await keyring.signingKey();
  t.equal(await keyring.rotate(), '2');
  pass(ROLLOUT_MS / 2);
  t.equal(await keyring.rotate(), '3');
  t.equal(await signsWith(keyring), '1');
  pass(ROLLOUT_MS / 2);
  t.equal(await signsWith(keyring), '2');
  pass(ROLLOUT_MS / 2);
  t.equal(await signsWith(keyring), '3');
  t.same(await kidsOf(keyring), ['1', '2', '3']);
  t.same((await keys.find({ retires: { $exists: false } }).toArray()).map(({ _id }) => _id), ['3']);
  const kids = await Promise.all(Array.from({ length: 6 }, () => newKeyring().rotate()));
  t.equal(await keys.countDocuments({ retires: { $exists: false } }), 1, kids.join());
});

t.test('the order of keys is that of numbers', async (t) => {
  const keyring = newKeyring();
  await keyring.signingKey();
  for (let kid = 2; kid <= 11; kid++) t.equal(await keyring.rotate(), String(kid));
  pass(ROLLOUT_MS);
  t.equal(await signsWith(keyring), '11');
});

t.test('keys change after thirty days, once for all processes', async (t) => {
  const processes = Array.from({ length: 4 }, () => newKeyring());
  const rotateAll = () => Promise.all(processes.map((keyring) => keyring.rotateWhenDue()));
  t.same(new Set(await rotateAll()), new Set([undefined]), 'there is none to replace');
  await Promise.all(processes.map((keyring) => keyring.signingKey()));
  pass(30 * DAY_MS);
  t.same(new Set(await rotateAll()), new Set([undefined]));
  pass(1);
  t.ok((await rotateAll()).includes('2'));
  t.equal(await keys.countDocuments({}), 2);
  t.same(new Set(await rotateAll()), new Set([undefined]), 'not again');
});

t.test('memory is at most five seconds old, and unknown kids make one query a second', async (t) => {
  const keyring = newKeyring();
  await keyring.signingKey();
  await keyring.verificationKey('1');
  queries.length = 0;
  for (let count = 0; count < 50; count++) await keyring.verificationKey(`unknown-${count}`);
  await Promise.all(Array.from({ length: 50 }, (_, count) => keyring.verificationKey(`more-${count}`)));
  t.same(queries, [], 'what was just read is not read again');
  pass(SECOND_MS);
  await Promise.all(Array.from({ length: 50 }, (_, count) => keyring.verificationKey(`unknown-${count}`)));
  t.same(queries, ['find']);
  await newKeyring().rotate();
  queries.length = 0;
  t.notOk(await keyring.verificationKey('2'));
  pass(SECOND_MS);
  t.ok(await keyring.verificationKey('2'), 'a kid of another process is found');
  pass(4999);
  await Promise.all([keyring.signingKey(), keyring.verificationKey('1'), keyring.publicKeys()]);
  t.same(queries, ['find']);
  pass(1);
  await Promise.all([keyring.signingKey(), keyring.verificationKey('1'), keyring.publicKeys()]);
  t.same(queries, ['find', 'find']);
  pass(-ROLLOUT_MS);
  t.ok(await keyring.verificationKey('1'));
  t.equal(queries.length, 3, 'a clock that was set back does not keep the copy for ever');
  for (const kid of ['', '0', '1 ', '01', '__proto__', 'constructor']) t.notOk(await keyring.verificationKey(kid), kid);
});

t.test('a key too early is better than none: clocks differ', async (t) => {
  await newKeyring().signingKey();
  pass(-5 * SECOND_MS);
  t.equal(await signsWith(newKeyring()), '1');
  t.equal(await keys.countDocuments({}), 1);
});

t.test('SECRET_KEY is changed: sealed again, the old one can go', async (t) => {
  await newKeyring(FIRST).signingKey();
  await newKeyring(FIRST).rotate();
  const both = newKeyring(SECOND, FIRST);
  t.equal(await signsWith(both), '1');
  t.equal(await both.reseal(), 2);
  t.equal(await signsWith(newKeyring(SECOND)), '1');
  pass(ROLLOUT_MS);
  t.equal(await signsWith(newKeyring(SECOND)), '2');
  t.equal(await keys.countDocuments({}), 2, 'no key was made');
  t.equal(await newKeyring(FIRST).reseal(), 0, 'what does not open stays as it is');
  t.equal(await signsWith(newKeyring(SECOND)), '2');
});

t.test('SECRET_KEY is lost: a new key signs at once, the tokens of the old one still count', async (t) => {
  const before = newKeyring(FIRST);
  await before.signingKey();
  const kids = await Promise.all(Array.from({ length: 4 }, () => signsWith(newKeyring(SECOND))));
  t.same(new Set(kids), new Set(['2']));
  t.ok(await newKeyring(SECOND).verificationKey('1'));
  t.equal(await signsWith(before), '1', 'a process that is still on the old one goes on');
  pass(5 * SECOND_MS);
  t.ok(await before.verificationKey('2'));
  t.equal(await keys.countDocuments({}), 2);
});
