/** Who has which rights and roles through which group, and who has not signed in for long: by pages and as a file, for whoever reviews it. */
import t from 'tap';
import { parse } from 'csv-parse/sync';
import { DAY_MS, groupBody, patchBody } from '../helpers/app.ts';
import { members, RIGHTS } from '../tenancy/support.ts';
import { ACCOUNT, PASSWORD, startWorld, type Somebody } from './world.ts';

const ROLE = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Role';
const commands: string[] = [];
const world = await startWorld(t, import.meta.url, {}, { monitor: ({ commandName, command }) => commands.push(`${commandName} ${String(command[commandName])}`) });
const { active, advance, api, app, call, clock, database, everything, invited, makeClient, signIn, somebody, tenants } = world;
const as = { token: (await makeClient(tenants.own, { scopes: ['*', 'users.manage', 'admin.grant'], shows: [RIGHTS, ACCOUNT, ROLE] })).token };
// Tokens end while the tests wait for people to be dormant.
const newAuditor = async () => (await makeClient(tenants.own, { scopes: ['audit.read'] })).token;
let auditor = await newAuditor();
const review = async (query = '', token = auditor) => api('GET', `/access-review${query}`, undefined, { token });
const rows = async (query = '') => {
  const answer = await review(query);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body.people;
};
const file = async (query = '', token = auditor) => {
  const { statusCode: status, headers, body: text } = await app.inject({ method: 'GET', url: `/api/v1/access-review/export${query}`, headers: { authorization: `Bearer ${token}` } });
  return { status, headers, text };
};
const group = async (displayName: string, rights: readonly string[], ...ids: readonly string[]): Promise<string> =>
  (await call('POST', '/Groups', groupBody({ displayName, members: members(...ids), ...(rights.length > 0 ? { [RIGHTS]: { rights: [...rights] } } : {}) }), as)).body.id;

const [boss, clerk, plain, gone] = [await active({ displayName: 'Boss', name: { givenName: 'Anna', familyName: '=cmd()' } }), await active({ displayName: 'Clerk' }), await active({ displayName: 'Plain' }), await active()];
const inner = await group('Inner', ['audit.read'], clerk.id, gone.id);
const outer = await group('Outer', ['users.manage'], inner, boss.id);
const team = await group('Team', [], plain.id, clerk.id);
await call('POST', '/Roles', { schemas: [ROLE], displayName: 'Planner', group: { value: team } }, as);
await call('PATCH', `/Users/${plain.id}`, patchBody({ op: 'add', path: 'roles', value: [{ value: 'planner' }, { value: 'Free' }] }), as);
await api('POST', `/users/${gone.id}/deactivate`);

t.test('who has a right: which, through which group, also one inside another; nobody else and nobody deactivated', async (t) => {
  const before = await everything();
  const found = await rows();
  t.same(found.map(({ id }: Somebody) => id), [boss.id, clerk.id].sort());
  t.match(found.find(({ id }: Somebody) => id === boss.id), { displayName: 'Boss', status: 'active', rights: [{ right: 'users.manage', through: [{ id: outer, name: 'Outer' }] }], groups: [{ id: outer, direct: true }] });
  const row = found.find(({ id }: Somebody) => id === clerk.id);
  t.same(row.rights, [{ right: 'users.manage', through: [{ id: outer, name: 'Outer' }] }, { right: 'audit.read', through: [{ id: inner, name: 'Inner' }] }]);
  t.same(row.groups.map(({ id, direct }: { id: string; direct: boolean }) => [id, direct]).sort(), [[inner, true], [outer, false], [team, true]].sort());
  t.same((await rows('?people=all')).find(({ id }: Somebody) => id === plain.id).roles, [{ role: 'planner', group: { id: team, name: 'Team' } }, { role: 'Free' }]);
  t.notOk((await rows('?people=all')).some(({ id }: Somebody) => id === gone.id));
  t.same(await everything(), before, 'nothing is written by it');
});

