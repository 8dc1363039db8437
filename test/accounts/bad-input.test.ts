/** What browsers and attackers send to the pages and to the verbs of people: every answer is a page, or an error, that says what to do and gives nothing away. */
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createLog } from '../../src/log.ts';
import type { Page } from './browser.ts';
import { OTHER_PASSWORD, PASSWORD, startWorld } from './world.ts';

const logFile = join(t.testdir(), 'log');
const log = createLog({ level: 'trace', fd: openSync(logFile, 'w') });
const world = await startWorld(t, import.meta.url, {}, { log });
const { active, api, browser, database, everything, invited, session, sessionLives, status, wrong } = world;
const CSP = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const FORMS = ['/sign-in', '/forgot', '/activate', '/reset', '/confirm-email', '/renew', '/second-factor', '/enrol', '/account/end-session', '/account/end-all', '/account/sign-out'];
const json = { 'content-type': 'application/json' };

/** What every answer of a page has, whatever came before it. */
function isPage(t: Test, { status, headers, text, location }: Page, what: string): void {
  if (status === 303) {
    t.match(location, /^\/[a-z]/, what);
    return;
  }
  t.match(headers, { 'content-type': /^text\/html; charset=utf-8/, 'content-security-policy': CSP, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': /^(no-referrer|same-origin)$/ }, what);
  t.match(text, /<h1>[^<]{3,}<\/h1>[\s\S]*<p/, `${what}: a heading and a sentence`);
  t.notMatch(text, /node_modules|\.ts:\d|Mongo|E11000|argon2|<script>|undefined|\[object/, what);
}

/** Without the values of attributes, in which a quoted > is no end. */
const tagsOf = (html: string) => html.replaceAll(/="[^"]*"/g, '=""').replaceAll(/>[^<]*/g, '>');

const fields = async () => {
  const person = await invited();
  return { person, body: { token: person.token, password: PASSWORD, name: person.address, code: '000000', session: 'x', next: '/account' } };
};

t.test('B12: a form without the token of its page does nothing', async (t) => {
  const { person, body } = await fields();
  const other = browser();
  await other.get('/sign-in');
  const before = await everything();
  for (const form of FORMS) {
    const visitor = browser();
    isPage(t, await visitor.postRaw(form, new URLSearchParams(body).toString()), `${form} without a cookie`);
    for (const csrf of ['', 'x', 'A'.repeat(43), other.cookies.get('__Host-csrf') ?? '', 'é'.repeat(43), '\u0000'.repeat(43)]) {
      await visitor.get('/sign-in');
      const answer = await visitor.post(form, { ...body, csrf });
      t.equal(answer.status, 400, `${form} ${csrf.slice(0, 3)}`);
      isPage(t, answer, form);
    }
    const lost = browser();
    await lost.get('/sign-in');
    const csrf = lost.cookies.get('__Host-csrf') ?? '';
    lost.cookies.clear();
    t.equal((await lost.postRaw(form, new URLSearchParams({ ...body, csrf }).toString())).status, 400, 'the field alone is not enough');
  }
  t.same(await everything(), before);
  t.equal(await status(person.id), 'invited');
});

t.test('B12: a form that comes from elsewhere does nothing', async (t) => {
  const { body } = await fields();
  const before = await everything();
  for (const origin of ['https://evil.example', 'null', 'http://scim.example', 'https://scim.example.evil.example', 'https://scim.example:444', '']) {
    const answer = await browser().post('/activate', body, { origin });
    t.equal(answer.status, 400, origin);
    isPage(t, answer, origin);
  }
  const cookie = await session(await active());
  for (const origin of ['https://evil.example', 'null']) {
    const visitor = browser();
    visitor.cookies.set('__Host-rollcall', cookie.split('=')[1] ?? '');
    t.equal((await visitor.post('/account/end-all', {}, { origin })).status, 400);
  }
  t.ok(await sessionLives(cookie));
  t.same((await everything())['outbox'], before['outbox']);
});

t.test('B12: bodies that are no form', async (t) => {
  const { body } = await fields();
  const before = await everything();
  for (const [type, payload] of [
    ['text/plain', new URLSearchParams(body).toString()], ['application/json', JSON.stringify(body)], ['multipart/form-data; boundary=x', '--x\r\n\r\n--x--'], ['application/x-www-form-urlencoded', 'x'.repeat(16 * 1024 + 1)],
    ['application/x-www-form-urlencoded', `password=${'x'.repeat(200_000)}`], ['application/x-www-form-urlencoded', '%zz=%&&&===&__proto__=1&constructor=2'], ['', ''], ['x', 'y'],
  ] as const) {
    for (const form of ['/activate', '/sign-in', '/forgot', '/account/sign-out']) {
      const visitor = browser();
      await visitor.get('/sign-in');
      const answer = await visitor.postRaw(form, payload, { 'content-type': type });
      t.ok([400, 413, 415].includes(answer.status), `${type} to ${form}: ${answer.status}`);
      isPage(t, answer, `${type} to ${form}`);
    }
  }
  t.same(await everything(), before);
});

t.test('B3: a token or a password that is repeated, a list or an object', async (t) => {
  const { body } = await fields();
  const before = await everything();
  const visitor = browser();
  await visitor.get('/sign-in');
  const csrf = visitor.cookies.get('__Host-csrf') ?? '';
  for (const pairs of [
    [['token', body.token], ['token', body.token], ['password', PASSWORD]],
    [['token', body.token], ['password', PASSWORD], ['password', OTHER_PASSWORD]],
    [['token[]', body.token], ['password', PASSWORD]],
    [['token[$ne]', ''], ['password', PASSWORD]],
    [['token', `${body.token}\u0000`], ['password', PASSWORD]],
    [['token', body.token], ['password[]', PASSWORD]],
  ] satisfies [string, string][][]) {
    const answer = await visitor.postRaw('/activate', new URLSearchParams([['csrf', csrf], ...pairs]).toString());
    t.ok([410, 422].includes(answer.status), `${JSON.stringify(pairs.map(([name]) => name))}: ${answer.status}`);
    isPage(t, answer, JSON.stringify(pairs));
  }
  for (const query of [`token=${body.token}&token=${body.token}`, `token[]=${body.token}`, 'token[$ne]=', 'token=%00', 'token=%zz', '__proto__=x']) {
    const answer = await visitor.get(`/activate?${query}`);
    t.equal(answer.status, 410, query);
    isPage(t, answer, query);
  }
  for (const path of ['/password', '/second-factor', '/confirm-address', '/sign-in']) {
    for (const value of [[body.token], { $ne: null }, { $regex: '.*' }, null, 1, true]) {
      for (const other of [{ token: value, password: PASSWORD }, { token: body.token, password: value }, { token: value, code: '000000' }, { name: value, password: PASSWORD }]) {
        const answer = await api('POST', path, other as object as never, { token: '' });
        t.ok([400, 410].includes(answer.status), `${path} ${JSON.stringify(Object.keys(other))} ${answer.status}`);
      }
    }
  }
  t.same(await everything(), before);
});

t.test('B12: afterwards to a page of ours alone', async (t) => {
  const person = await active();
  for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', '/account/../../evil', '/account/\r\nSet-Cookie: a=b', '/console@evil.example', 'javascript:alert(1)', '/sign-in', '/account?x=//evil', '']) {
    const visitor = browser();
    const page = await visitor.get(`/sign-in?next=${encodeURIComponent(next)}`);
    isPage(t, page, next);
    t.notMatch(page.text, /(href|action|src)="((https?:)?\/\/evil|javascript:)/);
    const sent = await visitor.post('/sign-in', { name: person.address, password: PASSWORD, next });
    t.same([sent.status, sent.location], [303, '/account'], next);
  }
  t.equal((await browser().post('/sign-in', { name: person.address, password: PASSWORD, next: '/account' })).location, '/account');
});

t.test('B12: nothing that is typed becomes part of the page', async (t) => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
  const visitor = browser();
  const pages = [
    await visitor.get(`/sign-in?lang=${encodeURIComponent(evil)}&next=${encodeURIComponent(evil)}`), await visitor.post('/sign-in', { name: evil, password: evil, next: evil }),
    await visitor.post('/forgot', { name: evil }), await visitor.get(`/activate?token=${encodeURIComponent(evil)}&lang=<script>`), await visitor.get(`/forgot?${encodeURIComponent(evil)}=1`),
    await visitor.get('/sign-in', { 'accept-language': evil }), await visitor.get('/sign-in', { cookie: `__Host-language=${encodeURIComponent(evil)}; __Host-csrf=${encodeURIComponent(evil)}` }),
  ];
  for (const page of pages) {
    isPage(t, page, page.text.slice(0, 60));
    t.notMatch(tagsOf(page.text), /<script>|<img|onerror/);
    t.match(page.text, /<html lang="en"/);
  }
  const person = await active({ name: { givenName: evil, familyName: evil }, displayName: evil });
  await visitor.post('/sign-in', { name: person.address, password: PASSWORD });
  const own = await visitor.get('/account', { 'user-agent': evil });
  isPage(t, own, 'the account page');
  t.notMatch(tagsOf(own.text), /<script>|<img|onerror/);
});

t.test('B12: the language that is asked for', async (t) => {
  const visitor = browser();
  for (const lang of ['xx', '../en', 'nl&lang=nb', '']) isPage(t, await visitor.get(`/sign-in?lang=${lang}`), lang);
  t.notOk(visitor.cookies.has('__Host-language'), 'what is none is not kept');
  t.match((await visitor.get('/sign-in?lang=nl')).text, /<html lang="nl"/);
  t.match((await visitor.get('/sign-in')).text, /<html lang="nl"/, 'one that is, is');
});

t.test('B12: the verbs of the API take JSON alone', async (t) => {
  const person = await active();
  const before = await everything();
  const body = JSON.stringify({ name: person.address, password: PASSWORD, tenant: 'default' });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '', 'text/plain; application/json']) {
    const answer = await world.app.inject({ method: 'POST', url: '/api/v1/sign-in', headers: type === '' ? {} : { 'content-type': type }, payload: body, remoteAddress: '198.51.100.1' });
    t.same([answer.statusCode, answer.headers['set-cookie']], [415, undefined], type);
  }
  for (const payload of ['{', '[]', '"x"', '{"name":"a","name":"b"}', '{"__proto__":{"name":"a"},"password":"b"}', `{"name":"${person.address}","password":"${PASSWORD}","admin":true}`, '']) {
    const answer = await world.app.inject({ method: 'POST', url: '/api/v1/sign-in', headers: json, payload, remoteAddress: '198.51.100.2' });
    t.equal(answer.statusCode, 400, payload);
    t.notMatch(answer.body, new RegExp(PASSWORD));
  }
  t.same(await everything(), before);
});

