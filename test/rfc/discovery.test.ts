/** Discovery: RFC 7644 section 4, RFC 7643 sections 5 to 7, RFC 9865 section 4, requirements R-DISC. */
import t from 'tap';
import { ENTERPRISE, groupBody, GROUP, patchBody, startApp, USER, userBody } from '../helpers/app.ts';
import { probedRegistry, PROBE_GROUP } from '../helpers/probe.ts';
import { made, refused } from './expectations.ts';
import { query, totalOf } from './queries.ts';

const app = await startApp(t, import.meta.url);
const { call, config, tokens } = app;
const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const base = 'https://scim.example/scim/v2';

interface Definition {
  readonly name: string;
  readonly subAttributes?: readonly Definition[];
  readonly [key: string]: unknown;
}
const schemas: readonly { id: string; attributes: readonly Definition[] }[] = (await call('GET', '/Schemas')).body.Resources;
const types: readonly { id: string; name: string; endpoint: string; schema: string; schemaExtensions: { schema: string; required: boolean }[] }[] =
  (await call('GET', '/ResourceTypes')).body.Resources;
const provider = await call('GET', '/ServiceProviderConfig');

t.test('R-DISC-1: /ServiceProviderConfig is one object', async (t) => {
  t.equal(provider.status, 200);
  t.same(provider.body.schemas, [`${CORE}:ServiceProviderConfig`]);
  t.notOk('Resources' in provider.body || 'totalResults' in provider.body);
  t.same(provider.body.meta, { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` });
});

t.test('R-DISC-2: /Schemas lists every schema that a resource type names, extensions too', async (t) => {
  const { body } = await call('GET', '/Schemas');
  t.same(body.schemas, [LIST]);
  t.equal(body.totalResults, body.Resources.length);
  const ids = new Set(schemas.map(({ id }) => id));
  t.equal(ids.size, schemas.length, 'none twice');
  for (const { schema, schemaExtensions } of types) for (const urn of [schema, ...schemaExtensions.map((extension) => extension.schema)]) t.ok(ids.has(urn), urn);
});

t.test('R-DISC-3: a schema by its URN in any case; an unknown one is 404', async (t) => {
  const one = await call('GET', `/Schemas/${USER}`);
  t.equal(one.status, 200);
  t.same(one.body, schemas.find(({ id }) => id === USER));
  t.same((await call('GET', `/Schemas/${USER.toUpperCase()}`)).body, one.body);
  t.same((await call('GET', `/Schemas/${encodeURIComponent(USER)}`)).body, one.body);
  for (const unknown of [`${USER}x`, 'urn:x', 'User']) refused(t, await call('GET', `/Schemas/${unknown}`), 404);
});

t.test('R-DISC-4: /ResourceTypes is a list, /ResourceTypes/{name} one of it', async (t) => {
  const { body } = await call('GET', '/ResourceTypes');
  t.same(body.schemas, [LIST]);
  t.equal(body.totalResults, body.Resources.length);
  t.same((await call('GET', '/ResourceTypes/User')).body, body.Resources.find(({ name }: { name: string }) => name === 'User'));
  refused(t, await call('GET', '/ResourceTypes/Nothing'), 404);
});

t.test('R-DISC-5: messages are no schemas', async (t) => {
  t.same(schemas.filter(({ id }) => id.toLowerCase().startsWith('urn:ietf:params:scim:api')), []);
});

t.test('R-DISC-6: every member of ServiceProviderConfig is there', async (t) => {
  const { body } = provider;
  for (const feature of ['patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag']) t.equal(typeof body[feature].supported, 'boolean', feature);
  for (const limit of [body.bulk.maxOperations, body.bulk.maxPayloadSize, body.filter.maxResults]) t.ok(Number.isInteger(limit) && limit > 0);
  t.ok(body.authenticationSchemes.length > 0);
  for (const scheme of body.authenticationSchemes) for (const key of ['type', 'name', 'description']) t.ok(typeof scheme[key] === 'string' && scheme[key] !== '', key);
});

t.test('R-DISC-7: what ServiceProviderConfig says is so', async (t) => {
  const { patch, filter, changePassword, sort, etag, authenticationSchemes } = provider.body;
  t.same([patch, sort, etag, changePassword].map(({ supported }) => supported), [true, true, true, true]);
  const bulk = await call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [{ method: 'DELETE', path: '/Users/none' }] });
  t.equal(bulk.status, provider.body.bulk.supported === true ? 200 : 501, 'bulk');
  t.same(filter, { supported: true, maxResults: config.limits.maxPageSize });
  const b = await made(app, '/Users', userBody({ userName: 'b', title: 'x' }));
  const a = await made(app, '/Users', userBody({ userName: 'a', title: 'y' }));
  t.equal(await totalOf(call, '/Users', 'title eq "x"'), 1, 'filter');
  const sorted = await call('GET', `/Users${query({ sortBy: 'userName' })}`);
  t.same(sorted.body.Resources.map(({ id }: { id: string }) => id), [a.id, b.id], 'sort');
  t.ok((await call('GET', `/Users/${a.id}`)).headers['etag'], 'etag');
  t.equal((await call('PATCH', `/Users/${a.id}`, patchBody({ op: 'replace', path: 'title', value: 'z' }))).body.title, 'z', 'patch');
  t.equal((await call('PATCH', `/Users/${a.id}`, patchBody({ op: 'replace', path: 'password', value: 'Correct horse' }))).status, 200, 'changePassword');
  t.same(authenticationSchemes.map(({ type }: { type: string }) => type), ['oauthbearertoken'], 'and no other scheme is taken');
  refused(t, await call('GET', '/Users', undefined, { token: undefined, headers: { authorization: `Basic ${Buffer.from(`x:${tokens.strict}`).toString('base64')}` } }), 401);
});

t.test('R-DISC-8: how to authenticate can be read without a token, the rest cannot (decision 1)', async (t) => {
  const anonymous = await call('GET', '/ServiceProviderConfig', undefined, { token: undefined });
  t.equal(anonymous.status, 200);
  t.ok(anonymous.body.authenticationSchemes.length > 0);
  for (const path of ['/Schemas', `/Schemas/${USER}`, '/ResourceTypes', '/ResourceTypes/User']) refused(t, await call('GET', path, undefined, { token: undefined }), 401);
});

t.test('R-DISC-9: a filter on discovery is 403; paging and sorting change nothing', async (t) => {
  for (const path of ['/Schemas', '/ResourceTypes']) {
    refused(t, await call('GET', `${path}${query({ filter: 'name eq "User"' })}`), 403);
    const whole = await call('GET', path);
    t.same((await call('GET', `${path}${query({ count: 1, startIndex: 2, sortBy: 'name', sortOrder: 'descending' })}`)).body, whole.body);
  }
  for (const path of [`/Schemas/${USER}`, '/ResourceTypes/User', '/ServiceProviderConfig']) refused(t, await call('GET', `${path}${query({ filter: 'name eq "User"' })}`), 403);
});

t.test('R-DISC-10: a resource type says where its resources are and which schemas they have', async (t) => {
  t.match(types.find(({ name }) => name === 'User'), { id: 'User', endpoint: '/Users', schema: USER, schemaExtensions: [{ schema: ENTERPRISE, required: false }] });
  t.match(types.find(({ name }) => name === 'Group'), { id: 'Group', endpoint: '/Groups', schema: GROUP });
  for (const { name, endpoint, schema, schemaExtensions } of types) {
    const created = await made(app, endpoint, name === 'Group' ? groupBody() : userBody());
    t.equal(created.meta.resourceType, name);
    for (const urn of [schema, ...schemaExtensions.map((extension) => extension.schema)]) t.equal((await call('GET', `/Schemas/${urn}`)).body.id, urn);
    const one = await call('GET', `/ResourceTypes/${name}`);
    t.same(one.body.schemas, [`${CORE}:ResourceType`]);
    t.same(one.body.meta, { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` });
  }
});

