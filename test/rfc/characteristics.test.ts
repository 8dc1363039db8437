/** Characteristics of attributes: RFC 7643 sections 2.2 and 7, requirements R-CHAR. The probe extension has those that no shipped schema has. */
import t from 'tap';
import { ENTERPRISE, GROUP, patchBody, startApp, USER, userBody } from '../helpers/app.ts';
import { PROBE, probedRegistry } from '../helpers/probe.ts';
import type { Json } from '../../src/scim/json.ts';
import { keeps, made, refused } from './expectations.ts';
import { idsOf, query, totalOf } from './queries.ts';

const app = await startApp(t, import.meta.url, {}, { registry: probedRegistry() });
const { call } = app;
const person = (probe: Record<string, Json>, attributes: Record<string, Json> = {}) => made(app, '/Users', userBody({ ...attributes, [PROBE]: probe }));
const replace = (path: string, value: Json) => patchBody({ op: 'replace', path, value });
/** A body with the same core attributes and other ones in the extension. */
const withProbe = ({ userName }: { userName: string }, probe: Json) => ({ schemas: [USER, PROBE], userName, [PROBE]: probe });

interface Definition {
  readonly name: string;
  readonly type: string;
  readonly caseExact?: boolean;
  readonly subAttributes?: readonly Definition[];
  readonly [key: string]: unknown;
}
const schemaOf = async (urn: string): Promise<readonly Definition[]> => (await call('GET', `/Schemas/${urn}`)).body.attributes;

