import t from 'tap';
import { POLICY } from '../../src/policy.ts';
import { commandLine, toldOnce } from './command-line.ts';

const { rollcall, contents, audited, store } = await commandLine(t);

t.test('create, show, list', async (t) => {
  const made = await rollcall('tenant', 'create', 'acme', '--policy', 'language=nl', 'passwordLength=14', '--policy', 'languages=["nl","en"]');
  t.equal(made.code, 0, made.err);
  t.match(made.out, /^name +acme$/m);
  t.match(made.out, /^passwordLength +14$/m);
  t.notMatch(made.out, /lockoutAttempts/, 'what is as shipped is left out');
  const { json } = await rollcall('tenant', 'show', 'acme', '--json');
  t.match(json, { name: 'acme', state: 'active', policy: { language: 'nl', languages: ['nl', 'en'], passwordLength: 14 } });
  const { out } = await rollcall('tenant', 'list');
  t.match(out, /^name +state +created +id\nacme +active .*\ndefault +active .*\n$/);
  t.equal(await audited('tenant.create'), 1);
  const entry = await store.collections.audit.findOne({ action: 'tenant.create' });
  t.match(entry, { by: { kind: 'system', id: 'command line' }, request: /^[\da-f-]{36}$/ });
});

t.test('policies: JSON, text, and back to the default', async (t) => {
  const all = await rollcall('tenant', 'policy', 'default');
  for (const [name, { allowed, description }] of Object.entries(POLICY)) {
    t.ok(all.out.includes(`${name} = `) && all.out.includes(`    ${description}\n    ${allowed}; default `), name);
  }
  const changed = await rollcall('tenant', 'policy', 'default', 'lockoutAttempts=5', 'contact=Ada at 42', 'passwordWords=["rollcall"]', 'displayName="7"');
  t.equal(changed.code, 0, changed.err);
  t.equal(changed.out, 'lockoutAttempts  5\ncontact          "Ada at 42"\npasswordWords    ["rollcall"]\ndisplayName      "7"\n');
  const { json } = await rollcall('tenant', 'policy', 'default', 'contact=', '--json');
  t.match(json, { name: 'default', policy: { contact: { value: '', default: '' }, lockoutAttempts: { value: 5, default: 3, allowed: 'a whole number from 3 to 100' } } });
  t.equal(await audited('tenant.policy'), 2);
  await rollcall('tenant', 'policy', 'default', 'lockoutAttempts=5');
  t.equal(await audited('tenant.policy'), 2, 'what was so before is no change');
});

t.test('suspend and resume', async (t) => {
  t.equal((await rollcall('tenant', 'suspend', 'acme')).out, 'The tenant acme is suspended.\n');
  t.equal((await rollcall('tenant', 'suspend', 'acme', '--json')).json.state, 'suspended');
  t.equal(await audited('tenant.suspend'), 1);
  t.equal((await rollcall('tenant', 'resume', 'acme')).out, 'The tenant acme is active.\n');
  t.match((await rollcall('tenant', 'show', 'acme', '--json')).json, { state: 'active' });
});

t.test('what is refused changes nothing', async (t) => {
  const before = await contents();
  const rows: [1 | 2, RegExp, ...string[]][] = [
    [1, /There is no tenant "nobody": "rollcall tenant list"/, 'tenant', 'show', 'nobody'],
    [1, /There is no tenant "nobody"/, 'tenant', 'suspend', 'nobody'],
    [1, /name is already taken/, 'tenant', 'create', 'acme'],
    [1, /name must be 1 to 63 of a-z/, 'tenant', 'create', 'Acme Ltd'],
    [1, /passwordLength must be a whole number from 8 to 128/, 'tenant', 'create', 'other', '--policy', 'passwordLength=2'],
    [1, /There is no setting "colour"; there are displayName/, 'tenant', 'policy', 'acme', 'lockoutAttempts=9', 'colour=red'],
    [1, /There is no setting "__proto__"/, 'tenant', 'policy', 'acme', '__proto__={"language":"en"}'],
    [1, /language must be one of the languages on offer/, 'tenant', 'policy', 'acme', 'languages=["en"]'],
    [1, /repeat its name: acme/, 'tenant', 'delete', 'acme', '--confirm', 'acne'],
    [2, /Required option '--confirm <name>' not specified; see "rollcall tenant delete --help"/, 'tenant', 'delete', 'acme'],
    [2, /must be name=value; see "rollcall tenant policy --help"/, 'tenant', 'policy', 'acme', 'language'],
    [2, /language is given twice/, 'tenant', 'policy', 'acme', 'language=nl', 'language=en'],
    [2, /Missing required argument 'name'; see "rollcall tenant create --help"/, 'tenant', 'create'],
    [2, /Too many arguments/i, 'tenant', 'show', 'acme', 'default'],
  ];
  for (const [code, sentence, ...words] of rows) toldOnce(t, await rollcall(...words), code, sentence);
  t.equal(await contents(), before);
});

t.test('delete needs the name twice, and is for good', async (t) => {
  const { code, json } = await rollcall('tenant', 'delete', 'acme', '--confirm', 'acme', '--json');
  t.equal(code, 0);
  t.match(json, { name: 'acme', state: 'deleted' });
  t.equal((await rollcall('tenant', 'show', 'acme')).code, 1);
  t.equal((await rollcall('tenant', 'delete', 'acme', '--confirm', 'acme')).code, 1);
  t.equal(await audited('tenant.delete'), 1);
  t.same((await rollcall('tenant', 'list', '--json')).json.map(({ name }: { name: string }) => name), ['default']);
});
