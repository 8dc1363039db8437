import t from 'tap';
import { Keyring } from '../../src/store/keys.ts';
import { commandLine, SECRET_KEY, toldOnce } from './command-line.ts';

const { rollcall, withEnv, contents, audited, store } = await commandLine(t);
const NEW = 'another key for tests of at least 32 characters';
const OTHER = 'a third key for tests of at least 32 characters';
/** A process of the server that has just started. */
const server = (...secrets: string[]) => new Keyring(store, () => secrets, () => new Date());

t.test('before the first token there is no key', async (t) => {
  t.match((await rollcall('keys', 'list')).out, /^There is no key yet/);
  t.same((await rollcall('keys', 'list', '--json')).json, []);
});

t.test('rotate makes the next key, and the list shows when each signs', async (t) => {
  await server(SECRET_KEY).signingKey();
  const { code, out } = await rollcall('keys', 'rotate');
  t.equal(code, 0);
  t.match(out, /^The key 2 is made and signs from \d{4}-.*Z\.\n$/);
  t.match((await rollcall('keys', 'list')).out, /^kid +created +signs +retires\n2 .* -\n1 .*Z\n$/);
  const { json } = await rollcall('keys', 'list', '--json');
  t.same(json.map((key: object) => Object.keys(key)), [['kid', 'alg', 'created', 'signs'], ['kid', 'alg', 'created', 'signs', 'retires']], 'nothing of the keys themselves');
  t.equal((await rollcall('keys', 'rotate', '--json')).json.kid, '3');
  t.equal(await audited('key.rotate'), 2);
  t.match(await store.collections.audit.findOne({ action: 'key.rotate' }), { t: '', on: { type: 'Key', id: '2' }, by: { id: 'command line' } });
});

t.test('reseal: the first SECRET_KEY is enough from then on', async (t) => {
  const { code, out } = await withEnv({ SECRET_KEY: `${NEW},${SECRET_KEY}` }, 'keys', 'reseal');
  t.equal(code, 0);
  t.equal(out, '3 of 3 keys are sealed with the first SECRET_KEY.\n');
  t.match(await server(NEW).signingKey(), { kid: '1' });
  t.equal(await audited('key.reseal'), 1);
});

t.test('reseal with a key that stays behind ends with 1 and names it', async (t) => {
  t.match(await withEnv({ SECRET_KEY: `${OTHER},${NEW}` }, 'keys', 'rotate'), { code: 0 });
  const { code, out, err, json } = await withEnv({ SECRET_KEY: OTHER }, 'keys', 'reseal', '--json');
  t.match({ code, err, json }, { code: 1, err: '', json: { keys: 4, resealed: 1, closed: ['3', '2', '1'] } });
  t.notMatch(out, OTHER);
  const told = await withEnv({ SECRET_KEY: OTHER }, 'keys', 'reseal');
  t.equal(told.code, 1);
  t.match(told.out, /^1 of 4 keys are sealed with the first SECRET_KEY\. SECRET_KEY does not open 3, 2, 1: put the one that does/);
});

t.test('a foreign SECRET_KEY, or none, changes nothing', async (t) => {
  const before = await contents();
  toldOnce(t, await rollcall('keys', 'rotate'), 1, /does not open the present key.*set SECRET_KEY as the server has it/);
  toldOnce(t, await withEnv({ SECRET_KEY: '' }, 'keys', 'rotate'), 1, /SECRET_KEY is not set and .*rollcall-not-there holds none/);
  toldOnce(t, await withEnv({ SECRET_KEY: '' }, 'keys', 'reseal'), 1, /set SECRET_KEY or DATA_DIR as the server has them/);
  t.equal((await withEnv({ SECRET_KEY: '' }, 'keys', 'list')).code, 0, 'to look at them none is needed');
  t.equal(await contents(), before);
});
