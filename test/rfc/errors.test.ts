/** Errors: RFC 7644 sections 3.12 and 3.7.4, requirements R-ERR. */
import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { groupBody, patchBody, startApp, USER, userBody, type Answer } from '../helpers/app.ts';
import { keeps, made, refused } from './expectations.ts';

const app = await startApp(t, import.meta.url, { limits: { ...DEFAULT_LIMITS, bodyBytes: 10_000 } });
const { call, makeClient, tenants } = app;
const user = await made(app, '/Users', userBody({ userName: 'taken', emails: [{ value: 'a@b.test', type: 'work' }] }));
const path = `/Users/${user.id}`;
const reader = await makeClient(tenants.own, { tolerances: 'strict', scopes: ['users:read'] });

type Row = readonly [name: string, status: number, request: () => Promise<Answer>];
const rows: readonly Row[] = [
  ['a body that is no JSON', 400, () => call('POST', '/Users', undefined, { raw: '{' })],
  ['no token', 401, () => call('GET', '/Users', undefined, { token: undefined })],
  ['a token that is none', 401, () => call('GET', '/Users', undefined, { token: 'none' })],
  ['another scheme', 401, () => call('GET', '/Users', undefined, { token: undefined, headers: { authorization: 'Basic dTpw' } })],
  ['a client without the right', 403, () => call('POST', '/Users', userBody(), { token: reader.token })],
  ['an unknown resource', 404, () => call('GET', '/Users/none')],
  ['an unknown endpoint', 404, () => call('GET', '/Nothings')],
  ['an unknown path outside of SCIM', 404, () => call('GET', '/scim/nothing')],
  ['a wrong verb', 405, () => call('DELETE', '/Users')],
  ['a duplicate', 409, () => call('POST', '/Users', userBody({ userName: 'TAKEN' }))],
  ['another version', 412, () => call('DELETE', path, undefined, { headers: { 'if-match': 'W/"999"' } })],
  ['a body that is too large', 413, () => call('POST', '/Users', userBody({ displayName: 'x'.repeat(10_000) }))],
  ['a person made at /Me', 501, () => call('POST', '/Me', userBody())],
  ['a body of another type', 415, () => call('POST', '/Users', userBody(), { headers: { 'content-type': 'text/xml' } })],
];
for (const [name, status, request] of rows) {
  t.test(`R-ERR-1 R-ERR-2 R-ERR-4 R-ERR-6: ${name} is ${status}, on the status line and in the body`, async (t) => {
    const answer = await request();
    t.equal(answer.body.status, String(status), answer.text);
    refused(t, answer, status, answer.body.scimType);
  });
}

t.test('R-ERR-1 R-ERR-6: a fault of the server is 500 and says nothing of the inside', async (t) => {
  const broken = await startApp(t, 'broken.test.ts');
  Object.defineProperty(broken.clock, 'now', { get: () => { throw new Error('canary: the inside of the server'); } });
  const answer = await broken.call('GET', '/Users');
  refused(t, answer, 500);
  t.notMatch(answer.text, /canary|Error:/);
});

const list = (filter: string) => call('GET', `/Users?filter=${encodeURIComponent(filter)}`);
const patch = (...operations: Parameters<typeof patchBody>) => call('PATCH', path, patchBody(...operations));
const keywords: readonly (readonly [scimType: string, status: number, requests: readonly (() => Promise<Answer>)[]])[] = [
  ['invalidFilter', 400, [() => list('userName zz "a"'), () => list('active gt true'), () => patch({ op: 'remove', path: 'emails[primary gt true]' })]],
  ['uniqueness', 409, [() => call('POST', '/Users', userBody({ userName: 'Taken' }))]],
  ['mutability', 400, [() => patch({ op: 'replace', path: 'id', value: 'x' }), () => patch({ op: 'remove', path: 'userName' })]],
  ['invalidSyntax', 400, [() => call('POST', '/Users', undefined, { raw: '{' }), () => call('PUT', path, [1]), () => call('POST', '/Users/.search', {})]],
  ['invalidPath', 400, [() => patch({ op: 'replace', path: 'emails[', value: 1 }), () => patch({ op: 'replace', path: 'nope', value: 1 })]],
  ['noTarget', 400, [() => patch({ op: 'replace', path: 'emails[type eq "none"].value', value: 'x' }), () => patch({ op: 'remove' })]],
  ['invalidValue', 400, [() => call('POST', '/Users', { schemas: [USER] }), () => call('POST', '/Users', userBody({ active: 'maybe' })), () => call('GET', '/Users?count=ten')]],
  ['invalidVers', 400, [() => call('GET', '/scim/v9/Users')]],
];
for (const [scimType, status, requests] of keywords) {
  t.test(`R-ERR-3: ${scimType} is ${status}, and nothing changes`, (t) => keeps(t, app, path, async () => {
    for (const request of requests) refused(t, await request(), status, scimType);
  }));
}

t.test('R-ERR-3: the detail says what is wrong and repeats no value', async (t) => {
  for (const body of [userBody({ active: 'canary' }), userBody({ emails: 'canary' }), userBody({ password: ['canary'] }), userBody({ title: { canary: 'canary' } })]) {
    const answer = await call('POST', '/Users', body);
    refused(t, answer, 400, 'invalidValue');
    t.notMatch(answer.text, /canary/);
  }
  t.notMatch((await call('POST', '/Users', undefined, { raw: '{"userName": "canary" "x"}' })).text, /canary/);
});

t.test('R-ERR-5: 401 names the scheme', async (t) => {
  for (const options of [{ token: undefined }, { token: 'wrong' }]) {
    t.match((await call('GET', '/Users', undefined, options)).headers['www-authenticate'], /^Bearer( |$)/);
  }
  t.notOk((await call('GET', '/Users')).headers['www-authenticate']);
});

t.test('R-ERR-7: 413 names the limit and its value', async (t) => {
  for (const [method, where] of [['POST', '/Users'], ['PUT', path], ['PATCH', path], ['POST', '/Users/.search'], ['POST', '/.search']] as const) {
    const answer = await call(method, where, groupBody({ displayName: 'x'.repeat(10_000) }));
    refused(t, answer, 413);
    t.match(answer.body.detail, /\b10000\b/, `${method} ${where}`);
  }
});
