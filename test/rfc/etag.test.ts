/** Versions: RFC 7644 section 3.14, requirements R-ETAG. Strict client. The race of R-ETAG-8 is in test/http/concurrency.test.ts. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { ENTERPRISE, groupBody, patchBody, startApp, userBody } from '../helpers/app.ts';
import { keeps, later, made, refused } from './expectations.ts';

const app = await startApp(t, import.meta.url);
const { call } = app;
const rename = (value: string) => patchBody({ op: 'replace', path: 'displayName', value });

t.test('R-ETAG-1, R-ETAG-2: every answer with a resource carries its version as a weak tag', async (t) => {
  const created = await call('POST', '/Users', userBody());
  const path = `/Users/${created.body.id}`;
  const empty = (await app.makeClient(app.tenants.own, { tolerances: 'strict', patchAnswer: 'empty' })).token;
  const answers = [created, await call('GET', path), await call('PATCH', path, rename('a')), await call('PUT', path, userBody()), await call('GET', `${path}?attributes=userName`)];
  for (const { headers, body } of answers) {
    t.match(headers['etag'], /^W\/"[^"]+"$/);
    if (body.meta) t.equal(body.meta.version, headers['etag']);
  }
  const silent = await call('PATCH', path, rename('b'), { token: empty });
  t.equal(silent.status, 204);
  t.equal(silent.headers['etag'], (await call('GET', path)).headers['etag'], '204 has it too');
  const listed = await call('GET', `/Users?filter=id%20eq%20%22${created.body.id}%22`);
  t.equal(listed.body.Resources[0].meta.version, silent.headers['etag']);
  t.equal((await call('GET', '/ServiceProviderConfig')).body.etag.supported, true);
});

/** The three writes that take If-Match. */
const WRITES: readonly (readonly [string, (() => Json) | undefined])[] = [['PUT', () => userBody()], ['PATCH', () => rename('changed')], ['DELETE', undefined]];
for (const [method, body] of WRITES) {
  t.test(`R-ETAG-3: ${method} with another tag than the current one is 412 and changes nothing`, async (t) => {
    const user = await made(app, '/Users', userBody({ displayName: 'x' }));
    const path = `/Users/${user.id}`;
    await call('PATCH', path, rename('y'));
    await keeps(t, app, path, async () => {
      for (const tag of [user.meta.version, 'W/"99"', '"1"', 'not-an-etag', '2', 'W/"2', '', 'W/"1", W/"3"', 'w/"1"']) {
        refused(t, await call(method, path, body?.(), { headers: { 'if-match': tag } }), 412);
      }
    });
  });
  t.test(`R-ETAG-4, R-ETAG-6, D-27: ${method} proceeds on the current tag, weak or strong, alone or in a list, on * and without a header`, async (t) => {
    for (const tag of ['W/"1"', '"1"', 'W/"9", W/"1"', '"a,b","1"', '*', undefined]) {
      const user = await made(app, '/Users', userBody());
      const answer = await call(method, `/Users/${user.id}`, body?.(), tag === undefined ? {} : { headers: { 'if-match': tag } });
      t.equal(answer.status, method === 'DELETE' ? 204 : 200, `${tag}: ${answer.text}`);
    }
  });
  t.test(`R-ETAG-4: ${method} of nobody is 404, with * too`, async (t) => {
    for (const tag of ['*', 'W/"1"']) refused(t, await call(method, '/Users/nobody', body?.(), { headers: { 'if-match': tag } }), 404);
  });
}
t.test('R-ETAG-3: the precondition comes before the content', async (t) => {
  const user = await made(app, '/Users', userBody());
  await keeps(t, app, `/Users/${user.id}`, async () => {
    refused(t, await call('PATCH', `/Users/${user.id}`, patchBody({ op: 'replace', path: 'id', value: 'x' }), { headers: { 'if-match': 'W/"9"' } }), 412);
  });
});
t.test('R-ETAG-3: changes of members heed If-Match as well', async (t) => {
  const user = await made(app, '/Users', userBody());
  const group = await made(app, '/Groups', groupBody());
  const add = (tag: string) => call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'add', path: 'members', value: [{ value: user.id }] }), { headers: { 'if-match': tag } });
  await keeps(t, app, `/Groups/${group.id}`, async () => refused(t, await add('W/"9"'), 412));
  t.equal((await add(group.meta.version)).status, 200);
  refused(t, await add(group.meta.version), 412);
});
t.test('R-ETAG-5: GET with the current tag is 304 without a body, with another one 200', async (t) => {
  const user = await made(app, '/Users', userBody({ title: 'x' }));
  for (const path of [`/Users/${user.id}`, `/Users/${user.id}?attributes=title`, `/Users/${user.id}?excludedAttributes=title`]) {
    const get = (tag: string) => call('GET', path, undefined, { headers: { 'if-none-match': tag } });
    for (const tag of [user.meta.version, '"1"', 'W/"7", W/"1"', '*']) {
      const answer = await get(tag);
      t.equal(answer.status, 304, `${path} ${tag}`);
      t.equal(answer.text, '');
      t.equal(answer.headers['etag'], user.meta.version);
    }
    for (const tag of ['W/"2"', 'garbage']) t.equal((await get(tag)).status, 200, `${path} ${tag}`);
  }
  refused(t, await call('GET', '/Users/nobody', undefined, { headers: { 'if-none-match': '*' } }), 404);
});
t.test('R-ETAG-5: what is computed is outside of the version, so an answer that shows it is never 304', async (t) => {
  const boss = await made(app, '/Users', userBody({ displayName: 'Boss' }));
  const user = await made(app, '/Users', userBody({ [ENTERPRISE]: { manager: { value: boss.id } } }));
  await made(app, '/Groups', groupBody({ members: [{ value: boss.id }] }));
  const get = (id: string, query = '') => call('GET', `/Users/${id}${query}`, undefined, { headers: { 'if-none-match': '*' } });
  t.equal((await get(boss.id)).status, 200, 'its groups may have changed');
  t.equal((await get(boss.id, '?excludedAttributes=groups')).status, 304);
  t.equal((await get(user.id)).status, 200, 'its manager may have another name');
});
t.test('R-ETAG-7: the version moves with every change, and with nothing else', async (t) => {
  const user = await made(app, '/Users', userBody({ title: 'x', emails: [{ value: 'a@x.test' }] }));
  const path = `/Users/${user.id}`;
  const seen = new Set([user.meta.version]);
  for (const value of ['a', 'b', 'a']) {
    later(app);
    const { meta } = (await call('PATCH', path, rename(value))).body;
    t.notOk(seen.has(meta.version), 'a version is never given twice');
    t.equal(meta.lastModified, app.clock.now.toISOString());
    seen.add(meta.version);
  }
  await keeps(t, app, path, async () => {
    const current = (await call('GET', path)).body;
    t.equal((await call('PUT', path, current)).status, 200);
    t.equal((await call('PATCH', path, rename('a'))).status, 200);
    t.equal((await call('PATCH', path, patchBody({ op: 'add', path: 'emails', value: [{ value: 'a@x.test' }] }, { op: 'remove', path: 'nickName' }))).status, 200);
    refused(t, await call('PATCH', path, patchBody({ op: 'replace', path: 'title', value: 5 })), 400, 'invalidValue');
    await call('GET', path);
  });
});
t.test('R-ETAG-7: a change that is undone within one PATCH is no change', async (t) => {
  const user = await made(app, '/Users', userBody({ title: 'x' }));
  await keeps(t, app, `/Users/${user.id}`, async () => {
    const body = patchBody({ op: 'replace', path: 'title', value: 'y' }, { op: 'replace', path: 'title', value: 'x' });
    t.equal((await call('PATCH', `/Users/${user.id}`, body)).status, 200);
  });
});
