/** The last administrator stays: whatever would leave nobody who can give rights is refused, by whatever route and at whatever moment. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { GROUP, groupBody, patchBody, startApp, unique, userBody, type Answer } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { addMembers, asBulk, hide, leaves, members, ownTenant, removeMember, RIGHTS, type OwnTenant } from './support.ts';

const app = await startApp(t, import.meta.url);
const { call, store, registry } = app;
const RULE = /Nobody would be left/;

/** `admin` is an administrator through a group inside the built-in one. */
interface Fixture extends OwnTenant {
  readonly admin: string;
  readonly inner: string;
}

async function fixture(): Promise<Fixture> {
  const tenant = await ownTenant(app);
  const admin = await tenant.make('/Users', userBody());
  const inner = await tenant.make('/Groups', groupBody({ members: members(admin) }));
  await change(tenant, ['PATCH', `/Groups/${tenant.administrators}`, addMembers(inner)]);
  return { ...tenant, admin, inner };
}

/** Another administrator, by a group of their own. @returns the person and the group */
async function another(tenant: OwnTenant, groups = {}): Promise<{ readonly person: string; readonly group: string }> {
  const person = await tenant.make('/Users', userBody());
  return { person, group: await tenant.make('/Groups', { ...Object(groupBody(groups)), members: members(person), [RIGHTS]: { rights: ['admin.grant'] } }) };
}

type Request = readonly [method: string, path: string, body?: Json];
const ask = ({ grantor }: OwnTenant, [method, path, body]: Request): Promise<Answer> => call(method, path, body, { token: grantor });
async function change(tenant: OwnTenant, request: Request): Promise<void> {
  const answer = await ask(tenant, request);
  if (answer.status >= 300) throw new Error(answer.text);
}
const off = (id: string): Request => ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'active', value: false })];

const administratorsIn = async ({ id }: OwnTenant): Promise<number> => {
  const groups = store.collections.resources(registry.type('Group'));
  const withGrant = await groups.find({ t: id, 'a.rights.rights': 'admin.grant' }).toArray();
  const inside = async (keys: readonly string[]): Promise<string[]> => {
    const edges = await store.collections.members.find({ t: id, g: { $in: [...keys] } }).toArray();
    const nested = await groups.find({ t: id, _id: { $in: edges.filter(({ ty }) => ty === 'Group').map(({ m }) => m) } }).toArray();
    return [...edges.filter(({ ty }) => ty === 'User').map(({ m }) => m), ...(nested.length > 0 ? await inside(nested.map(({ gk }) => gk ?? '')) : [])];
  };
  const people = await inside(withGrant.map(({ gk }) => gk ?? ''));
  return store.collections.resources(registry.type('User')).countDocuments({ t: id, _id: { $in: people }, 'a.active': { $ne: false } });
};