t.test('R-CHAR-1: where nothing else is said, the defaults are published in full', async (t) => {
  const defaults = { type: 'string', multiValued: false, required: false, caseExact: false, mutability: 'readWrite', returned: 'default', uniqueness: 'none' };
  const core = await schemaOf(USER);
  const plain = ['displayName', 'nickName', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone', 'department'];
  const published = [...core, ...(await schemaOf(ENTERPRISE))].filter(({ name }) => plain.includes(name));
  t.same(published.map((attribute) => ({ ...attribute, description: '' })), plain.map((name) => ({ name, description: '', ...defaults })));
});

t.test('R-CHAR-2: readOnly is never changed by a client', async (t) => {
  const user = await person({ level: 1 });
  await keeps(t, app, `/Users/${user.id}`, async () => {
    const put = await call('PUT', `/Users/${user.id}`, { ...user, id: 'mine', meta: { created: '1999-01-01T00:00:00Z' }, [PROBE]: { level: 1, tally: 5 } });
    t.equal(put.status, 200);
    for (const [path, value] of [['id', 'mine'], ['meta.created', '1999-01-01T00:00:00Z'], [`${PROBE}:tally`, 5]] as const) {
      refused(t, await call('PATCH', `/Users/${user.id}`, replace(path, value)), 400, 'mutability');
    }
  });
  t.notOk('tally' in (await person({ level: 1, tally: 5 }))[PROBE], 'nor is it taken on create');
});

t.test('R-CHAR-3: immutable is set once, by create, PUT or PATCH, and then stays', async (t) => {
  const created = await person({ badge: 'a' });
  const byPut = await person({ level: 1 });
  t.equal((await call('PUT', `/Users/${byPut.id}`, withProbe(byPut, { badge: 'a' }))).status, 200);
  const byPatch = await person({ level: 1 });
  t.equal((await call('PATCH', `/Users/${byPatch.id}`, patchBody({ op: 'add', path: `${PROBE}:badge`, value: 'a' }))).status, 200);
  for (const user of [created, byPut, byPatch]) {
    const path = `/Users/${user.id}`;
    await keeps(t, app, path, async () => {
      for (const probe of [{ badge: 'b' }, { level: 2 }, null]) refused(t, await call('PUT', path, withProbe(user, probe)), 400, 'mutability');
      for (const operation of [{ op: 'replace', path: `${PROBE}:badge`, value: 'b' }, { op: 'add', path: `${PROBE}:badge`, value: 'b' }, { op: 'remove', path: `${PROBE}:badge` }]) {
        refused(t, await call('PATCH', path, patchBody(operation)), 400, 'mutability');
      }
    });
    const same = await call('PUT', path, withProbe(user, { badge: 'a', level: 3 }));
    t.equal(same.status, 200, 'the same value is no change of it');
    t.same(same.body[PROBE], { badge: 'a', level: 3 });
  }
});

t.test('R-CHAR-4: writeOnly is taken and never answered', async (t) => {
  const user = await person({ secret: 'canary' }, { password: 'canary-Password1' });
  t.notOk('password' in user);
  t.notOk('secret' in (user[PROBE] ?? {}));
  for (const path of ['password', `${PROBE}:secret`]) {
    const patched = await call('PATCH', `/Users/${user.id}`, replace(path, 'canary-Password2'));
    t.equal(patched.status, 200, patched.text);
    t.notMatch(patched.text, /canary/);
  }
  t.notMatch((await call('GET', `/Users/${user.id}`)).text, /canary/);
});

for (const parameters of [{ excludedAttributes: `id,${PROBE}:seal,${PROBE}:car.plate` }, { attributes: 'title' }, { excludedAttributes: PROBE }]) {
  t.test(`R-CHAR-5: returned=always is there whatever ${Object.keys(parameters).join()} says`, async (t) => {
    const user = await person({ seal: 's', car: { plate: 'p', colour: 'red' } });
    for (const { body } of [await call('GET', `/Users/${user.id}${query(parameters)}`), await call('PUT', `/Users/${user.id}${query(parameters)}`, user)]) {
      t.equal(body.id, user.id);
      t.match(body[PROBE], { seal: 's', car: { plate: 'p' } });
    }
  });
}

t.test('R-CHAR-6: returned=default is there unless it is left out or excluded', async (t) => {
  const user = await person({ code: 'c', level: 1 }, { title: 'x' });
  const get = async (parameters: Record<string, string>) => (await call('GET', `/Users/${user.id}${query(parameters)}`)).body;
  t.match(await get({}), { userName: user.userName, title: 'x', [PROBE]: { code: 'c', level: 1 } });
  t.same(Object.keys(await get({ attributes: 'title' })).sort(), ['id', 'schemas', 'title']);
  const excluded = await get({ excludedAttributes: `title,${PROBE}:code` });
  t.notOk('title' in excluded);
  t.same(excluded[PROBE], { level: 1 });
  t.equal(excluded.userName, user.userName);
});

t.test('R-CHAR-7: returned=request is there on a query that names it, and not otherwise', async (t) => {
  const user = await person({ hidden: 'h', level: 1, car: { colour: 'red', fuel: 'f' } });
  const shown = async (parameters: Record<string, string>) => [
    (await call('GET', `/Users/${user.id}${query(parameters)}`)).body[PROBE],
    (await call('GET', `/Users${query({ ...parameters, filter: `id eq "${user.id}"` })}`)).body.Resources[0][PROBE],
  ];
  for (const probe of await shown({})) t.same(probe, { level: 1, car: { colour: 'red' } });
  for (const probe of await shown({ excludedAttributes: 'title' })) t.same(probe, { level: 1, car: { colour: 'red' } });
  for (const probe of await shown({ attributes: `${PROBE}:hidden` })) t.same(probe, { hidden: 'h' });
  for (const probe of await shown({ attributes: `${PROBE}:car.fuel` })) t.same(probe, { car: { fuel: 'f' } });
});

t.test('R-CHAR-7: returned=request is there in the answer to a write that brought it', async (t) => {
  const created = await person({ hidden: 'h', level: 1 });
  t.same(created[PROBE], { hidden: 'h', level: 1 }, 'POST');
  const path = `/Users/${created.id}`;
  t.same((await call('PUT', path, withProbe(created, { hidden: 'i', level: 1 }))).body[PROBE], { hidden: 'i', level: 1 }, 'PUT');
  t.same((await call('PATCH', path, replace(`${PROBE}:hidden`, 'j'))).body[PROBE], { hidden: 'j', level: 1 }, 'PATCH');
  t.same((await call('PATCH', path, patchBody({ op: 'add', value: { [PROBE]: { hidden: 'k' } } }))).body[PROBE], { hidden: 'k', level: 1 }, 'PATCH without path');
  t.same((await call('PATCH', path, replace(`${PROBE}:level`, 2))).body[PROBE], { level: 2 }, 'a write that did not bring it');
  t.same((await call('PATCH', `${path}${query({ attributes: `${PROBE}:hidden` })}`, replace(`${PROBE}:level`, 3))).body[PROBE], { hidden: 'k' }, 'or that asks for it');
});

t.test('R-CHAR-8: returned=never is in no answer, and cannot be asked for', async (t) => {
  const user = await person({ secret: 'canary', level: 1, car: { pin: 'canary', colour: 'red' } }, { password: 'canary-Password1' });
  const names = `password,${PROBE}:secret,${PROBE}:car.pin,${PROBE}:car`;
  for (const answer of [
    await call('GET', `/Users/${user.id}${query({ attributes: names })}`),
    await call('GET', `/Users${query({ attributes: names })}`),
    await call('POST', '/Users/.search', { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], attributes: names.split(',') }),
    await call('PUT', `/Users/${user.id}${query({ attributes: names })}`, withProbe(user, { secret: 'canary', car: { pin: 'canary' } })),
    await call('PATCH', `/Users/${user.id}${query({ attributes: names })}`, replace(`${PROBE}:secret`, 'canary')),
  ]) {
    t.equal(answer.status, 200, answer.text);
    t.notMatch(answer.text, /canary|password|secret|"pin"/);
  }
  for (const name of ['password', `${PROBE}:secret`, `${PROBE}:car.pin`]) {
    refused(t, await call('GET', `/Users${query({ filter: `${name} eq "canary"` })}`), 400, 'invalidFilter');
    refused(t, await call('GET', `/Users${query({ sortBy: name })}`), 400, 'invalidValue');
  }
});

