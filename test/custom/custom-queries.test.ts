/** Filters, order and pages of a resource type that an operator adds. */
import t from 'tap';
import { startApp } from '../helpers/app.ts';
import { made } from '../rfc/expectations.ts';
import { DEVICE, deviceBody, deviceRegistry } from './device.ts';

const app = await startApp(t, import.meta.url, {}, { registry: deviceRegistry() });
const { call } = app;

await made(app, '/Devices', deviceBody({
  assetTag: 'one', model: 'Laptop', serialNumber: 'Ab', managed: true, memory: 8, price: 1.5, boughtAt: '2026-01-01T00:00:00Z', labels: ['Red', 'old'],
  interfaces: [{ value: 'aa', type: 'wifi', speed: 1 }, { value: 'bb', type: 'ethernet', speed: 9 }],
}));
await made(app, '/Devices', deviceBody({
  assetTag: 'two', model: 'phone', serialNumber: 'ab', managed: false, memory: 16, price: 2.5, boughtAt: '2026-02-01T00:00:00Z', manual: 'https://example.com/x',
  interfaces: [{ value: 'cc', type: 'wifi', speed: 9 }],
}));
await made(app, '/Devices', deviceBody({ assetTag: 'three' }));

const tags = (body: { Resources: { assetTag: string }[] }) => body.Resources.map(({ assetTag }) => assetTag);
const query = (parameters: Record<string, string>) => `/Devices?${new URLSearchParams(parameters).toString()}`;

const FILTERS: readonly [filter: string, ...found: string[]][] = [
  ['model eq "LAPTOP"', 'one'],
  ['model ne "laptop"', 'two', 'three'],
  ['serialNumber eq "Ab"', 'one'],
  ['model sw "PH"', 'two'],
  ['model ew "top"', 'one'],
  ['model co "o"', 'one', 'two'],
  ['model pr', 'one', 'two'],
  ['not (model pr)', 'three'],
  ['memory gt 8', 'two'],
  ['memory ge 8', 'one', 'two'],
  ['price lt 2.5', 'one'],
  ['price le 2.5', 'one', 'two'],
  ['boughtAt gt "2026-01-15T00:00:00Z"', 'two'],
  ['boughtAt eq "2026-01-01T01:00:00+01:00"', 'one'],
  ['managed eq false', 'two'],
  ['manual eq "https://example.com/x"', 'two'],
  ['labels eq "red"', 'one'],
  ['labels co "L"', 'one'],
  ['interfaces[type eq "wifi" and speed eq 9]', 'two'],
  ['interfaces.type eq "wifi" and interfaces.speed eq 9', 'one', 'two'],
  ['interfaces[value sw "A" or speed gt 1]', 'one', 'two'],
  ['interfaces pr and memory lt 10', 'one'],
  [`${DEVICE}:model eq "phone"`, 'two'],
  [`${DEVICE.toUpperCase()}:interfaces.value eq "bb"`, 'one'],
  ['assetTag eq "one" or assetTag eq "three"', 'one', 'three'],
];
for (const [filter, ...found] of FILTERS) {
  t.test(filter, async (t) => {
    const answer = await call('GET', query({ filter }));
    t.equal(answer.status, 200, answer.text);
    t.same(tags(answer.body), found);
  });
}

t.test('what the schema does not have cannot be asked for', async (t) => {
  for (const filter of ['colour eq "red"', 'memory eq "8"', 'managed gt true', 'owner.displayName eq "Jan"']) {
    const answer = await call('GET', query({ filter }));
    t.same([answer.status, answer.body.scimType], [400, 'invalidFilter'], filter);
  }
});

t.test('a list is sorted by its attributes', async (t) => {
  t.same(tags((await call('GET', query({ sortBy: 'memory', sortOrder: 'descending' }))).body), ['three', 'two', 'one'], 'without a value: first when descending');
  t.same(tags((await call('GET', query({ sortBy: `${DEVICE}:model` }))).body), ['one', 'two', 'three']);
  t.same(tags((await call('GET', query({ sortBy: 'assetTag' }))).body), ['one', 'three', 'two'], 'by its unique index');
});

t.test('a walk with cursors shows each once', async (t) => {
  const seen: string[] = [];
  let cursor: string | undefined = '';
  for (let pages = 0; cursor !== undefined && pages < 9; pages++) {
    const { body, text } = await call('GET', query({ cursor, count: '1', sortBy: 'model' }));
    t.equal(Array.isArray(body.Resources), true, text);
    seen.push(...tags(body));
    cursor = body.nextCursor;
  }
  t.same(seen, ['one', 'two', 'three']);
});

t.test('.search finds it, at its endpoint and at the root, with the attributes that are asked for', async (t) => {
  const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: 'assetTag eq "TWO"', attributes: ['model'] };
  for (const path of ['/Devices/.search', '/.search']) {
    const answer = await call('POST', path, body);
    t.equal(answer.body.totalResults, 1, answer.text);
    t.same(Object.keys(answer.body.Resources[0]).sort(), ['id', 'model', 'schemas']);
  }
});