t.test('R-DISC-11: a resource must carry an extension that is required, and what that requires', async (t) => {
  const probed = await startApp(t, 'required.test.ts', {}, { registry: probedRegistry({ groupRequired: true }) });
  for (const attributes of [{}, { [PROBE_GROUP]: {} }, { [PROBE_GROUP]: { colour: 'red' } }, { [PROBE_GROUP]: null }]) {
    refused(t, await probed.call('POST', '/Groups', groupBody(attributes)), 400, 'invalidValue');
  }
  t.equal(await totalOf(probed.call, '/Groups'), 0);
  const group = await made(probed, '/Groups', groupBody({ [PROBE_GROUP]: { costCode: '1' } }));
  t.same(group.schemas, [GROUP, PROBE_GROUP]);
  refused(t, await probed.call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'remove', path: PROBE_GROUP })), 400, 'mutability');
  t.same((await probed.call('GET', `/Groups/${group.id}`)).body, group);
  t.match((await probed.call('GET', '/ResourceTypes/Group')).body.schemaExtensions, [{ schema: PROBE_GROUP, required: true }]);
});

t.test('R-DISC-12: a schema is a resource that knows its own place', async (t) => {
  for (const { id } of schemas) {
    const { body } = await call('GET', `/Schemas/${id}`);
    t.same(body.schemas, [`${CORE}:Schema`]);
    t.ok(typeof body.name === 'string' && typeof body.description === 'string' && Array.isArray(body.attributes) && body.attributes.length > 0, id);
    t.same(body.meta, { resourceType: 'Schema', location: `${base}/Schemas/${id}` });
    t.same((await call('GET', body.meta.location.slice('https://scim.example'.length))).body, body);
  }
});

