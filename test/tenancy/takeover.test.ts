/** Whoever can become somebody has their rights: password, address and second factor of a person with rights are for who may grant them. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, startApp, unique, userBody } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { addMembers, asBulk, leaves, members, ownTenant, RIGHTS, send } from './support.ts';

const app = await startApp(t, import.meta.url);
const { makeClient } = app;
const PASSWORD = 'seven tall zebras drink';
const tenant = await ownTenant(app);
const manager = (await makeClient(tenant.id, { scopes: ['users.manage'] })).token;
const provider = (await makeClient(tenant.id, { scopes: ['*'] })).token;
const grantor = (await makeClient(tenant.id, { scopes: ['*', 'users.manage', 'admin.grant'] })).token;

async function personWith(rights: readonly string[]): Promise<{ readonly id: string; readonly userName: string }> {
  const userName = `${unique('person')}@example.com`;
  const id = await tenant.make('/Users', userBody({ userName, password: PASSWORD, emails: [{ value: userName, type: 'work', primary: true }] }));
  if (rights.length > 0) await tenant.make('/Groups', { schemas: [], displayName: unique('rights'), members: members(id), [RIGHTS]: { rights: [...rights] } });
  return { id, userName };
}

type Step = readonly [method: string, path: string, body?: Json];
const steps = ({ id, userName }: { readonly id: string; readonly userName: string }): readonly (readonly [what: string, token: string, step: Step])[] => [
  ['a password over the API', manager, ['POST', `/api/v1/users/${id}/password`, { password: 'nine small giraffes run' }]],
  ['an address over the API', manager, ['POST', `/api/v1/users/${id}/address`, { address: `${unique('thief')}@example.com` }]],
  ['no second factor over the API', manager, ['DELETE', `/api/v1/users/${id}/second-factor`]],
  ['an address by PATCH', provider, ['PATCH', `/scim/v2/Users/${id}`, patchBody({ op: 'replace', path: 'emails', value: [{ value: `${unique('thief')}@example.com` }] })]],
  ['an address by PUT', provider, ['PUT', `/scim/v2/Users/${id}`, userBody({ userName, emails: [{ value: `${unique('thief')}@example.com` }] })]],
  ['an address in Bulk', provider, ['POST', '/scim/v2/Bulk', asBulk('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'emails', value: [{ value: `${unique('thief')}@example.com` }] }))]],
];

t.test('who may not grant rights cannot become somebody who has them', async (t) => {
  for (const rights of [['admin.grant'], ['audit.read']]) {
    for (const [what, token, [method, path, body]] of steps(await personWith(rights))) {
      await leaves(t, app, tenant.id, what, async () => {
        const answer = await send(app.app, method, path, body, { token });
        if (path.endsWith('/Bulk')) t.match(answer.body, { Operations: [{ status: '403' }] }, what);
        else refused(t, answer, 403);
      });
    }
  }
});

t.test('somebody without rights is helped by who manages people, somebody with rights by who may grant them', async (t) => {
  for (const [rights, token] of [[[], manager], [['admin.grant'], grantor]] as const) {
    const [password] = steps(await personWith(rights));
    const [method = '', path = '', body] = password?.[2] ?? [];
    t.ok((await send(app.app, method, path, body, { token })).status < 300);
  }
});

t.test('the last administrator is not switched off over the API', async (t) => {
  const own = await ownTenant(app);
  const token = (await makeClient(own.id, { scopes: ['users.manage', 'admin.grant'] })).token;
  const person = await own.make('/Users', userBody());
  t.ok((await send(app.app, 'PATCH', `/scim/v2/Groups/${own.administrators}`, addMembers(person), { token: own.grantor })).status < 300);
  await leaves(t, app, own.id, 'deactivate', async () => refused(t, await send(app.app, 'POST', `/api/v1/users/${person}/deactivate`, undefined, { token }), 409));
  const other = await own.make('/Users', userBody());
  t.ok((await send(app.app, 'PATCH', `/scim/v2/Groups/${own.administrators}`, addMembers(other), { token: own.grantor })).status < 300);
  t.ok((await send(app.app, 'POST', `/api/v1/users/${person}/deactivate`, undefined, { token })).status < 300);
});
