/** Common attributes: RFC 7643 section 3.1, requirements R-COMMON. */
import t from 'tap';
import { ENTERPRISE, groupBody, patchBody, startApp, unique, userBody } from '../helpers/app.ts';
import { changed, later, made, refused } from './expectations.ts';
import { idsOf, query } from './queries.ts';

const app = await startApp(t, import.meta.url);
const { call, clock, makeClient, tenants, tokens } = app;
const OLD = '1999-01-01T00:00:00Z';

t.test('R-COMMON-1: the server gives the id, and no client one', async (t) => {
  const ids = new Set<string>();
  for (const endpoint of ['/Users', '/Groups']) {
    const body = endpoint === '/Users' ? userBody({ id: 'mine' }) : groupBody({ id: 'mine' });
    for (const token of [tokens.strict, tokens.other]) {
      const { body: created } = await call('POST', endpoint, body, { token });
      t.match(created.id, /^[A-Za-z0-9-]{20,}$/);
      t.notMatch(created.id, /bulkId/i);
      ids.add(created.id);
      refused(t, await call('GET', `${endpoint}/mine`, undefined, { token }), 404);
    }
  }
  t.equal(ids.size, 4, 'unique over all types and tenants');
});

t.test('R-COMMON-1: the id stays for life, is always answered, and is never given again', async (t) => {
  const userName = unique('user');
  const user = await made(app, '/Users', userBody({ userName }));
  const path = `/Users/${user.id}`;
  t.equal((await call('PUT', path, userBody({ userName, id: 'other' }))).body.id, user.id);
  t.equal((await call('PATCH', `${path}?excludedAttributes=id`, patchBody({ op: 'add', path: 'title', value: 'x' }))).body.id, user.id);
  t.equal((await call('DELETE', path)).status, 204);
  t.not((await made(app, '/Users', userBody({ userName }))).id, user.id);
  refused(t, await call('GET', path), 404);
});

t.test('R-COMMON-2: externalId is the client\'s own, exact, and neither invented nor unique', async (t) => {
  t.notOk('externalId' in (await made(app, '/Users', userBody())));
  const externalId = unique('Ext');
  const ids = [await made(app, '/Users', userBody({ externalId })), await made(app, '/Users', userBody({ externalId }))].map(({ id }) => id);
  const find = async (value: string, token?: string) => idsOf((await call('GET', `/Users${query({ filter: `externalId eq "${value}"` })}`, undefined, token === undefined ? {} : { token })).body);
  t.same((await find(externalId)).sort(), ids.sort());
  t.same(await find(externalId.toLowerCase()), []);
  const group = await made(app, '/Groups', groupBody({ externalId }));
  t.equal(group.externalId, externalId);
  t.equal((await call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'replace', path: 'externalId', value: 'x' }))).body.externalId, 'x');
  t.notOk('externalId' in (await call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'remove', path: 'externalId' }))).body);
});

t.test('R-COMMON-2: each provisioning client sees, finds and replaces its own externalId alone', async (t) => {
  const { token } = await makeClient(tenants.own, { tolerances: 'strict' });
  const user = await made(app, '/Users', userBody({ externalId: 'hr-1' }));
  const path = `/Users/${user.id}`;
  t.notOk('externalId' in (await call('GET', path, undefined, { token })).body);
  t.same(idsOf((await call('GET', `/Users${query({ filter: 'externalId eq "hr-1"' })}`, undefined, { token })).body), []);
  t.equal((await call('PATCH', path, patchBody({ op: 'add', path: 'externalId', value: 'idp-1' }), { token })).body.externalId, 'idp-1');
  t.equal((await call('GET', path)).body.externalId, 'hr-1');
});

t.test('R-COMMON-3: meta is ignored when sent, and whole when answered', async (t) => {
  const meta = { resourceType: 'Group', created: OLD, lastModified: OLD, location: 'https://evil.example', version: 'W/"99"' };
  const user = await made(app, '/Users', userBody({ meta }));
  const now = clock.now.toISOString();
  t.same(user.meta, { resourceType: 'User', created: now, lastModified: now, location: `https://scim.example/scim/v2/Users/${user.id}`, version: user.meta.version });
  t.not(user.meta.version, 'W/"99"');
  later(app);
  const put = await call('PUT', `/Users/${user.id}`, changed(user, { meta, title: 'x' }));
  t.match(put.body.meta, { resourceType: 'User', created: now, lastModified: clock.now.toISOString(), location: user.meta.location });
});

t.test('R-COMMON-4: created stays, lastModified moves with each real change', async (t) => {
  const user = await made(app, '/Users', userBody({ title: 'x' }));
  const path = `/Users/${user.id}`;
  t.equal(user.meta.created, user.meta.lastModified);
  for (const value of ['y', 'z']) {
    later(app);
    const { meta } = (await call('PATCH', path, patchBody({ op: 'replace', path: 'title', value }))).body;
    t.equal(meta.lastModified, clock.now.toISOString());
    t.equal(meta.created, user.meta.created);
  }
  const before = (await call('GET', path)).body.meta;
  later(app);
  t.same((await call('PATCH', path, patchBody({ op: 'replace', path: 'title', value: 'z' }))).body.meta, before, 'and not with one that changes nothing');
});

t.test('R-COMMON-4: a change of members is a change of the group', async (t) => {
  const user = await made(app, '/Users', userBody());
  const group = await made(app, '/Groups', groupBody());
  later(app);
  const patched = await call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'add', path: 'members', value: [{ value: user.id }] }));
  t.equal(patched.body.meta.lastModified, clock.now.toISOString());
  t.not(patched.body.meta.version, group.meta.version);
});

t.test('R-COMMON-5: meta.location is the Location header and leads to the resource, meta.version is the ETag', async (t) => {
  for (const [endpoint, body] of [['/Users', userBody({ [ENTERPRISE]: { department: 'd' } })], ['/Groups', groupBody()]] as const) {
    const created = await call('POST', endpoint, body);
    const { location, version } = created.body.meta;
    t.equal(created.headers['location'], location);
    t.equal(created.headers['etag'], version);
    t.match(version, /^W\/"[^"]+"$/);
    const read = await call('GET', location.slice('https://scim.example'.length));
    t.same(read.body, created.body);
    t.equal(read.headers['etag'], version);
    const put = await call('PUT', `${endpoint}/${created.body.id}`, created.body);
    t.equal(put.headers['location'], location);
    t.equal(put.headers['etag'], put.body.meta.version);
  }
});

t.test('R-COMMON-6: the resource type is that of the endpoint', async (t) => {
  t.equal((await made(app, '/Groups', groupBody({ meta: { resourceType: 'User' } }))).meta.resourceType, 'Group');
  t.equal((await made(app, '/Users', userBody({ meta: { resourceType: 'Group' } }))).meta.resourceType, 'User');
});