t.test('B12: pages and assets that are not there, methods that are not taken', async (t) => {
  for (const path of ['/activate/x', '/account/x', '/assets/../../package.json', '/assets/theme-zzzzzz.css', '/assets/pages.js']) {
    const answer = await browser().get(path);
    t.equal(answer.status, 404, path);
    t.notMatch(answer.text, /dependencies/);
  }
  t.equal((await browser().get('/account/sign-out')).status, 404, 'a link signs nobody out');
});

t.test('a browser that asks for what is not there gets a page, a program an error that it can read', async (t) => {
  const before = await everything();
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  for (const path of ['/nonexistent', '/', '/activate/x', '/console-of-old?token=x%22%3E%3Cscript%3E', '/wp-login.php']) {
    const page = await browser().get(path, { accept, 'accept-language': 'nl' });
    t.match([page.status, page.headers['content-type'], page.headers['content-security-policy']], [404, /^text\/html/, /default-src 'none'/], path);
    t.match(page.text, /<html lang="nl"/);
    t.notMatch(page.text, /"><script>/);
  }
  t.equal((await browser().postRaw('/nonexistent', 'a=b', { accept })).status, 404);
  for (const others of ['*/*', 'application/json', 'application/scim+json', '']) t.match(await browser().get('/nonexistent', { accept: others }), { status: 404, headers: { 'content-type': /^application\/scim\+json/ } }, others);
  t.match(await browser().get('/scim/v9/Users', { accept }), { status: 400, headers: { 'content-type': /json/ } }, 'R-HTTP-5');
  t.same(await everything(), before);
  for (const path of ['/scim/v2/Nonexistent', '/api/v1/nonexistent']) t.match(await browser().get(path, { accept }), { headers: { 'content-type': /json/ } }, path);
});

t.test('G4: no token, password or name is in the log', async (t) => {
  const person = await invited();
  const visitor = browser();
  await visitor.get(`/activate?token=${person.token}`);
  await visitor.post('/activate', { token: person.token, password: 'short' });
  await visitor.post('/activate', { token: person.token, password: OTHER_PASSWORD });
  await visitor.post('/sign-in', { name: person.address, password: OTHER_PASSWORD });
  await wrong(person, 3);
  await world.store.settled();
  const lines = readFileSync(logFile, 'utf8');
  t.ok(lines.split('\n').length > 100);
  for (const secret of [person.token, OTHER_PASSWORD, encodeURIComponent(OTHER_PASSWORD), visitor.cookies.get('__Host-rollcall') ?? '?', person.address, 'argon2']) t.notOk(lines.includes(secret), secret);
  t.notMatch(lines, /"level":(50|60)/, 'nothing of all this is a fault of ours');
  t.notMatch(JSON.stringify(await database.collection('audit').find().toArray()), /people\.example|token=/);
});
