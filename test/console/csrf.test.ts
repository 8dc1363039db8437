/**
 * No form of the console, and none of the pages of whoever is signed in, is taken from anywhere but a page of the same browser. The routes are
 * those that Fastify knows and each is about somebody or something that is there: who adds a form has it here.
 */
import t from 'tap';
import { setAdministrator } from '../../src/accounts/administrators.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { policyOf } from '../../src/policy.ts';
import type { Json } from '../../src/scim/json.ts';
import { importsOf, surroundings } from '../accounts/imports.ts';
import type { Browser } from '../accounts/browser.ts';
import { PASSWORD, startWorld } from '../accounts/world.ts';
import { unique } from '../helpers/app.ts';
import { routesOf } from '../helpers/routes.ts';
import { EXTERNAL, PORTALS } from './company-world.ts';

const world = await startWorld(t, import.meta.url);
const { tenants, store } = world;

const administrator = await world.active({ name: { givenName: 'Anna', familyName: 'Beheer' } });
await setAdministrator(systemContext(surroundings(world), { tenant: { id: tenants.own, name: 'default', policy: policyOf({}) }, actor: { kind: 'system', id: 'test' }, requestId: 'test', from: undefined }), administrator.id, true);

async function signedIn(): Promise<Browser> {
  const browser = world.browser();
  const answer = await browser.post('/sign-in', { name: administrator.address, password: PASSWORD });
  if (answer.status !== 303) throw new Error(answer.text);
  return browser;
}

const { token } = await world.makeClient(tenants.own, { scopes: ['*', 'users.manage', 'externalUsers.manage', 'portalUsers.manage'], shows: world.registry.schemaDefinitions.map(({ id }) => id), settings: { signInMethod: 'none' } });
async function made(path: string, body: Json): Promise<string> {
  const answer = await world.call('POST', path, body, { token });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.id;
}
const company = await made('/Companies', { schemas: [], displayName: 'Bedrijf' });
const portal = await made('/Portals', { schemas: [], displayName: 'Portaal' });
const group = await made('/Groups', { schemas: [], displayName: 'Groep', members: [{ value: (await world.active()).id }] });
const external = (await world.somebody({ [EXTERNAL]: { companyId: company, registered: true, loginEnabled: true }, password: PASSWORD }, token)).id;
const portalUser = (await world.somebody({ [PORTALS]: { access: [{ portal, customer: company, enabled: true }] } }, token)).id;
const { client } = await world.makeClient(tenants.own, { scopes: ['users:read'] });
const issued = await store.collections.tokens.findOne({ t: tenants.own, client });
const imported = String((await importsOf(world).checked('Voornaam;Achternaam;E-mail\nEen;Twee;een.twee@people.example\n', 'matchby=email')).id);

/** What is there, by the path that it is under. */
const IDS: Readonly<Record<string, string>> = { users: (await world.active()).id, groups: group, companies: company, portals: portal, connections: client, imports: imported };
const isOwn = (path: string) => path.startsWith('/console') || path.startsWith('/account');
const forms = routesOf(world.app).filter(({ path, methods }) => isOwn(path) && methods.includes('POST')).map(({ path }) => path);

function urlOf(path: string): string {
  const person = path.includes('/portal/') ? portalUser : external;
  return path
    .replace(':id', IDS[path.split('/')[2] ?? ''] ?? 'some-id')
    .replace(':person', person).replace(':member', external).replace(':token', issued?._id ?? '').replace(':group', 'sign-in');
}

/** What any of the buttons says, so that a form that were taken would do something. */
const FIELDS = {
  'erase': 'on', 'understood': 'on', 'leaveDate': '2030-12-31', 'email': 'evil@evil.example', 'displayName': 'Evil', 'name': 'Evil', 'givenName': 'Evil', 'familyName': 'Evil',
  'password': 'evil horse battery staple', 'current': PASSWORD, 'userId': 'evil', 'isAdmin': 'on', 'group': group, 'portal': portal, 'person': external, 'act': 'deactivate', 'text': 'a;b', 'subject': 'Evil {{link}}',
};

/** A browser's own boundary: a form that carries a file reads its token in another way. */
function asMultipart(fields: Readonly<Record<string, string>>): readonly [string, string] {
  const boundary = `----${unique('form')}`;
  const parts = Object.entries(fields).map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  return [`multipart/form-data; boundary=${boundary}`, `${parts.join('')}--${boundary}--\r\n`];
}

const OUT_OF_DATE = 'The form is out of date.';
/** Both are read as forms by browsers; only a form with a file may be the second. */
async function sendBoth(browser: Browser, path: string, csrf: string | undefined, headers: Record<string, string>) {
  const fields = { ...(csrf === undefined ? {} : { csrf }), ...FIELDS };
  const [type, body] = asMultipart({ ...(csrf === undefined ? {} : { csrf }), delimiter: 'semicolon', text: FIELDS.text });
  return [await browser.postRaw(urlOf(path), new URLSearchParams(fields).toString(), headers), await browser.postRaw(urlOf(path), body, { ...headers, 'content-type': type })] as const;
}

const own = await signedIn();
const another = await signedIn();
const csrfOf = (browser: Browser) => browser.cookies.get('__Host-csrf') ?? '';
t.ok(forms.length > 40, `${forms.length} forms`);
t.not(csrfOf(own), csrfOf(another));

const WAYS: readonly (readonly [string, string | undefined, Record<string, string>])[] = [
  ['from another origin, with the token of the browser', csrfOf(own), { origin: 'https://evil.example' }],
  ['from an origin that hides itself', csrfOf(own), { origin: 'null' }],
  ['from the same name without https', csrfOf(own), { origin: 'http://scim.example' }],
  ['without a token', undefined, {}],
  ['with an empty token', '', {}],
  ['with the token of another session of the same person', csrfOf(another), {}],
  ['with the token of another session and from another origin', csrfOf(another), { origin: 'https://evil.example' }],
];

for (const [way, csrf, headers] of WAYS) {
  t.test(`${way}: no form is taken, and nothing is changed`, async (t) => {
    const before = JSON.stringify(await world.everything());
    for (const path of forms) {
      const [plain, multipart] = await sendBoth(own, path, csrf, headers);
      t.equal(plain.status, 400, path);
      if (path.startsWith('/console')) t.ok(plain.text.includes(OUT_OF_DATE), `${path}: for that and nothing else`);
      t.ok([400, 415].includes(multipart.status), `${path}: ${multipart.status}`);
    }
    await store.settled();
    t.equal(JSON.stringify(await world.everything()), before);
  });
}

t.test('two tokens in one form are none', async (t) => {
  const before = JSON.stringify(await world.everything());
  for (const path of forms) {
    const answer = await own.postRaw(urlOf(path), `csrf=${csrfOf(own)}&csrf=${csrfOf(own)}&erase=on&understood=on`);
    t.equal(answer.status, 400, path);
  }
  await store.settled();
  t.equal(JSON.stringify(await world.everything()), before);
});

t.test('with its own token from its own pages a form is looked at: what was refused was refused for where it came from', async (t) => {
  for (const path of forms.filter((one) => one.startsWith('/console'))) {
    const answer = await own.post(path.replace(/:\w+/g, 'some-id'));
    t.notOk(answer.text.includes(OUT_OF_DATE), path);
    t.ok(answer.status === 303 || (answer.status >= 400 && answer.status < 500), `${path}: ${answer.status}`);
  }
});
