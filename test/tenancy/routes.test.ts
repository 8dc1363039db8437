/** Every route that Fastify knows has a row here: who may come in, and by which methods. A route without a row fails. */
import t from 'tap';
import { RIGHTS as ALL_RIGHTS } from '../../src/rights.ts';
import { startApp } from '../helpers/app.ts';
import { routesOf } from '../helpers/routes.ts';
import { refused } from '../rfc/expectations.ts';
import { leaves, send } from './support.ts';

const app = await startApp(t, import.meta.url);
const { makeClient, tenants, registry } = app;

/** `public`: without a token; `token`: with any; `person`: a person's own, without a token of a client; else the right that is needed, or others that do as well. */
const THEIRS = ['externalUsers.manage', 'portalUsers.manage'] as const;
type Access = 'public' | 'token' | 'person' | (typeof ALL_RIGHTS)[number];
const rows: Map<string, readonly [Access, string, ...Access[]]> = new Map<string, readonly [Access, string, ...Access[]]>([
  ['/livez', ['public', 'GET']],
  ['/readyz', ['public', 'GET']],
  ['/openapi.json', ['public', 'GET']],
  ['/oauth/token', ['public', 'POST']],
  ['/oauth/introspect', ['public', 'POST']],
  ['/.well-known/oauth-authorization-server', ['public', 'GET']],
  ['/.well-known/jwks.json', ['public', 'GET']],
  ['/api/v1/clients', ['clients.manage', 'GET POST']],
  ['/api/v1/clients/:id', ['clients.manage', 'GET PATCH DELETE']],
  ['/api/v1/clients/:id/tokens', ['clients.manage', 'GET POST']],
  ['/api/v1/clients/:id/log', ['clients.manage', 'GET']],
  ['/api/v1/clients/:id/guard', ['clients.manage', 'GET']],
  ['/api/v1/clients/:id/guard/release', ['clients.manage', 'POST']],
  ['/api/v1/clients/:id/guard/refuse', ['clients.manage', 'POST']],
  ['/api/v1/tokens/:id', ['clients.manage', 'DELETE']],
  ['/api/v1/tokens/:id/successor', ['clients.manage', 'POST']],
  ['/api/v1/policy', ['admin.grant', 'GET PATCH']],
  ['/api/v1/audit', ['audit.read', 'GET']],
  ['/api/v1/audit/export', ['audit.read', 'GET']],
  ['/api/v1/seats', ['audit.read', 'GET', 'users.manage']],
  ['/api/v1/users', ['users.manage', 'GET', ...THEIRS]],
  ['/api/v1/users/export', ['users.manage', 'GET', ...THEIRS]],
  ...(['invitation/again', 'unlock', 'deactivate', 'reactivate', 'password', 'address', 'leave-date'] as const).map((verb) => [`/api/v1/users/:id/${verb}`, ['users.manage', 'POST', ...THEIRS]] as const),
  ['/api/v1/users/:id/group', ['users.manage', 'POST']],
  ['/api/v1/users/not-activated', ['users.manage', 'GET']],
  ['/api/v1/imports', ['users.manage', 'GET POST']],
  ['/api/v1/imports/:id', ['users.manage', 'GET PATCH DELETE']],
  ['/api/v1/imports/:id/lines', ['users.manage', 'GET']],
  ['/api/v1/imports/:id/report', ['users.manage', 'GET']],
  ['/api/v1/imports/:id/run', ['users.manage', 'POST']],
  ['/api/v1/imports/:id/cancel', ['users.manage', 'POST']],
  ['/api/v1/access-review', ['audit.read', 'GET', 'users.manage']],
  ['/api/v1/access-review/export', ['audit.read', 'GET', 'users.manage']],
  ['/api/v1/leavers', ['users.manage', 'GET']],
  ['/api/v1/users/:id/invitation', ['users.manage', 'POST DELETE', ...THEIRS]],
  ['/api/v1/users/:id/second-factor', ['users.manage', 'DELETE', ...THEIRS]],
  ['/api/v1/users/:id', ['users.manage', 'DELETE']],
  ['/api/v1/users/:id/data', ['users.manage', 'GET']],
  ['/api/v1/hidden-users', ['users.manage', 'GET']],
  ['/api/v1/hidden-users/:id', ['users.manage', 'DELETE']],
  ['/api/v1/hidden-users/:id/restore', ['users.manage', 'POST']],
  ['/api/v1/matches', ['users.manage', 'GET']],
  ['/api/v1/matches/:id/adopt', ['users.manage', 'POST']],
  ['/api/v1/matches/:id/refuse', ['users.manage', 'POST']],
  ['/api/v1/users/:id/reactivation', ['users.manage', 'GET', ...THEIRS]],
  ['/api/v1/users/:id/sources', ['users.manage', 'GET', ...THEIRS]],
  ['/api/v1/users/:id/merge', ['users.manage', 'POST']],
  ['/api/v1/users/:id/mails', ['users.manage', 'GET', ...THEIRS]],
  ['/api/v1/companies', ['users.manage', 'GET', ...THEIRS]],
  ['/api/v1/companies/:id', ['users.manage', 'GET', ...THEIRS]],
  ...['companies/:id/close', 'companies/:id/open', 'portals/:id/close', 'portals/:id/open'].map((verb) => [`/api/v1/${verb}`, ['users.manage', 'POST']] as const),
  ['/api/v1/companies/:id/people', ['externalUsers.manage', 'GET', 'users.manage']],
  ['/api/v1/companies/:id/portal-users', ['portalUsers.manage', 'GET', 'users.manage']],
  ['/api/v1/external-users', ['externalUsers.manage', 'GET POST', 'users.manage']],
  ['/api/v1/external-users/:id', ['externalUsers.manage', 'PUT DELETE', 'users.manage']],
  ['/api/v1/external-users/:id/login', ['externalUsers.manage', 'DELETE', 'users.manage']],
  ['/api/v1/portal-users', ['portalUsers.manage', 'GET POST', 'users.manage']],
  ['/api/v1/portal-users/:id', ['portalUsers.manage', 'PUT', 'users.manage']],
  ['/api/v1/portal-users/:id/access/:portal', ['portalUsers.manage', 'PUT DELETE', 'users.manage']],
  ...(['sign-in', 'refresh', 'sign-out', 'recover', 'password', 'second-factor', 'confirm-address'] as const).map((step) => [`/api/v1/${step}`, ['person', 'POST']] as const),
  ['/api/v1/sessions', ['person', 'GET DELETE']],
  ['/api/v1/sessions/:id', ['person', 'DELETE']],
]);
/** Pages are for browsers and have tests of their own; which there are is here. */
const PAGES = ['/account', '/account/end-all', '/account/end-session', '/account/address', '/account/password', '/account/second-factor', '/account/second-factor/begin', '/account/second-factor/remove', '/account/second-factor/replace', '/account/sign-out', '/activate', '/assets/:name', '/confirm-email', '/enrol', '/forgot', '/renew', '/reset', '/second-factor', '/sign-in'];
for (const base of ['/scim/v2', '/t/:tenant/scim/v2']) {
  const scim: readonly (readonly [string, Access, string])[] = [
    ['', 'token', 'GET'], ['/.search', 'token', 'POST'], ['/Bulk', 'token', 'POST'], ['/Me', 'token', 'GET POST PUT PATCH DELETE'],
    ['/ServiceProviderConfig', 'public', 'GET'], ['/Schemas', 'token', 'GET'], ['/Schemas/:id', 'token', 'GET'], ['/ResourceTypes', 'token', 'GET'], ['/ResourceTypes/:id', 'token', 'GET'],
    ...['/Users', '/Groups', '/Companies', '/Portals', '/Roles'].flatMap((endpoint) => [
      [endpoint, 'token', 'GET POST'], [`${endpoint}/.search`, 'token', 'POST'], [`${endpoint}/:id`, 'token', 'GET PUT PATCH DELETE'],
    ] as const),
  ];
  for (const [path, access, methods] of scim) rows.set(`${base}${path}`, [access, methods]);
}