t.test('R-CHAR-9: caseExact text is kept and compared as it is; other text is kept as sent and compared in any case', async (t) => {
  const user = await person({ code: 'AbC', tags: ['AbC'] }, { externalId: 'AbC' });
  t.equal(user.externalId, 'AbC');
  t.same(user[PROBE], { code: 'AbC', tags: ['AbC'] });
  const found = async (name: string, value: string) => idsOf((await call('GET', `/Users${query({ filter: `${name} eq "${value}"` })}`)).body);
  for (const name of ['externalId', `${PROBE}:code`]) {
    t.same(await found(name, 'AbC'), [user.id]);
    t.same(await found(name, 'abc'), []);
  }
  t.same(await found(`${PROBE}:tags`, 'aBC'), [user.id]);
});

t.test('R-CHAR-10: uniqueness=server is 409 for a value that is taken, and nothing for none', async (t) => {
  const unique = await startApp(t, 'unique.test.ts', {}, { registry: probedRegistry({ uniqueSerial: true }) });
  const first = await made(unique, '/Users', userBody({ [PROBE]: { serial: 'S1' } }));
  refused(t, await unique.call('POST', '/Users', userBody({ [PROBE]: { serial: 'S1' } })), 409, 'uniqueness');
  refused(t, await unique.call('POST', '/Users', userBody({ userName: first.userName.toUpperCase() })), 409, 'uniqueness');
  t.equal(await totalOf(unique.call, '/Users'), 1, 'nothing is stored');
  await made(unique, '/Users', userBody({ [PROBE]: { serial: 's1' } }));
  for (const one of [1, 2]) await made(unique, '/Users', userBody({ title: `without a serial, ${one}` }));
  t.equal(await totalOf(unique.call, '/Users'), 4);
});

t.test('R-CHAR-11 R-CHAR-12: what complex and reference attributes publish', async (t) => {
  for (const urn of [USER, GROUP, ENTERPRISE]) {
    for (const attribute of await schemaOf(urn)) {
      if (attribute.type === 'complex') t.same(Object.keys(attribute).filter((key) => key === 'caseExact' || key === 'uniqueness'), [], attribute.name);
      for (const { name, type, caseExact } of [attribute, ...(attribute.subAttributes ?? [])]) if (type === 'reference') t.equal(caseExact, true, `${urn}:${attribute.name} ${name}`);
    }
  }
});

t.test('R-CHAR-12: a filter on a reference is exact', async (t) => {
  const user = await made(app, '/Users', userBody({ profileUrl: 'https://a.test/Me', photos: [{ value: 'https://a.test/Photo' }] }));
  for (const [name, value] of [['profileUrl', 'https://a.test/Me'], ['photos.value', 'https://a.test/Photo']] as const) {
    t.equal(await totalOf(call, '/Users', `${name} eq "${value}" and id eq "${user.id}"`), 1);
    t.equal(await totalOf(call, '/Users', `${name} eq "${value.toLowerCase()}"`), 0);
  }
});
