/** Tenants: made, suspended and deleted by the operator; their policies are changed by who may grant rights. */
import t, { type Test } from 'tap';
import { LANGUAGES, POLICY, policyOf, type Policy } from '../../src/policy.ts';
import { ScimError } from '../../src/errors.ts';
import { dropTenants } from '../../src/store/retention.ts';
import { changePolicy, createTenant, deleteTenant, findTenant, getTenant, listTenants, setTenantState } from '../../src/tenancy/tenants.ts';
import { issueToken } from '../../src/tenancy/tokens.ts';
import type { Json } from '../../src/scim/json.ts';
import { groupBody, startApp, unique, userBody, type Answer } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { auditOf, everythingOf, members, operator, ownTenant, pass, secondServer, send } from './support.ts';

const app = await startApp(t, import.meta.url);
const { call, makeClient, store, tenants } = app;
const doing = operator(app);

async function failsWith(t: Test, status: number, work: Promise<unknown>, detail?: RegExp): Promise<void> {
  const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown);
  t.ok(error instanceof ScimError && error.status === status, `${status}: ${String(error)}`);
  if (detail) t.match(String(error), detail);
}

t.test('a name stands in paths: lower case letters, digits and hyphens', async (t) => {
  for (const name of ['a', '0', 'a-b', 'x'.repeat(63), '9lives']) t.equal((await createTenant(doing, name)).name, name);
  const count = (await listTenants(doing)).length;
  for (const name of ['', '-a', 'a-', 'A', 'a_b', 'a.b', 'a b', 'a/b', 'é', 'x'.repeat(64), 'a\n', '%2e']) await failsWith(t, 400, createTenant(doing, name), /name must be/);
  await failsWith(t, 409, createTenant(doing, 'a-b'), /already taken/);
  t.equal((await listTenants(doing)).length, count, 'nothing was made for what was refused');
});

t.test('a new tenant has the group Administrators with all rights, which only who may grant rights sees, and two entries in its log', async (t) => {
  const tenant = await ownTenant(app);
  const shown = (await call('GET', `/Groups/${tenant.administrators}`, undefined, { token: tenant.grantor })).body;
  t.match(shown, { displayName: 'Administrators' });
  t.same(Object.values(shown).find((value) => typeof value === 'object' && value !== null && 'rights' in value), { rights: ['users.manage', 'externalUsers.manage', 'portalUsers.manage', 'admin.grant', 'audit.read', 'clients.manage'] });
  t.equal((await call('GET', '/Groups', undefined, { token: tenant.plain })).body.totalResults, 0);
  t.same((await auditOf(app, tenant.id)).map(({ action, by }) => [action, by.kind]).toSorted(), [['create', 'system'], ['tenant.create', 'system']]);
});

t.test('a tenant with policies that cannot be is not made; one with policies says so in its log', async (t) => {
  const count = (await listTenants(doing)).length;
  await failsWith(t, 400, createTenant(doing, unique('tenant'), { passwordLength: 1 }), /passwordLength/);
  await failsWith(t, 400, createTenant(doing, unique('tenant'), { languages: ['nl'] }), /language/);
  t.equal((await listTenants(doing)).length, count);
  const { id, policy } = await createTenant(doing, unique('tenant'), { auditDays: 60 });
  t.equal(policy.auditDays, 60);
  t.match((await auditOf(app, id)).find(({ action }) => action === 'tenant.create'), { values: { auditDays: 60 } });
});

t.test('suspended: every token is refused as an unknown one, at once on this server, within two seconds on another; nothing is lost', async (t) => {
  const other = await secondServer(t, app);
  const tenant = await ownTenant(app);
  const { client } = await makeClient(tenant.id);
  const { secret: bearer } = await issueToken(doing, tenant.id, client);
  const { secret } = await issueToken(doing, tenant.id, client, { use: 'secret' });
  const grant = () => app.app.inject({ method: 'POST', url: '/oauth/token', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: `grant_type=client_credentials&client_id=${client}&client_secret=${secret}` });
  const jwt = String((await grant()).json().access_token);
  const asks = [bearer, jwt].flatMap((token) => ['/scim/v2/Users', '/api/v1/clients', '/openapi.json'].map((path) => (server = app.app) => send(server, 'GET', path, undefined, { token })));
  const person = await tenant.make('/Users', userBody());
  for (const ask of asks) t.not((await ask(other)).status, 401);
  const isRefused = async (server: typeof other) => {
    const unknown = await send(server, 'GET', '/scim/v2/Users', undefined, { token: 'rc_unknown' });
    for (const ask of asks) {
      const answer: Answer = await ask(server);
      refused(t, answer, 401);
      t.equal(answer.text, unknown.text);
    }
  };
  // What a change does on its own server: the API passes the reader of tokens in the same way.
  const manager = (await makeClient(tenants.own, { scopes: ['admin.grant'] })).token;
  await setTenantState(doing, tenant.id, 'suspended');
  t.equal((await send(app.app, 'PATCH', '/api/v1/policy', {}, { token: manager })).status, 200, 'any change on this server forgets what was remembered');
  await isRefused(app.app);
  t.equal((await grant()).statusCode, 401);
  pass(app, 2);
  await isRefused(other);
  await setTenantState(doing, tenant.id, 'active');
  pass(app, 2);
  t.equal((await call('GET', `/Users/${person}`, undefined, { token: tenant.grantor })).status, 200, 'resumed, all is there');
  t.same((await auditOf(app, tenant.id)).filter(({ action }) => /^tenant\.(s|r)/.test(action)).map(({ action, values }) => [action, values]), [['tenant.suspend', { state: 'suspended' }], ['tenant.resume', { state: 'active' }]]);
});

