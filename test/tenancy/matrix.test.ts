/** Every effect by every route for every caller: driven for real, and looked at in the database afterwards. */
import t from 'tap';
import { MESSAGE } from '../../src/scim/urns.ts';
import { setTenantState } from '../../src/tenancy/tenants.ts';
import { GROUP, startApp, unique, USER } from '../helpers/app.ts';
import { ERROR } from '../rfc/expectations.ts';
import { ADDRESS, CALLERS, EFFECTS, expectationOf, ROUTES, TITLE, wayOf, type CallerName, type Effect, type Expected, type Request, type Target } from './matrix.ts';
import { asBulk, members, operator, ownTenant, resourcesIn, RIGHTS, send } from './support.ts';

const app = await startApp(t, import.meta.url);
const { store, registry, tenants, makeClient } = app;
const people = store.collections.resources(registry.type('User'));
const groups = store.collections.resources(registry.type('Group'));
const suspended = await ownTenant(app);
await setTenantState(operator(app), suspended.id, 'suspended');
// What was remembered of the token while the tenant was active is over.
const pass = () => (app.clock.now = new Date(app.clock.now.getTime() + 2000));
pass();
const maker = (await makeClient(tenants.own, { scopes: ['*'] })).token;
const auditEntries = () => store.collections.audit.countDocuments({ t: tenants.own, refused: { $exists: false } });

async function newTarget(): Promise<Target> {
  const [userName, homeName, groupName, fresh] = [unique('person'), unique('home'), unique('group'), unique('fresh')];
  const made = await app.call('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: [
    { method: 'POST', path: '/Users', bulkId: 'person', data: { schemas: [USER], userName, title: TITLE, emails: [{ value: `${userName}@example.com` }] } },
    { method: 'POST', path: '/Groups', bulkId: 'home', data: { schemas: [GROUP], displayName: homeName, members: members('bulkId:person') } },
    { method: 'POST', path: '/Groups', bulkId: 'group', data: { schemas: [GROUP], displayName: groupName } },
  ] }, { token: maker });
  const [person = '', home = '', group = ''] = made.body.Operations.map(({ location }: { location: string }) => location.split('/').at(-1));
  return { person, userName, home, homeName, group, groupName, fresh };
}

const tokens = new Map<string, string | undefined>();
/** The caller's token, bound to the person where the route is about oneself. */
async function tokenOf(name: CallerName, { person }: Target, isMe: boolean): Promise<string | undefined> {
  const key = isMe ? `${name} as ${person}` : name;
  if (tokens.has(key)) return tokens.get(key);
  const caller = CALLERS[name];
  const bound = { shows: [RIGHTS], ...(isMe ? { person } : {}) };
  const token = caller.kind !== 'nobody' ? (await makeClient(caller.kind === 'own' ? tenants.own : tenants.other, { scopes: caller.scopes, ...bound })).token
    : name === 'a suspended tenant' ? suspended.grantor
      : name === 'an unknown token' ? 'rc_unknown' : undefined;
  tokens.set(key, token);
  return token;
}

async function ask({ method, path, body, bulk }: Request, token: string | undefined): Promise<{ readonly status: number; readonly text: string }> {
  if (!bulk) return send(app.app, method, path.startsWith('/t/') ? path : `/scim/v2${path}`, body, { token });
  const answer = await send(app.app, 'POST', '/scim/v2/Bulk', asBulk(method, path, body), { token });
  return { status: answer.status === 200 ? Number(answer.body.Operations[0].status) : answer.status, text: answer.text };
}

/** Whether it is so in the database. For a way that makes something, of what was made. */
async function isSo(effect: Effect, { person, home, group, fresh }: Target, text: string): Promise<boolean> {
  const t = tenants.own;
  const made = (await people.findOne({ t, 'a.userName': fresh })) ?? (await groups.findOne({ t, 'a.displayName': fresh }));
  const stored = await people.findOne({ t, _id: person });
  const groupsOf = async () => groups.find({ t, gk: { $in: (await store.collections.members.find({ t, m: person }).toArray()).map(({ g }) => g) } }).toArray();
  switch (effect) {
    case 'create':
      return made !== null;
    case 'deactivate':
      return stored?.a['active'] === false;
    case 'delete':
      return stored === null;
    case 'change an e-mail address':
      return JSON.stringify(stored?.a['emails'] ?? '').includes(ADDRESS);
    case 'set a password':
      return (await store.collections.credentials.countDocuments({ t, _id: { $in: [person, made?._id ?? ''] } })) > 0;
    case 'add a member':
      return (await groupsOf()).some(({ _id }) => _id === group || _id === made?._id);
    case 'remove a member':
      return !(await groupsOf()).some(({ _id }) => _id === home);
    case 'grant a right':
      return (await groupsOf()).some(({ a }) => JSON.stringify(a['rights'] ?? '').includes('audit.read'));
    case 'read an attribute':
      return text.includes(TITLE);
  }
}