t.test('dormant is who has signed in here once and not for so long; nothing is known of others', async (t) => {
  const [waiting, sso, none] = [await invited(), await somebody({ [ACCOUNT]: { signInMethod: 'sso' } }, as.token), await somebody()];
  advance(60 * DAY_MS);
  t.equal((await signIn(boss.address, PASSWORD)).status, 200);
  advance(30 * DAY_MS - 1);
  auditor = await newAuditor();
  const dormant = async (query = '') => (await rows(`?people=all&dormant=true${query}`)).map(({ id }: Somebody) => id);
  t.same(await dormant(), []);
  advance(1);
  t.same(await dormant(), [clerk.id, plain.id].sort(), 'ninety days since they were activated');
  t.same(await dormant('&days=30'), [boss.id, clerk.id, plain.id].sort());
  t.same((await rows('?dormant=true')).map(({ id }: Somebody) => id), [clerk.id], 'among those with rights');
  const all = await rows('?people=all');
  const of = ({ id }: Somebody) => all.find((one: Somebody) => one.id === id);
  t.match(of(boss), { dormant: false, lastSignInAt: new Date(clock.now.getTime() - 30 * DAY_MS).toISOString() });
  for (const person of [waiting, sso, none]) t.equal(of(person).dormant, undefined);
});

t.test('by pages: everybody once, in a number of commands that does not depend on how many there are', async (t) => {
  for (const query of ['people=all', 'people=rights']) {
    const whole = (await rows(`?${query}`)).map(({ id }: Somebody) => id);
    const walked: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const { body }: { body: { people: Somebody[]; cursor?: string } } = await review(`?${query}&count=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      walked.push(...body.people.map(({ id }) => id));
      cursor = body.cursor;
    }
    t.same(walked, whole, query);
    const counted = async (count: number) => {
      commands.length = 0;
      await review(`?${query}&count=${count}`);
      return commands.filter((command) => / (users|members|groups|credentials|roles)$/.test(command)).length;
    };
    const [few, many] = [await counted(2), await counted(100)];
    t.ok(many <= few + 2, `${few} and ${many} commands`);
  }
  const { body } = await review('?people=all&count=1');
  t.equal((await review(`?people=rights&cursor=${body.cursor}`)).status, 400, 'a cursor is of its query');
  for (const wrong of ['?people=some', '?days=0', '?days=x', '?dormant=maybe', '?right=x', '?population=nobody']) t.equal((await review(wrong)).status, 400, wrong);
});

t.test('as a file: the same people, no formula, and one entry in the audit log', async (t) => {
  const before = await database.collection('audit').countDocuments({ action: 'export' });
  const { status, headers, text } = await file('?people=all');
  t.equal(status, 200, text);
  t.match(headers, { 'content-type': 'text/csv; charset=utf-8; header=present', 'content-disposition': /access-review-2030-\d\d-\d\d\.csv/ });
  const [head, ...cells] = parse(text, { record_delimiter: '\r\n' });
  t.same(head, ['Last name', 'First name', 'E-mail address', 'User name', 'Status', 'Population', 'Rights', 'Roles', 'Groups', 'Last sign-in', 'Dormant', 'Id']);
  t.same(cells.map((row) => row[11]), (await rows('?people=all')).map(({ id }: Somebody) => id));
  t.same(cells.find((row) => row[11] === boss.id)?.slice(0, 2), ['\'=cmd()', 'Anna']);
  t.same(cells.find((row) => row[11] === clerk.id)?.slice(6, 8), ['users.manage (Outer); audit.read (Inner)', '']);
  t.equal(cells.find((row) => row[11] === plain.id)?.[7], 'planner (Team); Free');
  const entries = await database.collection('audit').find({ action: 'export' }).sort({ _id: -1 }).toArray();
  t.equal(entries.length, before + 1);
  t.match(entries[0], { values: { of: 'access-review', people: 'all', rows: cells.length, complete: true } });
  t.notOk(JSON.stringify(entries[0]).includes(boss.address));
});

t.test('for who may: audit.read or users.manage, and nobody whom the caller does not see', async (t) => {
  t.equal((await review('', (await makeClient(tenants.own, { scopes: ['users.manage'] })).token)).status, 200);
  for (const token of [(await makeClient(tenants.own, { scopes: ['*', 'clients.manage'] })).token]) t.same([(await review('', token)).status, (await file('', token)).status], [403, 403]);
  const external = (await makeClient(tenants.own, { scopes: ['audit.read'], settings: { populations: ['external'] } })).token;
  const other = (await makeClient(tenants.other, { scopes: ['audit.read'] })).token;
  for (const token of [external, other]) for (const people of ['rights', 'all']) t.same((await review(`?people=${people}`, token)).body.people.filter(({ id }: Somebody) => [boss.id, clerk.id, plain.id].includes(id)), []);
  t.same((await rows('?people=all&population=portal')), []);
});
