/** Each client sees the resource types and extensions that are switched on for it, and nothing tells it of the others. */
import t from 'tap';
import { fileURLToPath } from 'node:url';
import type { Json } from '../../src/scim/json.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import { patchBody, SCHEMAS, startApp, unique, USER, userBody, type Answer } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';

const FOLDER = fileURLToPath(new URL('../data/custom/opt-in', import.meta.url));
const COMPANY = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company';
const PORTAL = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Portal';
const PAYROLL = 'urn:example:params:scim:schemas:extension:payroll:2.0:User';
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

const app = await startApp(t, import.meta.url, {}, { registry: loadRegistry(SCHEMAS, FOLDER) });
const client = async (...shows: string[]) => {
  const { token } = await app.makeClient(app.tenants.own, { tolerances: 'strict', scopes: ['*'], shows });
  return (method: string, path: string, body?: Json) => app.call(method, path, body, { token });
};
const blind = await client();
const both = await client(COMPANY, PORTAL.toUpperCase());
const portals = await client(PORTAL);
const payroll = await client(PAYROLL);

const company = (attributes: Record<string, Json> = {}): Json => ({ schemas: [COMPANY], displayName: unique('company'), ...attributes });
const ids = ({ body }: Answer): string[] => body.Resources.map(({ id }: { id: string }) => id);
const filtered = (path: string, filter: string) => `${path}?filter=${encodeURIComponent(filter)}`;

t.test('a type that is switched on works like any other', async (t) => {
  const made = await both('POST', '/Companies', company({ number: '7' }));
  t.equal(made.status, 201, made.text);
  t.equal(made.body.active, true);
  t.same(ids(await both('GET', filtered('/Companies', 'number eq "7"'))), [made.body.id]);
  t.equal((await both('PATCH', `/Companies/${made.body.id}`, patchBody({ op: 'replace', path: 'active', value: false }))).body.active, false);
  t.equal((await portals('POST', '/Portals', { schemas: [PORTAL], displayName: 'p', url: 'https://portal.example/' })).status, 201);
});

t.test('a type that is not switched on is not there, whatever the scopes', async (t) => {
  const { body } = await both('POST', '/Companies', company({ displayName: 'Hidden' }));
  const search: Json = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] };
  const calls: readonly [method: string, path: string, body?: Json][] = [
    ['GET', '/Companies'], ['POST', '/Companies', company()], ['POST', '/Companies/.search', search],
    ['GET', `/Companies/${body.id}`], ['PUT', `/Companies/${body.id}`, company()], ['DELETE', `/Companies/${body.id}`],
    ['PATCH', `/Companies/${body.id}`, patchBody({ op: 'replace', path: 'number', value: '1' })],
    ['GET', '/ResourceTypes/Company'], ['GET', `/Schemas/${COMPANY}`],
  ];
  for (const unseeing of [blind, portals]) {
    for (const [method, path, sent] of calls) refused(t, await unseeing(method, path, sent), 404);
    t.notOk((await unseeing('GET', '/ResourceTypes')).text.includes('Company'));
    t.notOk((await unseeing('GET', '/Schemas')).text.includes(COMPANY));
    t.equal((await unseeing('GET', filtered('', 'displayName eq "Hidden"'))).body.totalResults, 0, 'nor at the root');
    t.equal((await unseeing('POST', '/.search', { ...search as object, filter: 'displayName eq "Hidden"' })).body.totalResults, 0);
  }
  t.equal((await both('GET', `/Companies/${body.id}`)).status, 200, 'and it was not touched');
});

t.test('bulk is no way around', async (t) => {
  const { body } = await both('POST', '/Companies', company());
  const answer = await blind('POST', '/Bulk', { schemas: [BULK], Operations: [
    { method: 'POST', path: '/Companies', bulkId: 'a', data: company() },
    { method: 'DELETE', path: `/Companies/${body.id}` },
    { method: 'POST', path: '/Nowhere', bulkId: 'b', data: company() },
  ] });
  const [post, remove, unknown] = answer.body.Operations;
  t.equal(post.status, unknown.status, 'the same as for an endpoint that does not exist');
  t.equal(remove.status[0], '4', answer.text);
  t.equal((await both('GET', `/Companies/${body.id}`)).status, 200);
});

t.test('two clients see the same at the same time, each its own way', async (t) => {
  const [one, other, none] = await Promise.all([both('GET', '/ResourceTypes'), portals('GET', '/ResourceTypes'), blind('GET', '/ResourceTypes')]);
  t.same([one, other, none].map(ids), [['User', 'Group', 'Company', 'Portal'], ['User', 'Group', 'Portal'], ['User', 'Group']]);
});

t.test('what a client does not see of a resource survives its PUT and can still be found', async (t) => {
  const { body } = await payroll('POST', '/Users', userBody({ [PAYROLL]: { scale: 'A9' } }));
  t.equal(body[PAYROLL].scale, 'A9');
  const seen = await blind('GET', `/Users/${body.id}`);
  t.same([PAYROLL in seen.body, seen.body.schemas], [false, [USER]], 'not in the schemas either');
  const put = await blind('PUT', `/Users/${body.id}`, { schemas: [USER], userName: body.userName, displayName: 'Changed' });
  t.equal(put.status, 200, put.text);
  const patched = await blind('PATCH', `/Users/${body.id}`, patchBody({ op: 'replace', path: 'title', value: 'x' }));
  t.equal(patched.status, 200, patched.text);
  const after = await payroll('GET', `/Users/${body.id}`);
  t.same([after.body[PAYROLL].scale, after.body.displayName, after.body.title], ['A9', 'Changed', 'x']);
  t.same(ids(await payroll('GET', filtered('/Users', `${PAYROLL}:scale eq "a9"`))), [body.id]);
});

t.test('an extension that a client does not see has no name there', async (t) => {
  const { body } = await payroll('POST', '/Users', userBody({ [PAYROLL]: { scale: 'B1' } }));
  refused(t, await blind('GET', filtered('/Users', `${PAYROLL}:scale eq "B1"`)), 400, 'invalidFilter');
  refused(t, await blind('PATCH', `/Users/${body.id}`, patchBody({ op: 'replace', path: `${PAYROLL}:scale`, value: 'C1' })), 400, 'invalidPath');
  refused(t, await blind('POST', '/Users', userBody({ [PAYROLL]: { scale: 'C1' } })), 400, 'invalidSyntax');
  t.equal((await blind('GET', filtered('/Users', `schemas eq "${PAYROLL}"`))).body.totalResults, 0, 'and cannot be asked for by its URN');
  t.notOk((await blind('GET', '/ResourceTypes')).text.includes(PAYROLL));
});

t.test('a PUT by a client that sees the extension and leaves it out leaves it alone too', async (t) => {
  const { body } = await payroll('POST', '/Users', userBody({ [PAYROLL]: { scale: 'B2' } }));
  const put = await payroll('PUT', `/Users/${body.id}`, { schemas: [USER], userName: body.userName });
  t.equal(put.body[PAYROLL]?.scale, 'B2', put.text);
});