t.test('every cell has an expectation, and who cannot be asked has a reason', async (t) => {
  for (const effect of EFFECTS) for (const route of ROUTES) {
    const way = wayOf(effect, route);
    t.ok(way && ('ask' in way || way.no !== ''), `${effect} by ${route}`);
    for (const name of Object.keys(CALLERS) as CallerName[]) if (expectationOf(effect, route, name) === undefined) t.fail(`${effect} by ${route} for ${name}`);
  }
});

const figures = { done: 0, ignored: 0, elsewhere: 0, empty: 0, refused: 0, impossible: 0 };

const callers = Object.keys(CALLERS) as CallerName[];
const isAllowed = (expected: Expected | undefined) => expected === 'done' || expected === 'ignored';

for (const effect of EFFECTS) {
  t.test(`who cannot ${effect}, by every route: nothing has changed`, async (t) => {
    // Nothing that is refused may change it, so that they all can share it.
    const shared = await newTarget();
    const before = await resourcesIn(app, tenants.own);
    const entries = await auditEntries();
    for (const route of ROUTES) for (const name of callers) {
      const way = wayOf(effect, route);
      const expected = expectationOf(effect, route, name);
      if (!way || expected === undefined || isAllowed(expected)) continue;
      figures[typeof expected === 'number' ? 'refused' : expected]++;
      const request = 'ask' in way ? way.ask : name === 'who may grant rights' ? way.attempt : undefined;
      if (!request) continue;
      pass();
      const cell = `${effect} by ${route} for ${name}`;
      const answer = await ask(request(expected === 'elsewhere' ? { ...shared, fresh: unique('elsewhere') } : shared), await tokenOf(name, shared, route === '/Me'));
      const status = 'ask' in way ? expected : way.status;
      if (typeof status !== 'number' ? answer.status >= 300 : answer.status !== status || !answer.text.includes(ERROR)) t.fail(`${cell}: ${answer.status} in place of ${status}: ${answer.text}`);
      if (await isSo(effect, shared, answer.text)) t.fail(`${cell}: it is so: ${answer.text}`);
      if ((await resourcesIn(app, tenants.own)) !== before || (await auditEntries()) !== entries) t.fail(`${cell}: something has changed: ${answer.text}`);
    }
  });
}

for (const effect of EFFECTS) {
  t.test(`who can ${effect}, by every route: it is so, and one entry of the audit log says it`, async (t) => {
    for (const route of ROUTES) for (const name of callers) {
      const way = wayOf(effect, route);
      const expected = expectationOf(effect, route, name);
      if (!way || !('ask' in way) || (expected !== 'done' && expected !== 'ignored')) continue;
      figures[expected]++;
      const cell = `${effect} by ${route} for ${name}`;
      const target = await newTarget();
      const entries = await auditEntries();
      const answer = await ask(way.ask(target), await tokenOf(name, target, route === '/Me'));
      if (answer.status >= 300) t.fail(`${cell}: ${answer.text}`);
      if ((await isSo(effect, target, answer.text)) !== (expected === 'done')) t.fail(`${cell}: not ${expected}: ${answer.text}`);
      const wrote = (await auditEntries()) - entries;
      if (expected === 'done' && wrote !== (effect === 'read an attribute' ? 0 : 1)) t.fail(`${cell}: ${wrote} entries in the audit log`);
    }
  });
}

t.test('all cells were looked at', async (t) => {
  t.equal(Object.values(figures).reduce((sum, count) => sum + count), EFFECTS.length * ROUTES.length * Object.keys(CALLERS).length, JSON.stringify(figures));
  t.comment(JSON.stringify(figures));
});