const known = routesOf(app.app).map(({ path }) => path);
const urlOf = (route: string) => route.replace(':tenant', 'default').replace(':id', 'some-id').replace(':portal', 'some-portal');
const shows = registry.schemaDefinitions.map(({ id }) => id);
const isScreen = (route: string) => route === '/console' || route.startsWith('/console/');
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

t.test('every route has a row, and every row a route', async (t) => {
  const isPage = (route: string) => PAGES.includes(route) || isScreen(route) || /^\/assets\/(?:pages|console|icon)-\w+\.(?:css|js|svg)$/.test(route);
  t.same(known.filter((route) => !isPage(route)).toSorted(), [...rows.keys()].toSorted());
  t.ok(known.length > 40, 'the tree was read');
});

t.test('every screen of the console sends whoever is not signed in to the sign-in, and takes no form from elsewhere', async (t) => {
  const screens = known.filter(isScreen);
  t.ok(screens.length > 10);
  for (const route of screens) {
    const shown = await app.app.inject({ method: 'GET', url: urlOf(route) });
    if (shown.statusCode !== 404) t.match([shown.statusCode, shown.headers.location], [303, /^\/sign-in\?next=%2Fconsole/], route);
    const sent = await app.app.inject({ method: 'POST', url: urlOf(route), headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'csrf=' });
    if (sent.statusCode !== 404) t.equal(sent.statusCode, 400, route);
  }
});

