/** Lists of people over the API: the tabs (J1), the search (J2), the roles (J3), wherever the people were made (J4), page after page. */
import t, { type Test } from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { ACCOUNT, SECOND, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { advance, api, as, call, get, makeClient, policy, somebody, tenants, wrong } = world;

const given = (query: Record<string, string | readonly string[]>) =>
  new URLSearchParams(Object.entries(query).flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value]))).toString();
const list = (query: Record<string, string | readonly string[]> = {}, options = {}) => api('GET', `/users?${given(query)}`, undefined, options);
/** Whom a list finds, by the first part of their address. */
const found = async (query: Record<string, string | readonly string[]>, options = {}): Promise<readonly string[]> => {
  const { status, text, body } = await list(query, options);
  if (status !== 200) throw new Error(text);
  return body.people.map(({ address }: { address: string }) => address.split('@')[0]);
};
const same = async (t: Test, query: Record<string, string | readonly string[]>, ...wanted: readonly string[]) => t.same([...await found(query)].sort(), [...wanted].sort(), JSON.stringify(query));

let next = 0;
/** Somebody with an address of their own, as an identity provider would send them. */
async function person(address: string, givenName: string, infix: string, familyName: string, more: Record<string, Json> = {}): Promise<string> {
  const { [ACCOUNT]: account, ...others } = more;
  const { id } = await somebody({
    userName: `u-${++next}`, name: { givenName, familyName }, emails: [{ value: `${address}@people.example`, primary: true }],
    ...(infix === '' && account === undefined ? {} : { [ACCOUNT]: { ...(infix === '' ? {} : { familyNamePrefix: infix }), ...(account as object | undefined) } }),
    ...others,
  });
  return id;
}
const roles = (...values: readonly string[]): Record<string, Json> => ({ roles: values.map((value) => ({ value })) });

const ids = {
  jan: await person('jan', 'Jan', 'van der', 'Berg', roles('Planner')),
  sofie: await person('sofie', 'Sofie', 'van der', 'van der Berg', roles('Agent', 'Planner')),
  anna: await person('anna', 'Anna', '', 'Bérgström', roles('Agent')),
  eva: await person('eva', 'Éva', '', 'Núñez-Øster', roles('Supervisor')),
  noor: await person('noor', 'Noor', 'de', 'Vries'),
  gone: await person('gone', 'Jan', '', 'Weg', { active: false, ...roles('Planner') }),
  guest: await person('guest', 'Jan', '', 'Gast', { [ACCOUNT]: { population: 'external' }, ...roles('Planner') }),
};

t.test('J1: the first tab has everybody who is not deactivated, the second the others', async (t) => {
  const { body: billed } = await list({ tab: 'billed' });
  t.same([billed.total, billed.people.map(({ address }: { address: string }) => address.split('@')[0]).sort()], [5, ['anna', 'eva', 'jan', 'noor', 'sofie']]);
  const { body: unbilled } = await list({ tab: 'unbilled' });
  t.same([unbilled.total, unbilled.people.map(({ id }: { id: string }) => id)], [1, [ids.gone]]);
  t.equal((await list()).body.total, 6, 'both');
  await same(t, { population: 'external' }, 'guest');
  t.equal((await list({ population: ['employee', 'external'] })).body.total, 7);
});

