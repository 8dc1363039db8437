import t from 'tap';
import { TokenReader, tokenHash } from '../../src/store/tokens.ts';
import { commandLine, toldOnce } from './command-line.ts';

const { rollcall, contents, audited, store } = await commandLine(t);
const DAY_MS = 24 * 60 * 60 * 1000;
const isAccepted = async (token: string) => (await new TokenReader(store, () => new Date()).find(token)) !== undefined;
const daysOf = ({ created, expires }: { created: string; expires: string }) => (Date.parse(expires) - Date.parse(created)) / DAY_MS;

t.test('a token is printed once: alone, among facts, or in JSON', async (t) => {
  const quiet = await rollcall('token', 'issue', 'bootstrap', '--days', '90', '--quiet');
  t.match(quiet.out, /^rc_[\w-]{43}\n$/);
  t.ok(await isAccepted(quiet.out.trim()));
  const plain = await rollcall('token', 'issue', 'bootstrap');
  const token = /^token +(rc_[\w-]{43}) {2}\(shown this once: keep it\)$/m.exec(plain.out)?.[1] ?? '';
  t.ok(await isAccepted(token));
  const { json } = await rollcall('token', 'issue', 'bootstrap', '--secret', '--json');
  t.match(json, { use: 'secret', secret: /^rcs_[\w-]{43}$/, id: tokenHash(json.secret) });
  t.equal(daysOf(json), 180);
  const later = [await rollcall('token', 'list', 'bootstrap'), await rollcall('token', 'list', 'bootstrap', '--json'), await rollcall('doctor')];
  for (const secret of [quiet.out.trim(), token, json.secret as string]) {
    t.notOk(later.some(({ out, err }) => out.includes(secret) || err.includes(secret)), 'nothing shows it again');
    t.notOk((await contents()).includes(secret), 'nor is it kept');
  }
  t.equal(await audited('token.issue'), 3);
});

t.test('the list tells them apart', async (t) => {
  const { json } = await rollcall('token', 'list', 'bootstrap', '--json');
  t.same(json.map(({ use }: { use: string }) => use), ['secret', 'bearer', 'bearer', 'bearer'], 'the newest first');
  const { out } = await rollcall('token', 'list', 'bootstrap');
  t.match(out, /^id +label +use +created +expires +last used +succeeds\n/);
  for (const { id, label } of json as { id: string; label: string }[]) t.match(out, new RegExp(`^${id.slice(0, 12)} +${label} `, 'm'));
});

t.test('a successor, and the end of a token by its label', async (t) => {
  const first = (await rollcall('token', 'issue', 'bootstrap', '--json')).json;
  const next = (await rollcall('token', 'successor', first.id.slice(0, 12), '--days', '30', '--grace-hours', '24', '--json')).json;
  t.match(next, { succeeds: first.id, use: 'bearer', token: /^rc_/ });
  t.equal(daysOf(next), 30);
  t.match(await store.collections.tokens.findOne({ _id: next.id }), { succeeds: { token: first.id, graceSeconds: 86_400 } });
  t.ok(await isAccepted(first.token), 'the first goes on');
  t.match((await rollcall('token', 'revoke', first.label)).out, new RegExp(`^The token ${first.label} is revoked`));
  t.notOk(await isAccepted(first.token));
  t.equal((await rollcall('token', 'revoke', next.id.toUpperCase(), '--json')).json.revoked, true);
  t.equal(await audited('token.revoke'), 2);
});

t.test('what is refused changes nothing', async (t) => {
  const [tenant] = await store.collections.tenants.find({}).toArray();
  const kept = { t: tenant?._id ?? '', client: 'x', use: 'bearer', created: new Date(), expires: new Date('2030-01-01') } as const;
  await store.collections.tokens.insertMany([{ ...kept, _id: 'feed1', label: 'rc_twin' }, { ...kept, _id: 'feed2', label: 'rc_twin' }]);
  await rollcall('tenant', 'create', 'acme');
  const before = await contents();
  const rows: [1 | 2, RegExp, ...string[]][] = [
    [1, /There is no client "nobody" in the tenant default/, 'token', 'issue', 'nobody'],
    [1, /There is no tenant "nobody"/, 'token', 'issue', 'bootstrap', '--tenant', 'nobody'],
    [1, /There is no client "bootstrap" in the tenant acme/, 'token', 'list', 'bootstrap', '--tenant', 'acme'],
    [1, /There is no token "beef00"/, 'token', 'revoke', 'beef00'],
    [1, /There is no token "feed1"/, 'token', 'revoke', 'feed1', '--tenant', 'acme'],
    [1, /"fee" is too short/, 'token', 'revoke', 'fee'],
    [1, /"feed" stands for 2 tokens: feed1 \(until 2030-01-01T00:00:00Z\), feed2/, 'token', 'revoke', 'feed'],
    [1, /"rc_twin" stands for 2 tokens/, 'token', 'successor', 'rc_twin'],
    [1, /is too short/, 'token', 'revoke', ''],
    [2, /whole number from 1 to 365; see "rollcall token issue --help"/, 'token', 'issue', 'bootstrap', '--days', '366'],
    [2, /whole number from 1 to 365/, 'token', 'issue', 'bootstrap', '--days', '1.5'],
    [2, /whole number from 0 to 720/, 'token', 'successor', 'feed1', '--grace-hours', '1e2'],
    [2, /cannot be used with option/, 'token', 'issue', 'bootstrap', '--quiet', '--json'],
  ];
  for (const [code, sentence, ...words] of rows) {
    const ended = await rollcall(...words);
    if (words.includes('--json')) t.match({ code: ended.code, out: ended.out, error: JSON.parse(ended.err).error }, { code, out: '', error: sentence });
    else toldOnce(t, ended, code, sentence);
  }
  t.equal(await contents(), before);
});
