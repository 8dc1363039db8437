/** A resource type and an extension that an operator adds as files do all that ours do. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, startApp, unique, userBody } from '../helpers/app.ts';
import { later, made, refused } from '../rfc/expectations.ts';
import { DEVICE, deviceBody, deviceRegistry, WORKPLACE } from './device.ts';

const app = await startApp(t, import.meta.url, {}, { registry: deviceRegistry() });
const { call } = app;
const make = (attributes: Record<string, Json> = {}) => made(app, '/Devices', deviceBody(attributes));
const base = 'https://scim.example/scim/v2';

t.test('a resource is created, read, replaced, changed and deleted', async (t) => {
  const device = await make({ model: 'laptop' });
  t.equal(device.meta.location, `${base}/Devices/${device.id}`);
  t.equal(device.meta.resourceType, 'Device');
  t.equal(device.managed, true, 'the default of the storage entry');
  t.same((await call('GET', `/Devices/${device.id}`)).body, device);

  const patched = await call('PATCH', `/Devices/${device.id}`, patchBody({ op: 'replace', path: `${DEVICE}:memory`, value: 16 }, { op: 'add', path: 'labels', value: ['a', 'b'] }, { op: 'add', path: 'interfaces', value: [{ value: 'aa', type: 'wifi', speed: 1 }] }));
  t.equal(patched.body.memory, 16, patched.text);
  t.same(patched.body.labels, ['a', 'b']);
  const element = await call('PATCH', `/Devices/${device.id}`, patchBody({ op: 'replace', path: 'interfaces[type eq "WIFI"].speed', value: 866 }, { op: 'replace', path: 'labels', value: ['b'] }, { op: 'replace', path: 'managed', value: false }));
  t.equal(element.status, 200, element.text);
  t.same([element.body.interfaces[0].speed, element.body.labels, element.body.managed], [866, ['b'], false], element.text);

  later(app);
  const replaced = await call('PUT', `/Devices/${device.id}`, deviceBody({ assetTag: device.assetTag }), { headers: { 'if-match': String(element.headers['etag']) } });
  t.equal(replaced.status, 200, replaced.text);
  t.equal('model' in replaced.body, false);
  t.equal(replaced.body.managed, false, 'kept when omitted');
  refused(t, await call('DELETE', `/Devices/${device.id}`, undefined, { headers: { 'if-match': 'W/"1"' } }), 412);
  t.equal((await call('DELETE', `/Devices/${device.id}`)).status, 204);
  refused(t, await call('GET', `/Devices/${device.id}`), 404);
});

const VALUES: readonly [name: string, good: Json, kept: Json, bad: Json][] = [
  ['model', 'tablet', 'tablet', 1],
  ['managed', true, true, 'perhaps'],
  ['memory', 16, 16, 1.5],
  ['price', 1.5, 1.5, '1.5'],
  ['boughtAt', '2026-01-31T10:30:00+01:00', '2026-01-31T09:30:00.000Z', 'yesterday'],
  ['certificate', 'AQID', 'AQID', 'a b'],
  ['manual', 'https://example.com/m', 'https://example.com/m', false],
  ['labels', ['x', 'y'], ['x', 'y'], [true]],
  ['interfaces', [{ value: 'aa', speed: 1 }], [{ value: 'aa', speed: 1 }], [{ value: 'aa', speed: 'fast' }]],
];
for (const [name, good, kept, bad] of VALUES) {
  t.test(`${name} takes its type and no other`, async (t) => {
    const device = await make({ [name]: good });
    t.same((await call('GET', `/Devices/${device.id}?attributes=${name}`)).body[name], kept);
    refused(t, await call('POST', '/Devices', deviceBody({ [name]: bad })), 400, 'invalidValue');
  });
}

t.test('what the schema says of an attribute holds', async (t) => {
  const device = await make({ serialNumber: 'S1', certificate: 'AQID' });
  refused(t, await call('POST', '/Devices', { schemas: [DEVICE] }), 400, 'invalidValue');
  refused(t, await call('PATCH', `/Devices/${device.id}`, patchBody({ op: 'replace', path: 'serialNumber', value: 'S2' })), 400, 'mutability');
  refused(t, await call('POST', '/Devices', deviceBody({ colour: 'red' })), 400, 'invalidSyntax');
  t.equal(device.certificate, 'AQID', 'returned to whoever sends it');
  t.equal('certificate' in (await call('GET', `/Devices/${device.id}`)).body, false, 'and on request otherwise');
});

t.test('a value that must be unique is refused, in any case, on POST, PUT and PATCH', async (t) => {
  const one = await make({ assetTag: unique('Label') });
  const two = await make();
  const taken = one.assetTag.toUpperCase();
  refused(t, await call('POST', '/Devices', deviceBody({ assetTag: taken })), 409, 'uniqueness');
  refused(t, await call('PUT', `/Devices/${two.id}`, deviceBody({ assetTag: taken })), 409, 'uniqueness');
  refused(t, await call('PATCH', `/Devices/${two.id}`, patchBody({ op: 'replace', path: 'assetTag', value: taken })), 409, 'uniqueness');
  t.equal((await call('POST', '/Devices', deviceBody({ assetTag: taken }), { token: app.tokens.other })).status, 201, 'another tenant is another world');
});

t.test('a reference must lead somewhere, shows its target, and goes with it', async (t) => {
  const user = await made(app, '/Users', userBody({ displayName: 'Jan' }));
  const device = await make({ owner: { value: user.id, displayName: 'what the client says' } });
  t.same(device.owner, { value: user.id, $ref: user.meta.location, displayName: 'Jan' });
  refused(t, await call('POST', '/Devices', deviceBody({ owner: { value: 'nobody' } })), 400, 'invalidValue');
  refused(t, await call('PATCH', `/Devices/${device.id}`, patchBody({ op: 'replace', path: 'owner', value: { value: device.id } })), 400, 'invalidValue');
  t.equal((await call('GET', `/Devices?filter=${encodeURIComponent(`owner.value eq "${user.id}"`)}`)).body.totalResults, 1);
  await call('DELETE', `/Users/${user.id}`);
  const after = await call('GET', `/Devices/${device.id}`);
  t.equal('owner' in after.body, false);
  t.equal(after.body.meta.version === device.meta.version, false, 'that is a new version');
});

t.test('an extension adds to what we define', async (t) => {
  const user = await made(app, '/Users', userBody({ [WORKPLACE]: { deskNumber: 'D1', floors: [1, 2] } }));
  t.same(user[WORKPLACE], { deskNumber: 'D1', floors: [1, 2] });
  t.equal(user.schemas.includes(WORKPLACE), true);
  const patched = await call('PATCH', `/Users/${user.id}`, patchBody({ op: 'replace', path: `${WORKPLACE}:deskNumber`, value: 'D2' }));
  t.equal(patched.body[WORKPLACE].deskNumber, 'D2');
  const found = await call('GET', `/Users?filter=${encodeURIComponent(`${WORKPLACE}:deskNumber eq "d2" and ${WORKPLACE}:floors eq 2`)}`);
  t.same(found.body.Resources.map(({ id }: { id: string }) => id), [user.id], found.text);
  refused(t, await call('POST', '/Users', userBody({ [WORKPLACE]: { floors: ['first'] } })), 400, 'invalidValue');
});

t.test('bulk resolves a bulkId in a reference, forwards too', async (t) => {
  const answer = await call('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [
      { method: 'POST', path: '/Devices', bulkId: 'd', data: deviceBody({ owner: { value: 'bulkId:u' } }) },
      { method: 'POST', path: '/Users', bulkId: 'u', data: userBody({ displayName: 'Ann' }) },
      { method: 'POST', path: '/Devices', bulkId: 'e', data: deviceBody({ owner: { value: 'bulkId:nobody' } }) },
    ],
  });
  t.same(answer.body.Operations.map(({ status }: { status: string }) => status[0]), ['2', '2', '4'], answer.text);
  const device = await call('GET', answer.body.Operations[0].location.replace(base, ''));
  t.equal(device.body.owner.displayName, 'Ann');
});

t.test('discovery and the API document tell of it', async (t) => {
  const types = await call('GET', '/ResourceTypes/Device');
  t.same([types.body.endpoint, types.body.schema], ['/Devices', DEVICE], types.text);
  t.equal((await call('GET', `/Schemas/${DEVICE}`)).body.attributes.length, 12);
  const extensions = (await call('GET', '/ResourceTypes/User')).body.schemaExtensions;
  t.equal(extensions.some(({ schema }: { schema: string }) => schema === WORKPLACE), true);
  const document = JSON.parse((await app.app.inject('/openapi.json')).body);
  t.same(Object.keys(document.paths['/scim/v2/Devices/{id}']), ['get', 'put', 'patch', 'delete']);
  t.same(document.components.schemas['urn.example.params.scim.schemas.core.2.0.Device.request'].required, ['assetTag']);
});
