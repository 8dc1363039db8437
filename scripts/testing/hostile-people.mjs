/**
 * The people of a hostile line: who they are by the name that the line calls them by (`lockA2` is the second locked one of tenant A), made over
 * HTTP as people come to be: invited by somebody who may, activated with the link out of the mail, locked by wrong guesses.
 */
import { apiOf } from './hostile-fixtures.mjs';
import { GivenOut } from './hostile-given-out.mjs';
import { SESSION, Visitor, cookiesOf } from './hostile-pages.mjs';
import { GOOD, LONG, nextCode, OTHER } from './hostile-secrets.mjs';
import { newAddress, parsed, send } from './hostile-send.mjs';
import { NotApplicable } from './hostile-words.mjs';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const ACCOUNT = 'urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User';
const RIGHTS = 'urn:ietf:params:scim:schemas:extension:rollcallRights:2.0:Group';

const MOST_GUESSES = 10;

const PERSON = /^(user|inv|lock|off|none|sso|renew|enrol|totp|help|boss|sole)([AB])(\d+)$/;
/** What lines of the catalogue call people and links. */
const ALIASES = new Map([
  ['userLocked', 'lockA1name'], ['user72', 'userA72name'], ['good', 'userA1pass'],
  ['act', 'link:activate:invA1'], ['emailTok', 'link:confirm:userA1'], ['resetTok', 'link:reset:userA1'], ['resetTokB', 'link:reset:userA2'],
  ['act:old', 'link:activate:invA1:old'], ['act:emailchanged', 'link:activate:invA1:address'],
  ['sessA', 'sess:bossA1'], ['sessHelpdeskA', 'sess:helpA1'], ['sessUserA', 'sess:userA1'], ['sessLoggedOut', 'sess:userA1:out'],
]);

export class People {
  #made = new Map();
  #secrets = [];
  #given;
  #undo = [];

  /** @param mailbox where links come from */
  constructor({ target, uniq, mailbox }) {
    this.target = target;
    this.uniq = uniq;
    this.mailbox = mailbox;
    this.#given = new GivenOut(target, this);
  }

  /** @returns what a template stands for, or undefined where it is about nobody. The same each time in one line. */
  async value(template) {
    const name = ALIASES.get(template) ?? template.replace(/^act:/, 'link:activate:invA1:');
    const [, key, part] = /^([a-z]+[AB]\d+)(id|name|mail|newmail|pass|)$/.exec(name) ?? [];
    if (key !== undefined && PERSON.test(key)) return this.#part(await this.person(key), part);
    return this.#given.value(name);
  }