t.test('J1: none, invited, active, locked are in the first tab; whoever is deactivated or back changes tabs at once', async (t) => {
  const none = await person('st-none', 'Stat', '', 'None');
  const invited = await person('st-invited', 'Stat', '', 'Invited');
  t.equal((await api('POST', `/users/${invited}/invitation`, {})).status, 204);
  const active = await person('st-active', 'Stat', '', 'Active', { password: 'correct horse battery' });
  const locked = await person('st-locked', 'Stat', '', 'Locked', { password: 'correct horse battery' });
  await wrong({ id: locked, address: 'st-locked@people.example' }, 3);
  const rows = { none, invited, active, locked };
  for (const status of Object.keys(rows)) {
    await same(t, { search: 'stat', status }, `st-${status}`);
    await same(t, { search: 'stat', status, tab: 'unbilled' });
  }
  await same(t, { search: 'stat', status: ['locked', 'invited'] }, 'st-locked', 'st-invited');
  await same(t, { search: 'stat', tab: 'billed' }, 'st-none', 'st-invited', 'st-active', 'st-locked');
  t.match((await list({ search: 'stat', status: 'locked' })).body.people, [{ id: locked, status: 'locked' }]);

  t.equal((await api('POST', `/users/${active}/deactivate`)).status, 204);
  await same(t, { search: 'stat', tab: 'unbilled' }, 'st-active');
  await same(t, { search: 'stat active', tab: 'billed' });
  t.equal((await api('POST', `/users/${active}/reactivate`)).status, 204);
  await same(t, { search: 'stat', tab: 'unbilled' });
  for (const id of Object.values(rows)) t.equal((await call('DELETE', `/Users/${id}`, undefined, as)).status, 204);
  await same(t, { search: 'stat' });
});

t.test('J2: a term is the beginning of the whole name, of a word in it, or of an address, whatever the case and the accents', async (t) => {
  for (const term of ['Jan van der B', 'jan  VAN der berg', 'van der b', 'der berg', 'jan@people.ex']) await same(t, { search: term, tab: 'billed' }, ...(term.startsWith('van') || term.startsWith('der') ? ['jan', 'sofie'] : ['jan']));
  await same(t, { search: 'berg' }, 'jan', 'sofie', 'anna');
  await same(t, { search: 'BÉRG', tab: 'billed' }, 'jan', 'sofie', 'anna');
  for (const term of ['Éva', 'eva n', 'nunez', 'NÚÑEZ-o', 'øster', 'Oster', 'eva núñez-øst']) await same(t, { search: term }, 'eva');
  for (const term of ['erg', 'an van', 'people.example', 'van  derberg', 'jan berg', 'sofie van der van', '.', '*', 'j.n', '^jan', '\\', '']) await same(t, { search: term }, ...(term === '' ? ['jan', 'sofie', 'anna', 'eva', 'noor', 'gone'] : []));
});

t.test('J2: terms with commas between them are a union; blanks and empty ones do not count', async (t) => {
  await same(t, { search: ' noor@people , ,EVA,, nobody' }, 'noor', 'eva');
  await same(t, { search: 'berg, jan van, j' }, 'jan', 'sofie', 'anna', 'gone');
  await same(t, { search: ' , ,' }, 'jan', 'sofie', 'anna', 'eva', 'noor', 'gone');
  await same(t, { search: 'berg, weg', tab: 'unbilled' }, 'gone');
  const names = Array.from({ length: 20 }, (_, n) => `nobody${n}`);
  t.equal((await list({ search: names.join(',') })).status, 200);
  refused(t, await list({ search: [...names, 'one'].join(',') }), 400, 'invalidValue');
  refused(t, await list({ search: 'x'.repeat(257) }), 400, 'invalidValue');
  t.equal((await list({ search: 'x'.repeat(256) })).body.total, 0);
});

t.test('J3: one of the roles is enough, and it is the same person who has the name', async (t) => {
  await same(t, { role: 'planner', tab: 'billed' }, 'jan', 'sofie');
  await same(t, { role: ['Planner', 'AGENT'], tab: 'billed' }, 'jan', 'sofie', 'anna');
  await same(t, { role: ['Planner', 'Agent', 'Supervisor'] }, 'jan', 'sofie', 'anna', 'eva', 'gone');
  await same(t, { role: 'Plan' });
  await same(t, { role: ['Agent', 'Supervisor'], search: 'jan, eva, noor' }, 'eva');
  await same(t, { role: ['Planner'], search: 'jan', tab: 'unbilled' }, 'gone');
  await same(t, { role: 'Agent', search: 'berg' }, 'sofie', 'anna');
  const many = await person('many', 'Many', '', 'Roles', roles(...Array.from({ length: 40 }, (_, n) => `Role ${n}`)));
  await same(t, { role: ['Role 39', 'Planner'], search: 'many, jan', tab: 'billed' }, 'many', 'jan');
  await same(t, { role: 'Role 40', search: 'many' });
  await same(t, { role: 'role 39' }, 'many');
  t.equal((await call('DELETE', `/Users/${many}`, undefined, as)).status, 204);
});

