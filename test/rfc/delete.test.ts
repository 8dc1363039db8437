/** DELETE: RFC 7644 section 3.6, requirements R-DEL. Strict client. */
import t from 'tap';
import { ENTERPRISE, groupBody, patchBody, startApp, USER, userBody } from '../helpers/app.ts';
import { made, refused } from './expectations.ts';

const app = await startApp(t, import.meta.url);
const { call } = app;
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

for (const [endpoint, body] of [['/Users', userBody], ['/Groups', groupBody]] as const) {
  t.test(`R-DEL-1: ${endpoint} answers 204 and nothing else`, async (t) => {
    const resource = await made(app, endpoint, body());
    const answer = await call('DELETE', `${endpoint}/${resource.id}`);
    t.equal(answer.status, 204);
    t.equal(answer.text, '');
    t.notOk(answer.headers['content-type']);
    t.ok([undefined, '0'].includes(answer.headers['content-length'] as string | undefined));
  });
  t.test(`R-DEL-2: afterwards every operation on it in ${endpoint} is 404, as on an id that never was`, async (t) => {
    const resource = await made(app, endpoint, body());
    await call('DELETE', `${endpoint}/${resource.id}`);
    const operations = [['GET', undefined], ['PUT', body()], ['PATCH', patchBody({ op: 'replace', path: 'displayName', value: 'x' })], ['DELETE', undefined]] as const;
    for (const [method, sent] of operations) {
      const answer = await call(method, `${endpoint}/${resource.id}`, sent);
      refused(t, answer, 404);
      t.same(answer.body, (await call(method, `${endpoint}/0190a000-0000-7000-8000-000000000000`, sent)).body, method);
    }
  });
  t.test(`R-DEL-5: a content type or a body on a DELETE in ${endpoint} does no harm`, async (t) => {
    const variants: { raw?: string; headers: Record<string, string> }[] = [
      { headers: { 'content-type': 'application/scim+json' } }, { headers: { 'content-type': 'application/json; charset=utf-8' } }, { headers: { 'content-type': 'application/scim+json' }, raw: '' }, { headers: {}, raw: '{}' },
    ];
    for (const options of variants) {
      const resource = await made(app, endpoint, body());
      t.equal((await call('DELETE', `${endpoint}/${resource.id}`, undefined, options)).status, 204, JSON.stringify(options));
      t.equal((await call('GET', `${endpoint}/${resource.id}`)).status, 404);
    }
  });
}

t.test('R-DEL-3: gone from lists, searches, groups and as manager', async (t) => {
  const user = await made(app, '/Users', userBody());
  const report = await made(app, '/Users', userBody({ schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: user.id }, department: 'd' } }));
  const group = await made(app, '/Groups', groupBody({ members: [{ value: user.id }, { value: report.id }] }));
  t.equal((await call('DELETE', `/Users/${user.id}`)).status, 204);

  t.notMatch((await call('GET', '/Users?count=1000')).text, new RegExp(user.id));
  for (const filter of [`id eq "${user.id}"`, `userName eq "${user.userName}"`, `${ENTERPRISE}:manager.value eq "${user.id}"`]) {
    t.equal((await call('POST', '/Users/.search', { schemas: [SEARCH], filter })).body.totalResults, 0, filter);
  }
  t.equal((await call('POST', '/Groups/.search', { schemas: [SEARCH], filter: `members.value eq "${user.id}"` })).body.totalResults, 0);
  t.notMatch((await call('POST', '/.search', { schemas: [SEARCH], count: 1000 })).text, new RegExp(user.id));
  const shown = await call('GET', `/Groups/${group.id}`);
  t.same(shown.body.members.map(({ value }: { value: string }) => value), [report.id]);
  t.not(shown.body.meta.version, group.meta.version, 'the group has one member less: another version');
  t.same((await call('GET', `/Users/${report.id}`)).body[ENTERPRISE], { department: 'd' });
});
t.test('R-DEL-3: a group is gone from its members and from the group it was in', async (t) => {
  const user = await made(app, '/Users', userBody());
  const inner = await made(app, '/Groups', groupBody({ members: [{ value: user.id }] }));
  const outer = await made(app, '/Groups', groupBody({ members: [{ value: inner.id }] }));
  t.same((await call('GET', `/Users/${user.id}`)).body.groups.length, 2);
  t.equal((await call('DELETE', `/Groups/${inner.id}`)).status, 204);
  t.equal((await call('GET', `/Users/${user.id}`)).body.groups, undefined);
  t.equal((await call('GET', `/Groups/${outer.id}`)).body.members, undefined);
  t.equal((await call('GET', `/Groups?filter=members.value%20eq%20%22${user.id}%22`)).body.totalResults, 0);
});
t.test('R-DEL-4: the userName is free again, for another id', async (t) => {
  const user = await made(app, '/Users', userBody({ externalId: 'E-9', password: 'a-good-Password-1' }));
  await call('DELETE', `/Users/${user.id}`);
  const again = await made(app, '/Users', userBody({ userName: user.userName.toUpperCase() }));
  t.not(again.id, user.id);
  t.equal(again.externalId, undefined);
  refused(t, await call('GET', `/Users/${user.id}`), 404);
  t.equal(await app.store.collections.credentials.countDocuments({ t: app.tenants.own, _id: { $in: [user.id, again.id] } }), 0, 'nor does the password live on');
});
t.test('R-DEL-2: another tenant can neither delete nor notice it', async (t) => {
  const user = await made(app, '/Users', userBody());
  const foreign = await call('DELETE', `/Users/${user.id}`, undefined, { token: app.tokens.other });
  refused(t, foreign, 404);
  t.equal((await call('GET', `/Users/${user.id}`)).status, 200);
});