t.test('to be what it is already is no change; what is not there cannot be changed', async (t) => {
  const tenant = await ownTenant(app);
  const entries = (await auditOf(app, tenant.id)).length;
  await setTenantState(doing, tenant.id, 'active');
  t.equal((await auditOf(app, tenant.id)).length, entries);
  for (const work of [() => setTenantState(doing, 'nobody', 'suspended'), () => deleteTenant(doing, 'nobody', 'x'), () => changePolicy(doing, 'nobody', {}), () => getTenant(doing, 'nobody'), () => findTenant(doing, 'nobody')]) await failsWith(t, 404, work());
  await failsWith(t, 400, deleteTenant(doing, tenant.id, 'another'), /repeat its name/);
  t.equal((await getTenant(doing, tenant.id)).state, 'active');
});

t.test('deleted: nobody gets in, the name is free, and the worker takes away all of it and nothing of another', async (t) => {
  const [gone, stays] = [await ownTenant(app), await ownTenant(app)];
  for (const { make, grantor } of [gone, stays]) {
    const person = await make('/Users', userBody({ password: 'correct horse battery' }));
    const group = await make('/Groups', groupBody({ members: members(person) }));
    t.equal((await call('GET', `/Groups/${group}`, undefined, { token: grantor })).status, 200);
  }
  await store.settled();
  const kept = await everythingOf(app, stays.id, 'audit', 'tenants');
  const { name } = await getTenant(doing, gone.id);
  await deleteTenant({ ...doing, changed: () => undefined }, gone.id, name);
  pass(app, 2);
  refused(t, await call('GET', '/Users', undefined, { token: gone.grantor }), 401);
  await failsWith(t, 404, getTenant(doing, gone.id));
  await failsWith(t, 404, findTenant(doing, name));
  for (const work of [() => setTenantState(doing, gone.id, 'active'), () => deleteTenant(doing, gone.id, name), () => changePolicy(doing, gone.id, { auditDays: 40 })]) await failsWith(t, 404, work());
  t.equal((await createTenant(doing, name)).name, name);
  await dropTenants(store);
  await dropTenants(store);
  const left = JSON.parse(await everythingOf(app, gone.id)).flat().filter((document: { t: string }) => document.t === gone.id);
  t.match(left, [{ action: 'tenant.delete' }], 'but the entry that says so');
  t.equal(left.length, 1);
  t.equal(await store.collections.tenants.countDocuments({ _id: gone.id }), 0);
  t.equal(await everythingOf(app, stays.id, 'audit', 'tenants'), kept, 'the other tenant has what it had');
});

// Policies

const ADMINISTRATOR = (await makeClient(tenants.own, { scopes: ['admin.grant'] })).token;
const policy = (body?: Json) => send(app.app, body === undefined ? 'GET' : 'PATCH', '/api/v1/policy', body, { token: ADMINISTRATOR });

t.test('every policy has a default that is allowed, a sentence, and what it may be', async (t) => {
  const { body } = await policy();
  t.same(body.policy, policyOf({}));
  for (const [name, { default: preset, read, allowed, description }] of Object.entries(POLICY)) {
    t.same(read(preset), preset, `${name}: the default is one that could be set`);
    t.match(body.settings.find((row: { name: string }) => row.name === name), { default: preset, allowed, description });
    t.ok(description.endsWith('.') && allowed !== '', name);
  }
});

