import t from 'tap';
import { groupBody, patchBody, startApp, userBody } from '../helpers/app.ts';

const { call } = await startApp(t, import.meta.url);

t.test('a person joins a group and both sides show it', async (t) => {
  const user = await call('POST', '/Users', userBody({ displayName: 'Jan', emails: [{ value: 'Jan@Example.com', type: 'work' }] }));
  t.equal(user.status, 201, user.text);
  t.equal(user.body.meta.location, `https://scim.example/scim/v2/Users/${user.body.id}`);
  const group = await call('POST', '/Groups', groupBody());
  t.equal(group.status, 201, group.text);
  const patched = await call('PATCH', `/Groups/${group.body.id}`, patchBody({ op: 'add', path: 'members', value: [{ value: user.body.id }] }));
  t.equal(patched.status, 200, patched.text);
  t.same(patched.body.members, [{ value: user.body.id, $ref: user.body.meta.location, display: 'Jan', type: 'User' }]);
  const shown = await call('GET', `/Users/${user.body.id}`);
  t.match(shown.body.groups, [{ value: group.body.id, type: 'direct' }]);
  const found = await call('GET', '/Users?filter=emails.value%20eq%20%22JAN@example.com%22');
  t.equal(found.body.totalResults, 1, found.text);
  const deleted = await call('DELETE', `/Users/${user.body.id}`);
  t.equal(deleted.status, 204);
  t.notOk((await call('GET', `/Groups/${group.body.id}`)).body.members);
});