t.test('J4, S8: what SCIM and the API change is found at once, and what was is not', async (t) => {
  const id = await person('moved', 'Mo', '', 'Ved');
  t.equal((await call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'name.familyName', value: 'Elders' }, { op: 'add', path: 'roles', value: [{ value: 'Mover' }] }), as)).status, 200);
  await same(t, { search: 'elders', role: 'mover' }, 'moved');
  await same(t, { search: 'ved' });
  t.equal((await api('POST', `/users/${id}/address`, { address: 'other@people.example' })).status, 200);
  advance(1);
  t.equal((await call('PUT', `/Users/${id}`, { schemas: [], ...(await get(id)), emails: [{ value: 'put@people.example' }] }, as)).status, 200);
  await same(t, { search: 'put@' }, 'put');
  await same(t, { search: 'moved@' });
  t.equal((await call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:population`, value: 'portal' }), as)).status, 200);
  await same(t, { search: 'put@' });
  await same(t, { search: 'put@', population: 'portal' }, 'put');
  t.equal((await call('DELETE', `/Users/${id}`, undefined, as)).status, 204);
  await same(t, { search: 'put@', population: ['employee', 'portal'] });
});

t.test('S2: "Jan van der Berg" stands under B, in Belgium under V', async (t) => {
  t.same(await found({ tab: 'billed' }), ['jan', 'sofie', 'anna', 'eva', 'noor']);
  t.same(await found({ search: 'berg, eva, noor' }), ['jan', 'sofie', 'anna', 'eva', 'noor'], 'and so what is found');
  await policy({ infixSorting: 'infix' });
  advance(SECOND);
  t.same(await found({ tab: 'billed' }), ['anna', 'noor', 'eva', 'jan', 'sofie']);
  t.same(await found({ search: 'berg, eva, noor' }), ['anna', 'noor', 'eva', 'jan', 'sofie']);
  await policy({ infixSorting: null });
  advance(SECOND);
});

t.test('an entry says who it is, and nothing else', async (t) => {
  t.same((await list({ search: 'sofie' })).body, {
    people: [{ id: ids.sofie, userName: 'u-2', givenName: 'Sofie', familyNamePrefix: 'van der', familyName: 'van der Berg', address: 'sofie@people.example', status: 'none', roles: ['Agent', 'Planner'], population: 'employee' }],
    total: 1,
  });
  t.match((await list({ population: 'external' })).body.people, [{ id: ids.guest, population: 'external' }]);
});

t.test('pages by cursor have everybody once, in the order of one page', async (t) => {
  const whole = await found({ tab: 'billed', count: '1000' });
  for (const query of [{ tab: 'billed' }, { role: ['planner', 'agent', 'supervisor'] }, { search: 'berg, jan, eva, a' }, { search: 'jan, der', role: ['planner', 'agent'] }] as const) {
    for (const count of ['1', '2', '3']) {
      const wanted = await found({ ...query });
      const walked: string[] = [];
      let cursor: string | undefined;
      do {
        const { body } = await list({ ...query, count, ...(cursor === undefined ? {} : { cursor }) });
        t.ok(body.people.length > 0 && body.people.length <= Number(count));
        t.equal(body.total, wanted.length);
        walked.push(...body.people.map(({ address }: { address: string }) => address.split('@')[0]));
        cursor = body.cursor;
      } while (cursor !== undefined);
      t.same(walked.toSorted(), [...wanted].sort(), `${JSON.stringify(query)} by ${count}`);
    }
  }
  t.equal(whole.length, 5);
});

t.test('a cursor is for its own query and caller, and for an hour', async (t) => {
  const { body: { cursor } } = await list({ tab: 'billed', count: '2' });
  t.match(cursor, /^[\w-]+$/);
  t.equal((await list({ tab: 'billed', count: '3', cursor })).status, 200, 'as many as one likes');
  for (const query of [{ tab: 'unbilled' }, {}, { tab: 'billed', search: 'jan' }, { tab: 'billed', role: 'planner' }, { tab: 'billed', population: 'external' }]) refused(t, await list({ ...query, cursor }), 400, 'invalidCursor');
  for (const wrong of ['x', `${cursor}A`, cursor.slice(1), '']) refused(t, await list({ tab: 'billed', cursor: wrong }), 400, 'invalidCursor');
  const other = (await makeClient(tenants.own, { scopes: ['users.manage'] })).token;
  refused(t, await list({ tab: 'billed', cursor }, { token: other }), 400, 'invalidCursor');
  advance(3_600_000);
  refused(t, await list({ tab: 'billed', cursor }), 400, 'expiredCursor');
});

t.test('what cannot be asked is refused with what can', async (t) => {
  const rows: readonly (readonly [Record<string, string | readonly string[]>, RegExp])[] = [
    [{ tab: 'Billed' }, /billed, unbilled/], [{ tab: ['billed', 'billed'] }, /twice/], [{ status: 'gone' }, /deactivated, invited/], [{ population: 'all' }, /employee, external, portal, contact, console/],
    [{ role: '' }, /role/], [{ roles: 'planner' }, /"roles".*role/], [{ search: ['a', 'b'] }, /twice/], [{ count: '0' }, /count/], [{ count: '-1' }, /count/], [{ count: 'x' }, /count/], [{ columns: 'email' }, /"columns"/],
    [{ role: Array.from({ length: 21 }, (_, n) => `r${n}`) }, /20 roles/],
    [{ role: Array.from({ length: 20 }, (_, n) => `r${n}`), population: ['employee', 'external', 'portal', 'contact'] }, /200 ways/],
    [{ search: 'x'.repeat(5000) }, /4096/], [{ sort: 'name' }, /"sort"/],
  ];
  for (const [query, told] of rows) {
    const answer = await list(query);
    refused(t, answer, 400, 'invalidValue');
    t.match(answer.body.detail, told, JSON.stringify(query).slice(0, 80));
  }
  t.equal((await list({ count: '100000' })).status, 200, 'as many as a page has at most');
  t.equal((await list({ role: Array.from({ length: 10 }, (_, n) => `r${n}`), population: ['employee', 'external', 'portal', 'contact'] })).body.total, 0);
});

t.test('nobody sees more than they may: the right, the populations, the tenant', async (t) => {
  const without = (await makeClient(tenants.own, { scopes: ['*', 'audit.read', 'clients.manage'] })).token;
  refused(t, await list({}, { token: without }), 403);
  const employees = (await makeClient(tenants.own, { scopes: ['users.manage'], settings: { populations: ['employee'] } })).token;
  t.same(await found({ population: ['employee', 'external'], search: 'jan' }, { token: employees }), ['jan', 'gone']);
  t.same((await list({ population: 'external' }, { token: employees })).body, { people: [], total: 0 });
  const other = (await makeClient(tenants.other, { scopes: ['users.manage'] })).token;
  t.same((await list({}, { token: other })).body, { people: [], total: 0 });

  const administrator = await person('root', 'Ro', '', 'Ot');
  await world.database.collection<{ _id: string }>('users').updateOne({ _id: administrator }, { $set: { p: 'console' } });
  const grantor = (await makeClient(tenants.own, { scopes: ['users.manage', 'admin.grant'] })).token;
  t.same(await found({ population: 'console' }, { token: grantor }), ['root']);
  t.same(await found({ population: 'console' }), []);
  t.same(await found({ search: 'root' }, { token: grantor }), [], 'an account of the console is in no population');
});
