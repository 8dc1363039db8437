/** The API document is valid, says what the routes are and what the caller sees. */
import t from 'tap';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { startApp, userBody } from '../helpers/app.ts';
import { probedRegistry } from '../helpers/probe.ts';

const COMPANY = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company';
const app = await startApp(t, import.meta.url, {}, { registry: probedRegistry() });
const { token } = await app.makeClient(app.tenants.own, { shows: [COMPANY] });
const fetched = async (authorization?: string) => app.app.inject({ url: '/openapi.json', headers: authorization === undefined ? {} : { authorization } });
const parsed = async (authorization?: string) => JSON.parse((await fetched(authorization)).body);
const everybody = await parsed();
const wide = await parsed(`Bearer ${token}`);

/** `printRoutes` draws a tree: a line's depth is where its name begins. */
function routes(): ReadonlySet<string> {
  const open: { depth: number; name: string }[] = [];
  const urls = new Set<string>();
  for (const line of app.app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, name = '', methods] = /^([│├└─\s]*)(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (indent === undefined || name === '') continue;
    while ((open.at(-1)?.depth ?? -1) >= indent.length) open.pop();
    open.push({ depth: indent.length, name });
    if (methods !== undefined) urls.add(open.map((part) => part.name).join('').replaceAll('//', '/').replace(/(.)\/$/, '$1'));
  }
  return urls;
}

t.test('it is OpenAPI 3.1', async (t) => {
  for (const document of [everybody, wide]) {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    t.equal(valid, true, JSON.stringify(errors ?? ''));
  }
  t.equal(everybody.openapi, '3.1.0');
  const operationIds = Object.values(wide.paths).flatMap((item) => Object.values(item as object).flatMap((operation) => operation.operationId ?? []));
  t.equal(new Set(operationIds).size, operationIds.length, 'each operation has an id of its own');
});

t.test('every reference leads somewhere', async (t) => {
  const broken = Array.from(JSON.stringify(wide).matchAll(/"\$ref":"#\/([^"]+)"/g), ([, path = '']) => path)
    .filter((path) => path.split('/').reduce((place, name) => place?.[name], wide) === undefined);
  t.same(broken, []);
});

t.test('what Fastify serves under /scim/v2 is in it, and the other way round', async (t) => {
  const registry = [...routes()].filter((url) => url.startsWith('/scim/v2') && !url.includes('*') && !/^\/scim\/v2\/(Portals|Roles)/.test(url)).map((url) => url.replace(':id', '{id}'));
  t.ok(registry.length > 15, registry.join(' '));
  const documented = Object.keys(wide.paths).filter((url) => url.startsWith('/scim/v2'));
  t.same(registry.sort(), documented.sort());
  for (const url of documented) {
    const { headers } = await app.app.inject({ method: 'OPTIONS', url: url.replace('{id}', 'x'), headers: { authorization: `Bearer ${token}` } });
    const allowed = String(headers['allow']).toLowerCase().split(', ').filter((method) => method !== 'head' && method !== 'options');
    t.same(Object.keys(wide.paths[url]).sort(), allowed.sort(), url);
  }
  for (const url of ['/livez', '/readyz', '/openapi.json']) t.ok(everybody.paths[url]?.get, url);
});

t.test('every operation says how it is refused, and what it needs', async (t) => {
  for (const [url, item] of Object.entries(wide.paths).filter(([path]) => path.startsWith('/scim/v2'))) {
    for (const [method, { responses, security }] of Object.entries(item as Record<string, { responses: object; security?: object[] }>)) {
      const isPublic = security?.length === 0;
      t.ok(Object.keys(responses).some((status) => status === (isPublic ? '403' : '401')), `${method} ${url}`);
      t.equal(isPublic, url === '/scim/v2/ServiceProviderConfig', url);
      t.equal(['get', 'delete'].includes(method) || '415' in responses || '501' in responses, true, `${method} ${url} reads a body`);
    }
  }
});

t.test('anybody sees what everybody sees, a client sees its own view, a wrong token is refused', async (t) => {
  t.notOk(JSON.stringify(everybody).includes('Compan'));
  t.ok(wide.paths['/scim/v2/Companies']);
  t.notOk(wide.paths['/scim/v2/Portals']);
  const refused = await fetched('Bearer nonsense');
  t.same([refused.statusCode, refused.headers['www-authenticate']], [401, 'Bearer realm="scim", error="invalid_token"']);
  t.match((await fetched()).headers, { vary: 'authorization', 'content-type': 'application/json; charset=utf-8' });
  t.equal((await app.app.inject({ method: 'DELETE', url: '/openapi.json' })).statusCode, 405);
});

t.test('attributes have their types, and a request is not an answer', async (t) => {
  const { schemas } = everybody.components;
  const { properties } = schemas['schemas.core.2.0.User'];
  t.equal('password' in properties, false);
  t.same(properties.groups.readOnly, true);
  t.same(properties.emails.items.properties.type.examples, ['work', 'home', 'other']);
  const sent = schemas['schemas.core.2.0.User.request'];
  t.match(sent.properties.password, { type: 'string', writeOnly: true });
  t.same(['groups' in sent.properties, sent.required], [false, ['userName']]);
  t.match(schemas['schemas.core.2.0.User'].properties.x509Certificates.items.properties.value, { type: 'string', contentEncoding: 'base64' });
});

t.test('what the server answers fits the schemas, and so does what it takes', async (t) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'document', components: everybody.components });
  const check = (component: string, value: unknown) => {
    const fits = ajv.compile({ $ref: `document#/components/schemas/${component}` });
    t.equal(fits(value), true, `${component}: ${ajv.errorsText(fits.errors)}`);
    return fits;
  };
  const body = userBody({ displayName: 'Jan', emails: [{ value: 'a@example.com', primary: true }] });
  check('User.request', body);
  const made = await app.call('POST', '/Users', body);
  const fits = check('User', made.body);
  t.equal(fits({ ...made.body, userName: 7 }), false, 'the schema does say something');
  check('api.messages.2.0.ListResponse', (await app.call('GET', '/Users')).body);
  check('api.messages.2.0.Error', (await app.call('GET', '/Users/none')).body);
  check('schemas.core.2.0.ServiceProviderConfig', (await app.call('GET', '/ServiceProviderConfig')).body);
  for (const schema of (await app.call('GET', '/Schemas')).body.Resources) check('schemas.core.2.0.Schema', schema);
});