const CHANGES: { readonly [Name in keyof Policy]: { readonly good: Json; readonly bad: readonly Json[] } } = {
  displayName: { good: 'Nordic Sport', bad: [1, 'x'.repeat(101), 'two\nlines'] },
  color: { good: '#abcdef', bad: ['red', '#abc', '#12345g', 'url(x)', 1] },
  contact: { good: 'help@example.com', bad: ['x'.repeat(201), true] },
  language: { good: 'nl', bad: ['de', 'NL', 1] },
  languages: { good: ['en', 'nl'], bad: ['nl', ['de'], [1], [...LANGUAGES, 'nl'], []] },
  timeZone: { good: 'Europe/Amsterdam', bad: ['Mars/Olympus', '+02:00', '', 1] },
  invitationSubjects: { good: { nl: 'Welkom bij {{organisation}}' }, bad: ['Welkom', { de: 'Willkommen' }, { nl: 'x'.repeat(201) }, { nl: 'twee\nregels' }, { nl: 1 }, { nl: '{{link}}' }, ['x']] },
  invitationTexts: { good: { en: 'Hello {{name}}\n\n{{link}}' }, bad: ['{{link}}', { en: 'no link' }, { en: '{{link}} {{surname}}' }, { en: 'x'.repeat(10_001) }, { en: '{{link}}\u0000' }] },
  vocabulary: { good: 'injixo', bad: ['other'] },
  passwordLength: { good: 16, bad: [7, 129, 8.5, '12', true, [12]] },
  syncedPasswordLength: { good: 10, bad: [7, 129, '12'] },
  passwordClasses: { good: 3, bad: [0, 5] },
  passwordWords: { good: ['acme'], bad: ['acme', [''], [' '], ['x'.repeat(65)], Array.from({ length: 201 }, (_, index) => `w${index}`)] },
  passwordHistory: { good: 0, bad: [-1, 25] },
  passwordDays: { good: 0, bad: [-1, 3651] },
  renewalReminders: { good: [30, 3], bad: [[0], [91], ['14'], 14] },
  lockoutAttempts: { good: 5, bad: [2, 101] },
  resetUnlocks: { good: false, bad: ['false', 0] },
  applications: { good: ['https://app.example', 'planner'], bad: ['planner', [''], ['two words'], ['\u00e9'], ['x'.repeat(201)], [1], Array.from({ length: 101 }, (_, index) => `a${index}`)] },
  refreshIdleMinutes: { good: 1440, bad: [9, 129_601, '30'] },
  refreshHours: { good: 720, bad: [0, 8761, 1.5] },
  invitationHours: { good: 24, bad: [0, 721] },
  recoveryMinutes: { good: 30, bad: [4, 1441] },
  confirmAddress: { good: false, bad: [1] },
  addressUnique: { good: 'people', bad: ['nobody'] },
  infixSorting: { good: 'infix', bad: ['name'] },
  leaveDay: { good: 'firstGone', bad: ['never'] },
  leaveNoticeDays: { good: 0, bad: [91] },
  hiddenDays: { good: 1, bad: [0, 3651] },
  importDays: { good: 1, bad: [0, 366] },
  auditDays: { good: 30, bad: [29, 36_501] },
  provisioningLogDays: { good: 1, bad: [0, 731] },
  provisioningLogEntries: { good: 100, bad: [99, 10_000_001] },
};

for (const [name, { good, bad }] of Object.entries(CHANGES)) {
  t.test(`the policy ${name}: a value of its kind is kept, null takes it back, anything else is named and changes nothing`, async (t) => {
    const before = (await policy()).body.policy;
    const entries = (await auditOf(app, tenants.own)).length;
    for (const value of bad) {
      const answer = await policy({ hiddenDays: 77, [name]: value });
      refused(t, answer, 400, 'invalidValue');
      t.match(answer.body.detail, new RegExp(`^${name.replace(/s$/, '')}`), JSON.stringify(value));
    }
    t.same((await policy()).body.policy, before, 'nothing changed, not even what was right beside it');
    t.same((await policy({ [name]: good })).body.policy, { ...before, [name]: good });
    t.same((await policy({ [name]: good })).body.policy, { ...before, [name]: good }, 'again is no change');
    t.same((await policy({ [name]: null })).body.policy, before);
    t.same((await policy({ [name]: null })).body.policy, before);
    const made = (await auditOf(app, tenants.own)).slice(entries);
    t.match(made, [{ action: 'tenant.policy', changed: [name], values: { [name]: good } }, { action: 'tenant.policy', changed: [name], values: { [name]: null } }]);
    t.equal(made.length, 2, 'one entry per change and none without');
  });
}

t.test('policies are an object of known names', async (t) => {
  const before = (await policy()).body.policy;
  for (const name of ['passwordlength', 'unknown', 'constructor', 'toString', '']) refused(t, await policy({ [name]: 1 }), 400, 'invalidValue');
  for (const body of [[], 'x', 1, null, JSON.parse('{"__proto__": 1}')]) refused(t, await policy(body), 400, 'invalidSyntax');
  t.same((await policy()).body.policy, before);
});
