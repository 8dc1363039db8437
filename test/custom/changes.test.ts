/** What the database still holds of a schema that has changed since. */
import t from 'tap';
import { patchBody, startApp } from '../helpers/app.ts';
import { made } from '../rfc/expectations.ts';
import { DEVICE, deviceBody, deviceRegistry } from './device.ts';

const app = await startApp(t, import.meta.url, {}, { registry: deviceRegistry() });
const devices = app.store.collections.resources(app.registry.type('Device'));

t.test('attributes and extensions that the files no longer have are not shown, and what is there can be changed', async (t) => {
  const device = await made(app, '/Devices', deviceBody({ model: 'phone' }));
  await devices.updateOne({ _id: device.id, t: app.tenants.own }, { $set: { 'a.colour': 'red', 'a.gone': { room: '1' }, 'k.colour': 'red', 'k.gone': { room: '1' } } });
  const read = await app.call('GET', `/Devices/${device.id}`);
  t.same(read.body, device);
  t.same((await app.call('GET', `/Devices/${device.id}?attributes=colour,gone`)).body, { schemas: [DEVICE], id: device.id });
  const patched = await app.call('PATCH', `/Devices/${device.id}`, patchBody({ op: 'replace', path: 'model', value: 'badge' }));
  t.same([patched.status, patched.body.model, 'colour' in patched.body], [200, 'badge', false], patched.text);
  const put = await app.call('PUT', `/Devices/${device.id}`, deviceBody({ assetTag: device.assetTag }));
  t.same([put.status, 'colour' in put.body], [200, false], put.text);
});