const ENDING: readonly (readonly [what: string, request: (f: Fixture) => Request])[] = [
  ['PATCH that switches off', (f) => off(f.admin)],
  ['PATCH without a path that switches off', (f) => ['PATCH', `/Users/${f.admin}`, patchBody({ op: 'replace', value: { active: false } })]],
  ['PATCH that switches off by text, as Entra ID writes it', (f) => ['PATCH', `/Users/${f.admin}`, patchBody({ op: 'Replace', path: 'active', value: 'False' })]],
  ['PUT that switches off', (f) => ['PUT', `/Users/${f.admin}`, userBody({ active: false })]],
  ['DELETE of the person', (f) => ['DELETE', `/Users/${f.admin}`]],
  ['PATCH that takes the person out of the group', (f) => ['PATCH', `/Groups/${f.inner}`, removeMember(f.admin)]],
  ['PATCH that empties the group', (f) => ['PATCH', `/Groups/${f.inner}`, patchBody({ op: 'remove', path: 'members' })]],
  ['PUT of the group without members', (f) => ['PUT', `/Groups/${f.inner}`, groupBody()]],
  ['PATCH that takes the group out of the group with the right', (f) => ['PATCH', `/Groups/${f.administrators}`, removeMember(f.inner)]],
  ['PATCH that replaces the members by an empty list', (f) => ['PATCH', `/Groups/${f.administrators}`, patchBody({ op: 'replace', path: 'members', value: [] })]],
  ['DELETE of the group', (f) => ['DELETE', `/Groups/${f.inner}`]],
  ['DELETE of the group with the right', (f) => ['DELETE', `/Groups/${f.administrators}`]],
  ['PATCH that takes the right away', (f) => ['PATCH', `/Groups/${f.administrators}`, patchBody({ op: 'remove', path: `${RIGHTS}:rights` })]],
  ['PATCH that replaces the rights', (f) => ['PATCH', `/Groups/${f.administrators}`, patchBody({ op: 'replace', path: `${RIGHTS}:rights`, value: ['audit.read'] })]],
  ['PUT that names other rights', (f) => ['PUT', `/Groups/${f.administrators}`, { schemas: [GROUP], displayName: 'Administrators', members: members(f.inner), [RIGHTS]: { rights: ['audit.read'] } }]],
];

for (const inBulk of [false, true]) {
  t.test(`J6: the last administrator stays, the last but one may go${inBulk ? ': in Bulk' : ''}`, async (t) => {
    for (const [what, request] of ENDING) {
      const f = await fixture();
      const [method, path, body] = request(f);
      const send = () => ask(f, inBulk ? ['POST', '/Bulk', asBulk(method, path, body)] : request(f));
      await leaves(t, app, f.id, what, async () => {
        const answer = await send();
        if (inBulk) t.match(answer.body, { Operations: [{ status: '409', response: { detail: RULE } }] }, what);
        else {
          refused(t, answer, 409);
          t.match(answer.body.detail, RULE);
        }
      });
      t.equal(await administratorsIn(f), 1);
      await another(f);
      const done = await send();
      t.ok((inBulk ? Number(done.body.Operations[0].status) : done.status) < 300, `${what} with another one: ${done.text}`);
      t.equal(await administratorsIn(f), 1, what);
    }
  });
}

t.test('J6: an administrator who is switched off, or in a group that lost the right, does not count', async (t) => {
  const f = await fixture();
  const { person, group } = await another(f);
  await change(f, off(person));
  refused(t, await ask(f, off(f.admin)), 409);
  await change(f, ['PATCH', `/Users/${person}`, patchBody({ op: 'replace', path: 'active', value: true })]);
  await change(f, ['PATCH', `/Groups/${group}`, patchBody({ op: 'remove', path: `${RIGHTS}:rights` })]);
  refused(t, await ask(f, off(f.admin)), 409);
});

t.test('an administrator whom the client cannot see counts', async (t) => {
  const f = await fixture();
  const { person } = await another(f);
  await hide(app, f.id, 'User', person);
  t.equal((await ask(f, off(f.admin))).status, 200);
});

t.test('what takes no administrator away is not refused where there is none', async (t) => {
  const tenant = await ownTenant(app);
  const person = await tenant.make('/Users', userBody({ active: false }));
  const rights = { [RIGHTS]: { rights: ['admin.grant'] } };
  const rows: readonly (readonly [string, Request])[] = [
    ['an empty group with the right', ['POST', '/Groups', { ...Object(groupBody({ members: [] })), ...rights }]],
    ['somebody who is switched off', ['PATCH', `/Groups/${tenant.administrators}`, addMembers(person)]],
    ['the same person out again', ['PATCH', `/Groups/${tenant.administrators}`, removeMember(person)]],
    ['another name by PUT', ['PUT', `/Groups/${tenant.administrators}`, groupBody()]],
    ['DELETE of an empty group with the right', ['DELETE', `/Groups/${await tenant.make('/Groups', { ...Object(groupBody()), ...rights })}`]],
  ];
  for (const [what, request] of rows) t.ok((await ask(tenant, request)).status < 300, what);
});

