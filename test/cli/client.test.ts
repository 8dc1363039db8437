import t from 'tap';
import { CLIENT_SETTINGS } from '../../src/tenancy/client-settings.ts';
import { commandLine, toldOnce } from './command-line.ts';

const { rollcall, contents, audited, store } = await commandLine(t);
await rollcall('tenant', 'create', 'acme');

t.test('create, show and list, each in its tenant', async (t) => {
  const made = await rollcall('client', 'create', 'entra', '--tenant', 'acme', '--scope', 'users:write', 'users:read', '--set', 'kind=entra', 'networks=["203.0.113.0/24"]');
  t.equal(made.code, 0, made.err);
  t.match(made.out, /^scopes +users:read users:write$/m);
  t.match(made.out, /^kind +"entra"$/m);
  t.match(made.out, /^networks +\["203\.0\.113\.0\/24"\]$/m);
  t.match(made.out, /^person +-$/m);
  const { json } = await rollcall('client', 'show', 'entra', '--tenant', 'acme', '--json');
  t.match(json, { name: 'entra', scopes: ['users:read', 'users:write'], settings: { kind: 'entra', enabled: true } });
  t.match((await rollcall('client', 'list', '--tenant', 'acme')).out, /^name +kind +enabled +created +scopes\nentra +entra +true .* users:read users:write\n$/);
  t.same((await rollcall('client', 'list', '--json')).json.map(({ name }: { name: string }) => name), ['bootstrap'], 'without --tenant it is the tenant default');
});

t.test('set: settings, scopes and person; what is not named stays', async (t) => {
  const person = '01a1fe6a-f1ef-77c6-9ad2-a261ea8fd3da';
  const { id } = (await rollcall('tenant', 'show', 'acme', '--json')).json as { id: string };
  const user = { _id: person, t: id, v: 1, created: '', lastModified: '', ext: [], a: {}, k: {}, mr: 0, p: 'employee' };
  await store.collections.resources(store.registry.type('User')).insertOne(user);
  const set = (...words: string[]) => rollcall('client', 'set', 'entra', ...words, '--tenant', 'acme', '--json');
  t.match((await set('requestsPerSecond=50')).json, { scopes: ['users:read', 'users:write'], settings: { requestsPerSecond: 50, kind: 'entra' } });
  t.match((await set('--scope', 'groups:read')).json, { scopes: ['groups:read'], settings: { requestsPerSecond: 50 } });
  t.match((await set('--person', person)).json, { person });
  t.equal('person' in (await set('--person', '', 'networks=')).json, false);
  t.same((await set('--scope', '')).json.scopes, []);
  t.same((await set()).json.settings.networks, { value: [], default: [], allowed: CLIENT_SETTINGS.networks.allowed, description: CLIENT_SETTINGS.networks.description });
  t.match((await rollcall('client', 'set', 'bootstrap')).out, /^populations = \["employee","external","portal","contact"\]\n {4}Which people it sees, beside those that it has a right to manage\.$/m);
  t.equal(await audited('client.change'), 5, 'what only looks is no change');
});

t.test('what is refused changes nothing', async (t) => {
  const before = await contents();
  const rows: [1 | 2, RegExp, ...string[]][] = [
    [1, /There is no tenant "nobody"/, 'client', 'list', '--tenant', 'nobody'],
    [1, /There is no client "entra" in the tenant default: "rollcall client list --tenant default"/, 'client', 'show', 'entra'],
    [1, /name is already taken/, 'client', 'create', 'bootstrap'],
    [1, /There is no scope "users:fly"; there are \*/, 'client', 'create', 'okta', '--scope', 'users:fly'],
    [1, /kind must be one of generic, entra/, 'client', 'create', 'okta', '--set', 'kind=oktopus'],
    [1, /there is no User with this id/, 'client', 'set', 'bootstrap', '--person', 'nobody'],
    [1, /there is no schema "urn:x"/, 'client', 'set', 'bootstrap', 'enabled=false', 'shows=["urn:x"]'],
    [1, /repeat its name: --confirm "bootstrap"/, 'client', 'delete', 'bootstrap', '--confirm', 'default'],
    [2, /not specified/, 'client', 'delete', 'bootstrap'],
    [2, /must be name=value/, 'client', 'set', 'bootstrap', '=false'],
    [2, /Unknown option '--scopes' \(Did you mean --scope\?\); see "rollcall client create --help"/, 'client', 'create', 'okta', '--scopes', '*'],
  ];
  for (const [code, sentence, ...words] of rows) toldOnce(t, await rollcall(...words), code, sentence);
  t.equal(await contents(), before);
});

t.test('delete takes the tokens with it', async (t) => {
  await rollcall('token', 'issue', 'entra', '--tenant', 'acme');
  const { code, out } = await rollcall('client', 'delete', 'entra', '--tenant', 'acme', '--confirm', 'entra');
  t.equal(code, 0);
  t.equal(out, 'The client entra and its tokens are deleted.\n');
  t.equal((await rollcall('client', 'list', '--tenant', 'acme')).out, 'The tenant acme has no client.\n');
  t.equal(await store.collections.tokens.countDocuments({}), 1, 'that of bootstrap');
  t.equal(await audited('client.delete'), 1);
});
