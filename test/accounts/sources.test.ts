/** Which client, person or import set each attribute of a person last: in the commit of the change, and nothing that SCIM shows. */
import t from 'tap';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { createLog } from '../../src/log.ts';
import { policyOf } from '../../src/policy.ts';
import { patch } from '../../src/resources/patch.ts';
import { ENTERPRISE, patchBody, unique, userBody } from '../helpers/app.ts';
import { ACCOUNT, HOUR, PASSWORD, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { advance, api, call, clock, database, get, store, tenants } = world;
const make = () => world.makeClient(tenants.own, { scopes: ['*', 'users:password', 'users.manage'], shows: [ACCOUNT], settings: { signInMethod: 'none' } });
const [hr, sso] = [await make(), await make()];
const newPerson = async () => {
  const address = `${unique('p')}@people.example`;
  const made = await call('POST', '/Users', userBody({ userName: address, emails: [{ value: address, primary: true }], title: 'Keeper', [ENTERPRISE]: { department: 'North' } }), { token: hr.token });
  return { id: made.body.id as string, address };
};
const sourcesOf = async (id: string): Promise<Readonly<Record<string, readonly [by: string, at: string]>>> => {
  const { body } = await api('GET', `/users/${id}/sources`);
  return Object.fromEntries(body.sources.map(({ attribute, by, at }: { attribute: string; by: { id: string }; at: string }) => [attribute, [by.id, at]]));
};
const change = (id: string, token: string, path: string, value: string) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path, value }), { token });
const stored = (id: string) => database.collection<{ _id: string; src?: { of: string[] }[] }>('users').findOne({ _id: id });

t.test('who made a person set all of it; who changes an attribute set that; an equal value keeps its source', async (t) => {
  const person = await newPerson();
  const made = [hr.client, clock.now.toISOString()] as const;
  t.same(await sourcesOf(person.id), { active: made, emails: made, title: made, userName: made, [ENTERPRISE]: made });
  advance(HOUR);
  await change(person.id, sso.token, 'title', 'Baker');
  await change(person.id, sso.token, `${ENTERPRISE}:costCenter`, '4711');
  const changed = [sso.client, clock.now.toISOString()] as const;
  t.same(await sourcesOf(person.id), { active: made, emails: made, title: changed, userName: made, [ENTERPRISE]: changed });

  advance(HOUR);
  const [version, document] = [(await get(person.id)).meta.version, await stored(person.id)];
  await change(person.id, hr.token, 'title', 'Baker');
  await change(person.id, hr.token, 'externalId', unique('e'));
  t.same((await stored(person.id))?.src, document?.src, 'what is equal, and a client\'s own name, change no source');
  t.not((await get(person.id)).meta.version, version);
  await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'remove', path: 'title' }), { token: hr.token });
  t.notOk('title' in (await sourcesOf(person.id)), 'what is taken away has none');
  const { body } = await api('GET', `/users/${person.id}/sources`);
  t.match(body.sources.find(({ attribute }: { attribute: string }) => attribute === 'userName'), { by: { kind: 'client', id: hr.client, name: String } });
});

t.test('it does not grow with writes, and is in no answer of SCIM', async (t) => {
  const person = await newPerson();
  for (let time = 0; time < 40; time++) {
    advance(1000);
    await change(person.id, time % 2 === 0 ? hr.token : sso.token, time % 3 === 0 ? 'title' : 'nickName', `value ${time}`);
  }
  const sources = (await stored(person.id))?.src ?? [];
  t.ok(sources.length <= 4, `${sources.length} entries`);
  const names = sources.flatMap(({ of }) => of);
  t.equal(new Set(names).size, names.length, 'each attribute once');
  t.comment(`${Buffer.byteLength(JSON.stringify(sources))} bytes after 40 changes`);
  t.notOk('src' in (await get(person.id)) || JSON.stringify(await get(person.id)).includes(sso.client));
});

t.test('people, dates and imports are sources; a lock, a sign-in and an invitation are none', async (t) => {
  const person = await world.active();
  const before = await sourcesOf(person.id);
  advance(HOUR);
  await world.wrong(person, 3);
  await api('POST', `/users/${person.id}/unlock`);
  await world.signIn(person.address, PASSWORD);
  t.same(await sourcesOf(person.id), before);
  await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:leaveDate`, value: '2031-01-01' }), { token: hr.token });
  t.same((await sourcesOf(person.id))[ACCOUNT]?.[0], hr.client);

  const context = systemContext({ ...world, behaviours: accountBehaviours, now: () => clock.now, log: createLog({ level: 'silent' }) }, { tenant: { id: tenants.own, name: 'default', policy: policyOf({}) }, actor: { kind: 'person', id: person.id }, requestId: 'r', from: undefined });
  await patch({ ...context, import: 'import-7' }, store.registry.type('User'), person.id, patchBody({ op: 'replace', path: 'title', value: 'Imported' }), 'any');
  const { body } = await api('GET', `/users/${person.id}/sources`);
  t.match(body.sources.find(({ attribute }: { attribute: string }) => attribute === 'title'), { by: { kind: 'person', id: person.id, name: person.address }, import: 'import-7' });
});

t.test('they come back with who was hidden, are part of what is exported, and go with the person', async (t) => {
  const person = await newPerson();
  const before = await sourcesOf(person.id);
  const hiding = (await world.makeClient(tenants.own, { settings: { onDelete: 'hide' } })).token;
  await call('DELETE', `/Users/${person.id}`, undefined, { token: hiding });
  t.equal((await api('GET', `/users/${person.id}/sources`)).status, 404);
  await api('POST', `/hidden-users/${person.id}/restore`);
  t.same(await sourcesOf(person.id), before);
  t.equal((await api('GET', `/users/${person.id}/data`)).body.resource.sources.length, 1);
  t.equal((await api('GET', `/users/${person.id}/sources`, undefined, { token: (await world.makeClient(tenants.other, { scopes: ['users.manage'] })).token })).status, 404);
});