t.test('methods are those of the row and HEAD and OPTIONS, all others 405', async (t) => {
  const { token } = await makeClient(tenants.own, { scopes: ['*', ...ALL_RIGHTS], shows });
  for (const [route, [, methods]] of rows) {
    if (route === '/livez' || route === '/readyz') continue;
    const allowed = methods.split(' ').flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    t.equal((await send(app.app, 'OPTIONS', urlOf(route), undefined, { token })).headers['allow'], [...allowed, 'OPTIONS'].join(', '), route);
    for (const method of METHODS.filter((one) => !allowed.includes(one))) {
      const answer = await send(app.app, method, urlOf(route), undefined, { token });
      if (answer.status !== 405) t.fail(`${method} ${route}: ${answer.status}`);
    }
  }
});

t.test('without a token, or with an unknown one, nothing but the public routes', async (t) => {
  const answers = new Set<string>();
  for (const [route, [access, methods]] of rows) {
    if (access === 'person') continue;
    app.clock.now = new Date(app.clock.now.getTime() + 1000);
    for (const method of [...methods.split(' '), ...(route.endsWith('z') ? [] : ['OPTIONS'])]) {
      const answer = await send(app.app, method, urlOf(route));
      if (access === 'public') {
        t.equal(answer.status < 300 || route.startsWith('/oauth/'), true, `${method} ${route}`);
        continue;
      }
      refused(t, answer, 401);
      t.equal(answer.headers['www-authenticate'], 'Bearer realm="scim"');
      const unknown = await send(app.app, method, urlOf(route), undefined, { token: 'rc_unknown' });
      refused(t, unknown, 401);
      t.equal(unknown.headers['www-authenticate'], 'Bearer realm="scim", error="invalid_token"');
      answers.add(answer.text).add(unknown.text);
    }
  }
  t.equal(answers.size, 1, 'the same bytes everywhere');
});

const FILES = ['/api/v1/users/export', '/api/v1/access-review/export'];

t.test('a route of the API is for who has its right, and no other right or scope gives it', async (t) => {
  for (const [route, [access, methods, ...others]] of rows) {
    if (access === 'public' || access === 'token' || access === 'person') continue;
    const without = (await makeClient(tenants.own, { scopes: ['*', 'users:password', ...ALL_RIGHTS.filter((right) => right !== access && !others.includes(right))] })).token;
    const having = await Promise.all([access, ...others].map(async (right) => (await makeClient(tenants.own, { scopes: [right] })).token));
    // A read that is an entry of the audit log itself.
    if (FILES.includes(route)) for (const token of having) t.equal((await send(app.app, 'GET', route, undefined, { token })).status, 200);
    await leaves(t, app, tenants.own, route, async () => {
      for (const method of methods.split(' ')) {
        const answer = await send(app.app, method, urlOf(route), method === 'POST' || method === 'PATCH' || method === 'PUT' ? {} : undefined, { token: without });
        refused(t, answer, 403);
        t.equal(answer.headers['www-authenticate'], `Bearer realm="scim", error="insufficient_scope", scope="${access}"`);
        if (!FILES.includes(route)) for (const token of having) t.not((await send(app.app, method, urlOf(route), method === 'POST' || method === 'PATCH' || method === 'PUT' ? {} : undefined, { token })).status, 403, `${method} ${route} with ${access}`);
      }
    });
  }
});

t.test('what gives a right gives nothing of SCIM', async (t) => {
  const { token } = await makeClient(tenants.own, { scopes: ALL_RIGHTS, shows });
  for (const path of ['/Users', '/Groups', '/Companies', '/Portals']) {
    for (const [method, url] of [['GET', path], ['POST', path], ['POST', `${path}/.search`], ['GET', `${path}/x`], ['DELETE', `${path}/x`]] as const) {
      refused(t, await send(app.app, method, `/scim/v2${url}`, method === 'POST' ? { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] } : undefined, { token }), 403);
    }
  }
  t.equal((await send(app.app, 'GET', '/scim/v2', undefined, { token })).body.totalResults, 0);
});

t.test('what is a person\'s own takes no token of a client for one', async (t) => {
  const { token } = await makeClient(tenants.own, { scopes: ['*', ...ALL_RIGHTS] });
  for (const [method, url] of [['GET', '/api/v1/sessions'], ['DELETE', '/api/v1/sessions'], ['DELETE', '/api/v1/sessions/some-id']] as const) {
    refused(t, await send(app.app, method, url), 401);
    refused(t, await send(app.app, method, url, undefined, { token }), 401);
  }
});