  #part({ id, userName, address, newAddress: next, password }, part) {
    return { name: userName, mail: address, newmail: next, pass: password }[part] ?? id;
  }

  /** Passwords, cookies and tokens that nobody but their owner may see. */
  secrets() {
    return this.#secrets;
  }

  /** Nobody but its owner may see it. */
  keep(name, secret) {
    this.#secrets.push([name, secret]);
  }

  all() {
    return Array.from(this.#made.values());
  }

  async person(key) {
    if (!this.#made.has(key)) await this.#make(key);
    return this.#made.get(key);
  }

  async #make(key) {
    const [, kind, tenant] = PERSON.exec(key) ?? [];
    if (kind === undefined) throw new Error(`nobody is called ${key}`);
    const token = tenant === 'B' ? 'tokB_manager' : 'tokA_manager';
    const address = `${key}-${this.uniq}@x.test`.toLowerCase();
    const person = {
      key, tenant, token, address, newAddress: `new-${address}`, userName: `${key}-é-${this.uniq}`, displayName: `Zoë ${key}`,
      password: key === 'userA72' ? LONG : GOOD, tenantName: tenant === 'B' ? this.target.names.tenantB : this.target.names.tenantA,
    };
    // The mailbox shows one tenant's mails: the other's people get their password from who provisions them (L7).
    const given = tenant === 'B' && kind !== 'none' ? { password: person.password } : {};
    const account = kind === 'sso' ? { [ACCOUNT]: { signInMethod: 'sso' } } : {};
    const made = await this.api('POST', `${this.target.basePath}/Users`, { schemas: [USER], userName: person.userName, displayName: person.displayName, emails: [{ value: address, type: 'work', primary: true }], ...given, ...account }, { token });
    if (made.status !== 201) throw new Error(`${key} could not be made: ${made.text}`);
    person.id = made.body.id;
    this.#made.set(key, person);
    this.keep(`the password of ${key}`, person.password);
    await this.#become(person, kind);
  }

  async #become(person, kind) {
    if (kind === 'none' || kind === 'sso') return;
    if (person.tenant === 'A') person.activation = await this.mailbox.tokenFrom(person.address, () => this.verb(person, 'POST', 'invitation', {}));
    if (kind === 'inv') return;
    if (person.tenant === 'A') await this.choose(person.activation, person.password);
    if (kind === 'lock') await this.lock(person);
    if (kind === 'off') await this.verb(person, 'POST', 'deactivate');
    if (kind === 'renew') await this.verb(person, 'POST', 'password', { password: (person.password = OTHER), mustChange: true });
    if (kind === 'enrol' || kind === 'totp') await this.patch(person, { op: 'replace', path: `${ACCOUNT}:twoFactorRequired`, value: true });
    if (kind === 'totp') await this.#enrol(person);
    if (kind === 'help') await this.#join(person, ['users.manage']);
    if (kind === 'boss') await this.#join(person, ['users.manage', 'clients.manage', 'audit.read', 'admin.grant']);
    if (kind === 'sole') await this.#replaceAdministrators(person);
  }

  // What people and their managers do

  /** A verb of `/api/v1/users/{id}`, by somebody who may. */
  async verb({ id, token }, method, name, json) {
    const answer = await this.api(method, `${apiOf(this.target.basePath)}/users/${id}/${name}`, json, { token });
    if (answer.status >= 300) throw new Error(`${name} is refused: ${answer.text}`);
    return answer.body;
  }

  async patch({ id, token }, ...Operations) {
    const answer = await this.api('PATCH', `${this.target.basePath}/Users/${id}`, { schemas: [PATCH_OP], Operations }, { token });
    if (answer.status >= 300) throw new Error(`the PATCH is refused: ${answer.text}`);
  }

  /** With all that somebody who manages people may see. */
  async read({ id, token }) {
    return this.api('GET', `${this.target.basePath}/Users/${id}`, undefined, { token });
  }

  async status(person) {
    return (await this.read(person)).body?.[ACCOUNT]?.status ?? 'none';
  }

  signIn({ userName, tenantName }, password) {
    return this.api('POST', `${apiOf(this.target.basePath)}/sign-in`, { name: userName, password, tenant: tenantName });
  }

  async choose(token, password) {
    const answer = await this.api('POST', `${apiOf(this.target.basePath)}/password`, { token, password });
    if (answer.status !== 200) throw new Error(`a password could not be chosen: ${answer.text}`);
  }

  async lock(person) {
    for (let guess = 0; guess < MOST_GUESSES && (await this.status(person)) === 'active'; guess++) await this.signIn(person, `wrong guess ${guess}`);
    if ((await this.status(person)) !== 'locked') throw new Error(`${person.key} could not be locked`);
  }

  /** Whether a cookie still stands for somebody. */
  async lives(session) {
    return (await this.api('GET', `${apiOf(this.target.basePath)}/sessions`, undefined, { cookie: `${this.#cookieName(SESSION)}=${session}` })).status === 200;
  }

  #cookieName(name) {
    return new Visitor(this.target).pages.cookie(name);
  }

  async #enrol(person) {
    const visitor = new Visitor(this.target, newAddress());
    await visitor.post('/sign-in', { name: person.userName, password: person.password });
    const { text } = await visitor.get('/enrol');
    const secret = Array.from(/id="secret"[^>]*>(.*?)<\/code>/s.exec(text)?.[1]?.matchAll(/<span>([A-Z2-7]+) ?<\/span>/g) ?? [], ([, group]) => group).join('');
    person.totp = { secret, last: undefined };
    // Of the step before this one, so that there are two more at once.
    const done = await visitor.post('/enrol', { code: await nextCode(this.target, person.totp, -1) });
    person.codes = Array.from(done.text.matchAll(/<li><code>([a-z0-9-]{11})<\/code>/g), ([, code]) => code);
    if (person.codes.length === 0) throw new Error(`the second factor could not be enrolled: ${done.status}`);
    for (const code of person.codes) this.keep(`a recovery code of ${person.key}`, code);
    this.keep(`the secret of ${person.key}`, secret);
  }

  // Rights

  async #join({ id }, rights) {
    const made = await this.#grant('POST', '/Groups', { schemas: [GROUP, RIGHTS], displayName: `rights-${id}`, members: [{ value: id }], [RIGHTS]: { rights } });
    this.#undo.push(() => this.#grant('DELETE', `/Groups/${made.body.id}`));
  }

  /** Until the line is over nobody else may give rights. */
  async #replaceAdministrators({ id }) {
    const { groupAdmins, adminA } = this.target.names;
    if (groupAdmins === undefined || adminA === undefined) throw new NotApplicable('the administrators are not ours to change');
    const replace = (value) => this.#grant('PATCH', `/Groups/${groupAdmins}`, { schemas: [PATCH_OP], Operations: [{ op: 'replace', path: 'members', value: [{ value }] }] });
    await replace(id);
    this.#undo.push(() => replace(adminA));
  }

  async #grant(method, path, json) {
    const answer = await this.api(method, this.target.basePath + path, json, { token: 'tokA_grant' });
    if (answer.status >= 300) throw new Error(`rights could not be given: ${answer.text}`);
    return answer;
  }

  /** What other lines must not meet. */
  async leave() {
    for (const undo of this.#undo.reverse()) await undo();
  }

  async api(method, path, json, { token, cookie } = {}) {
    if (token !== undefined && this.target.tokens[token] === undefined) throw new NotApplicable(`no token ${token}`);
    const headers = {
      ...(token === undefined ? {} : { Authorization: `Bearer ${this.target.tokens[token]}` }),
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    };
    const answer = await send(this.target.origin, { method, path, headers, body: json === undefined ? undefined : Buffer.from(JSON.stringify(json)), from: newAddress() });
    return { ...answer, body: parsed(answer.text), cookies: cookiesOf(answer, new Visitor(this.target).pages) };
  }
}