t.test('J6: of two administrators removed at the same moment one stays, in twenty rounds', async (t) => {
  const ways: readonly ((person: string, group: string) => Request)[] = [
    off, (person) => ['DELETE', `/Users/${person}`], (person, group) => ['PATCH', `/Groups/${group}`, removeMember(person)], (_, group) => ['DELETE', `/Groups/${group}`],
    (_, group) => ['PATCH', `/Groups/${group}`, patchBody({ op: 'remove', path: `${RIGHTS}:rights` })],
  ];
  for (let round = 0; round < 20; round++) {
    const tenant = await ownTenant(app);
    const two = [await another(tenant), await another(tenant)];
    const answers = await Promise.all(two.map(({ person, group }, index) => ask(tenant, (ways[(round + index * Math.floor(round / 5)) % ways.length] ?? off)(person, group))));
    t.same(answers.map(({ status }) => (status < 300 ? 'done' : status)).toSorted(), [409, 'done'], `round ${round}: ${answers.map(({ text }) => text).join(' ')}`);
    t.equal(await administratorsIn(tenant), 1, `round ${round}`);
  }
});

t.test('a bulk request cannot pass the rule by its order', async (t) => {
  const bulk = (...Operations: readonly Request[]): Request => ['POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: Operations.map(([method, path, data]) => ({ method, path, data: data ?? {} })) }];
  const both = await fixture();
  const { person } = await another(both);
  t.same((await ask(both, bulk(off(both.admin), off(person)))).body.Operations.map(({ status }: { status: string }) => status), ['200', '409']);
  t.equal(await administratorsIn(both), 1);

  const f = await fixture();
  const next = await f.make('/Users', userBody());
  const passed = await ask(f, bulk(['PATCH', `/Groups/${f.inner}`, patchBody({ op: 'replace', path: 'members', value: members(next) })], off(next)));
  t.same(passed.body.Operations.map(({ status }: { status: string }) => status), ['200', '409'], 'the right is handed on, and the new administrator cannot be switched off');
  t.equal(await administratorsIn(f), 1);
});

t.test('who becomes the last administrator while being removed stays', async (t) => {
  const ways: readonly (readonly [string, (person: string, group: string) => Request, (person: string, group: string) => string])[] = [
    ['switched off', off, (person) => `User|${person}`],
    ['deleted', (person) => ['DELETE', `/Users/${person}`], (person) => `User|${person}`],
    ['taken out of a group', (person, group) => ['PATCH', `/Groups/${group}`, removeMember(person)], (_, group) => `Group|${group}`],
    ['their group deleted', (_, group) => ['DELETE', `/Groups/${group}`], (_, group) => `Group|${group}`],
  ];
  for (const [what, request, key] of ways) {
    const f = await fixture();
    const next = await f.make('/Users', userBody());
    const group = await f.make('/Groups', groupBody({ displayName: unique('next'), members: members(next) }));
    const removal = { answer: Promise.resolve<Answer | undefined>(undefined) };
    // The removal is prepared while nobody depends on it, and written when somebody does.
    await store.lock.run([key(next, group)], async () => {
      removal.answer = ask(f, request(next, group));
      await untilWaiting(key(next, group));
      await change(f, ['PATCH', `/Groups/${f.administrators}`, patchBody({ op: 'replace', path: 'members', value: members(group) })]);
    });
    await removal.answer;
    t.equal(await administratorsIn(f), 1, what);
  }
});

/** Resolves when somebody waits for the lock behind its holder: the queue of a key grows by one promise. */
async function untilWaiting(key: string): Promise<void> {
  const tails: ReadonlyMap<string, unknown> = Reflect.get(store.lock, 'tails');
  const holder = tails.get(key);
  while (tails.get(key) === holder) await new Promise((resolve) => setImmediate(resolve));
}