const ALLOWED: Record<string, readonly unknown[]> = {
  type: ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'binary', 'reference', 'complex'],
  multiValued: [true, false],
  required: [true, false],
  mutability: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
  returned: ['always', 'never', 'default', 'request'],
};
const SIMPLE: Record<string, readonly unknown[]> = { caseExact: [true, false], uniqueness: ['none', 'server', 'global'] };

for (const { id, attributes } of schemas) {
  t.test(`R-DISC-13: every attribute of ${id} is described in full`, async (t) => {
    const check = (attribute: Definition, depth: number, where: string) => {
      const name = `${where}${attribute.name}`;
      const complex = attribute['type'] === 'complex';
      for (const [key, values] of Object.entries({ ...ALLOWED, ...(complex ? {} : SIMPLE) })) t.ok(values.includes(attribute[key]), `${name} ${key}`);
      t.equal(typeof attribute['description'], 'string', name);
      t.equal(attribute.subAttributes !== undefined, complex, `${name}: sub-attributes where complex, and only there`);
      t.equal(attribute['referenceTypes'] !== undefined, attribute['type'] === 'reference', `${name}: referenceTypes where a reference, and only there`);
      t.ok(!complex || depth < 2 || id === `${CORE}:Schema`, `${name}: one level`);
      for (const sub of attribute.subAttributes ?? []) check(sub, depth + 1, `${name}.`);
    };
    for (const attribute of attributes) check(attribute, 1, '');
  });
}

for (const path of ['/ServiceProviderConfig', '/Schemas', `/Schemas/${USER}`, '/ResourceTypes', '/ResourceTypes/User']) {
  t.test(`R-DISC-14: ${path} can only be read`, async (t) => {
    const before = await call('GET', path);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) refused(t, await call(method, path, before.body), 405);
    t.same((await call('GET', path)).body, before.body);
  });
}

t.test('R-DISC-15: what ServiceProviderConfig says of pagination is so, and nothing is said of events', async (t) => {
  const { pagination } = provider.body;
  t.equal(pagination.index, true);
  t.equal(pagination.defaultPaginationMethod, 'index');
  t.equal(pagination.defaultPageSize, config.limits.pageSize);
  t.equal(pagination.maxPageSize, config.limits.maxPageSize);
  await made(app, '/Users', userBody());
  const { body } = await call('GET', '/Users?cursor&count=1');
  t.equal('nextCursor' in body, pagination.cursor, 'a cursor exactly where it is announced');
  t.notOk('securityEvents' in provider.body);
});
