/**
 * What a server gives out to the people of a hostile line: links in mails, sessions, the steps between a password and a session, codes. All are real
 * ones; what has become of them before the line uses them is said behind a colon: `{{link:reset:userA1:used}}`.
 */
import { createHash } from 'node:crypto';
import { apiOf } from './hostile-fixtures.mjs';
import { SESSION, Visitor } from './hostile-pages.mjs';
import { farCode, nextCode, OTHER } from './hostile-secrets.mjs';
import { newAddress } from './hostile-send.mjs';
import { NotApplicable } from './hostile-words.mjs';

export class GivenOut {
  #values = new Map();

  constructor(target, people) {
    this.target = target;
    this.people = people;
  }

  /** @returns what the template stands for, the same each time in one line; undefined where it is none of these */
  async value(template) {
    const [kind, ...rest] = template.split(':');
    const make = { link: this.#link, sess: this.#session, sessionId: this.#sessionId, step: this.#step, code: this.#code, recovery: this.#recoveryCode }[kind];
    if (!make) return undefined;
    if (!this.#values.has(template)) this.#values.set(template, await make.apply(this, rest));
    return this.#values.get(template);
  }

  /** There is no clock to move. */
  async #age(...what) {
    if (!this.target.database?.age) throw new NotApplicable('no database to make it older in');
    await this.target.database.age(...what);
  }

  /** `{{link:reset:userA1:used}}`: a link out of a mail, and what happened to it or to its person afterwards. */
  async #link(purpose, key, happened) {
    const person = await this.people.person(key);
    const token = await this.#tokenFor(purpose, person);
    this.people.keep(`a link of ${key}`, token);
    const [what, value] = (happened ?? '').split('=');
    const act = happened === undefined ? undefined : HAPPENED[what];
    if (happened !== undefined && !act) throw new NotApplicable(`a link that is ${happened}`);
    return (await act?.({ people: this.people, age: (...which) => this.#age(...which), token, person, purpose, value })) ?? token;
  }

  async #tokenFor(purpose, person) {
    const { basePath } = this.target;
    if (person.tenant !== 'A') throw new NotApplicable('the mailbox of the other tenant cannot be read');
    if (purpose === 'activate') return person.activation;
    if (purpose === 'reset') return this.people.mailbox.tokenFrom(person.address, () => this.people.api('POST', `${apiOf(basePath)}/recover`, { name: person.userName, tenant: person.tenantName }));
    if (purpose === 'confirm') return this.people.mailbox.tokenFrom(person.newAddress, () => this.people.verb(person, 'POST', 'address', { address: person.newAddress }));
    throw new NotApplicable(`no links to ${purpose}`);
  }

  /** The cookie of a real sign-in; `out` after a real signing out, `agent` of a browser that calls itself markup; `idle` and `long`: over. */
  async #session(key, happened) {
    const person = await this.people.person(key);
    const visitor = new Visitor(this.target, newAddress(), happened === 'agent' ? '"><svg onload=alert(1)><script>alert(2)</script>' : undefined);
    // The pages are those of one tenant.
    if (person.tenant === 'A') await visitor.post('/sign-in', { name: person.userName, password: person.password });
    if (visitor.cookies.has('step')) await visitor.post('/second-factor', { code: await nextCode(this.target, person.totp) });
    const session = visitor.cookies.get(SESSION) ?? (await this.people.signIn(person, person.password)).cookies.find(({ name }) => name === SESSION)?.value;
    if (session === undefined || !(await this.people.lives(session))) throw new Error(`${key} could not sign in`);
    if (happened === 'out') await visitor.post('/account/sign-out');
    if (happened === 'idle') await this.#age('sessions', session, 31 * 60, 'lastSeen');
    if (happened === 'long') await this.#age('sessions', session, 12 * 3600 + 1, 'created', 'expires');
    // What a server remembers of it, it remembers for a second.
    if (happened === 'idle' || happened === 'long') await this.target.forgotten();
    this.people.keep(`the session of ${key}`, session);
    return session;
  }

  /** As the person sees it in their list. */
  async #sessionId(key) {
    return createHash('sha256').update(await this.value(`sess:${key}`)).digest('hex');
  }

  /** What the right password gives somebody who has something to do before there is a session. */
  async #step(key) {
    const person = await this.people.person(key);
    const { body } = await this.people.signIn(person, person.password);
    if (body?.token === undefined) throw new Error(`${key} has no step before the session: ${body?.next}`);
    this.people.keep(`the step of ${key}`, body.token);
    return body.token;
  }

  /** `used`: one that has led to a session; `far`: one of five minutes later. */
  async #code(key, happened) {
    const person = await this.people.person(key);
    if (happened === 'far') return farCode(this.target, person.totp);
    const code = await nextCode(this.target, person.totp);
    if (happened === 'used') await this.#enterCode(person, code);
    return code;
  }

  async #recoveryCode(key, happened) {
    const person = await this.people.person(key);
    const code = person.codes.shift();
    if (happened === 'used') await this.#enterCode(person, code);
    return code;
  }

  async #enterCode(person, code) {
    const { body } = await this.people.signIn(person, person.password);
    const answer = await this.people.api('POST', `${apiOf(this.target.basePath)}/second-factor`, { token: body.token, code });
    if (answer.status !== 200) throw new Error(`the code of ${person.key} is refused: ${answer.text}`);
  }
}

/** What may have become of a link before it is used. Some give another token to use. */
const HAPPENED = {
  flip: ({ token }) => `${token.slice(0, 20)}${token[20] === 'A' ? 'B' : 'A'}${token.slice(21)}`,
  upper: ({ token }) => token.toUpperCase(),
  cut: ({ token }) => token.slice(0, -1),
  async used({ people, token, person, purpose }) {
    if (purpose !== 'confirm') return void (await people.choose(token, (person.password = OTHER)));
    const answer = await people.api('POST', `${apiOf(people.target.basePath)}/confirm-address`, { token });
    if (answer.status !== 204) throw new Error(`the address could not be confirmed: ${answer.text}`);
    person.address = person.newAddress;
    return undefined;
  },
  async old({ people, person, purpose }) {
    if (purpose === 'activate') person.activation = await people.mailbox.tokenFrom(person.address, () => people.verb(person, 'POST', 'invitation/again', {}));
    else await people.mailbox.tokenFrom(`later-${person.newAddress}`, () => people.verb(person, 'POST', 'address', { address: `later-${person.newAddress}` }));
  },
  /** By a client that is believed (L2): at once. */
  async address({ people, person }) {
    await people.patch(person, { op: 'replace', path: 'emails', value: [{ value: person.newAddress, type: 'work', primary: true }] });
    [person.address, person.newAddress] = [person.newAddress, person.address];
  },
  async password({ people, person }) {
    await people.verb(person, 'POST', 'password', { password: (person.password = OTHER) });
  },
  async off({ people, person }) {
    await people.verb(person, 'POST', 'deactivate');
  },
  async back({ people, person }) {
    await people.verb(person, 'POST', 'deactivate');
    await people.verb(person, 'POST', 'reactivate');
  },
  async withdrawn({ people, person }) {
    await people.verb(person, 'DELETE', 'invitation');
  },
  async locked({ people, person }) {
    await people.lock(person);
  },
  async age({ age, token, value }) {
    await age('links', token, Number(value), 'created', 'expires');
  },
};
