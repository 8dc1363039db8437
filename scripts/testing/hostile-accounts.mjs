/**
 * What hostile lines about accounts are checked for beyond their answers: who is what afterwards, whose session and password still count, which
 * mails came to whom, what the same request says for somebody else, and what is true of every page, cookie, redirect and mail.
 *
 * In `expect` of a line: `people` {name: {status, session, same, enters: {password: whether}}}, `mails` {count, to, with, without}, `alike` (changes of
 * the line's own request that must be answered in the same way), `good` (how many answers are no refusal), `session` (whether one may begin),
 * `location`, `unchanged`, `mayChange` (collections that a refusal may write to), and `after`: requests, each with its `status`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { mailFaults, Mailbox } from './hostile-mail.mjs';
import { apiOf } from './hostile-fixtures.mjs';
import { cookieFaults, cookiesOf, locationFaults, pageFaults, pagesOf, SESSION, Visitor } from './hostile-pages.mjs';
import { People } from './hostile-people.mjs';
import { GOOD, LONG, OTHER } from './hostile-secrets.mjs';
import { newAddress, send } from './hostile-send.mjs';

/** A mail that is expected may be behind others. */
const ARRIVED_WITHIN_MS = 60_000;

export class Accounts {
  #sessions = new Map();
  #before = new Map();
  /** A server of somebody else's may send its mails for good. */
  #readsMails = true;

  constructor({ line, target, uniq, expand }) {
    this.line = line;
    this.target = target;
    this.expand = expand;
    this.mailbox = new Mailbox(target);
    this.people = new People({ target, uniq, mailbox: this.mailbox });
    this.pages = pagesOf(target);
  }

  /** After everything that the line needs is there, and before it is sent. */
  async look() {
    const { alike } = this.line.expect;
    if (Array.isArray(alike)) await this.expand(JSON.stringify(alike));
    for (const [key, wanted] of Object.entries(this.line.expect.people ?? {})) {
      const person = await this.people.person(key);
      if (wanted.session !== undefined) this.#sessions.set(key, await this.people.value(`sess:${key}`));
      if (wanted.same) this.#before.set(key, await this.#stateOf(person));
    }
    this.#readsMails = await this.mailbox.look();
  }

  async #stateOf(person) {
    return `${(await this.people.read(person)).text}\n${(await this.target.database?.credential(person.id)) ?? ''}`;
  }

  /** What is wrong with one answer, as an answer to somebody at a page or at the verbs without a page. */
  answerFaults(answer) {
    const { expect } = this.line;
    if (answer.status === undefined || answer.request.raw !== undefined) return [];
    const faults = [...cookieFaults(answer, this.pages), ...locationFaults(answer, this.pages)];
    if (this.isPage(answer) && answer.request.method !== 'HEAD' && answer.text !== '') faults.push(...pageFaults(answer));
    const begun = cookiesOf(answer, this.pages).filter(({ name, value }) => name === SESSION && value !== '');
    if (begun.length > 0 && (expect.session ?? false) !== true) faults.push('the answer begins a session');
    if (begun.length === 0 && expect.session === true && answer.status < 400) faults.push('the answer begins no session');
    for (const { value } of begun) if (!/^[\w-]{43}$/.test(value) || (answer.request.headers.Cookie ?? '').includes(value)) faults.push('the session is one that was brought along');
    if (expect.location !== undefined && answer.headers.location !== this.pages.base + expect.location) faults.push(`the answer leads to ${answer.headers.location}`);
    for (const [name, secret] of this.#secretsIn(answer.text, answer.request)) faults.push(`G4: the answer holds ${name}: ${secret.slice(0, 4)}...`);
    return faults;
  }

  /** Fields and cookies of a form; `csrf` says what is wrong with its token. */
  async form({ form, csrf = 'right', cookies = {} }) {
    const visitor = new Visitor(this.target, newAddress());
    const token = await visitor.formToken();
    const [field, cookie] = {
      right: [token, token], none: [undefined, undefined], field: [token, undefined], cookie: [undefined, token], empty: ['', ''],
      near: [`${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.at(-1)}`, token], other: [await new Visitor(this.target, newAddress()).formToken(), token],
    }[csrf];
    return {
      fields: { ...(field === undefined ? {} : { csrf: field }), ...form },
      cookies: cookie === undefined || cookies.csrf !== undefined ? [] : [`${this.pages.cookie('csrf')}=${cookie}`],
    };
  }

  /** Whether the session of somebody who manages people is enough for a verb on them. Asked once of a server. */
  async sessionsManage() {
    this.target.sessionsManage ??= (async () => {
      const { id } = await this.people.person('bossA9');
      const cookie = `${this.pages.cookie(SESSION)}=${await this.people.value('sess:bossA9')}`;
      return (await send(this.target.origin, { method: 'GET', path: `${apiOf(this.target.basePath)}/users/${id}/mails`, headers: { Cookie: cookie } })).status === 200;
    })();
    return this.target.sessionsManage;
  }

  /** What there is no page for is answered as everything else that there is not. */
  isPage({ status, type, request: { path } }) {
    const [bare] = (path ?? '').split('?');
    return (status !== 404 || /^text\/html/.test(type ?? '')) && /^\/(?:sign-in|forgot|activate|reset|renew|second-factor|enrol|confirm-email|account)(?:\/|$)/.test(bare.slice(this.pages.base.length));
  }

  /** A token may stand in the form of its own page, a password nowhere. */
  #secretsIn(text, { path, body }) {
    const sent = `${path} ${body?.toString('utf8') ?? ''}`;
    return this.secrets().filter(([name, secret]) => text.includes(secret) && (/password/.test(name) || !sent.includes(secret)) && !(this.line.expect.shows ?? []).some((shown) => name.startsWith(shown)));
  }

  secrets() {
    return [...[GOOD, OTHER, LONG].map((password) => ['a password', password]), ...this.people.secrets()];
  }

  /** All that is to be said after the answers. @param again sends a change of the line's request; @param step sends a request of `after` */
  async faults(answers, { again, step }) {
    const { expect } = this.line;
    return [
      ...this.#goodFaults(answers),
      ...(await this.#alikeFaults(answers, again)),
      ...(await this.#peopleFaults()),
      ...(await this.#afterFaults(expect.after ?? [], step)),
      ...(await this.#mailFaults()),
      ...(await this.#passwordFaults()),
    ];
  }

  #goodFaults(answers) {
    const { good } = this.line.expect;
    const found = answers.filter(({ status }) => status < 400).length;
    return good === undefined || found === good ? [] : [`${found} of ${answers.length} answers are no refusal instead of ${good}`];
  }

  /** Rule 9 of the design: refusals tell nothing. All answers of the line are compared, and those to its variants. */
  async #alikeFaults(answers, again) {
    const { alike } = this.line.expect;
    if (alike === undefined) return [];
    const variants = [];
    for (const change of alike === true ? [] : alike) variants.push(await again(change));
    const [first, ...others] = [...answers, ...variants].map((answer) => this.#face(answer));
    const other = others.find((face) => face !== first);
    return other === undefined ? [] : [`not answered alike:\n      ${first.slice(0, 300)}\n      ${other.slice(0, 300)}`];
  }

  /** What is seen of an answer, but for what the request itself said. */
  #face({ status, headers = {}, text, request }) {
    const cookies = cookiesOf({ headers }, this.pages).map(({ whole }) => whole);
    const told = ['content-type', 'www-authenticate', 'cache-control', 'location'].map((name) => headers[name]);
    const sent = Array.from((request.body?.toString('utf8') ?? '').matchAll(/(?:^|&)(?:name|code|next)=([^&]*)|"(?:name|token|code)":"([^"]*)"/g), ([, form, json]) => form === undefined ? json : decodeURIComponent(form.replaceAll('+', ' ')));
    const body = sent.filter((value) => value.length > 2).reduce((masked, value) => masked.replaceAll(value, '*'), text.replaceAll(/name="csrf" value="[\w-]+"/g, ''));
    return `${status} ${JSON.stringify([told, cookies])} ${body}`;
  }

  /** Mails are written behind the answer; what has not come when nothing moves any more does not come. */
  async #mailFaults() {
    if (!this.#readsMails) return [];
    const { mails: wanted = {} } = this.line.expect;
    const mails = await this.#settledMails(wanted);
    const addresses = new Set(this.people.all().flatMap(({ address, newAddress: next }) => [address, next, `later-${next}`]));
    for (const own of this.line.expect.addresses ?? []) addresses.add(await this.expand(own));
    const faults = mails.flatMap((mail) => mailFaults(mail, { publicUrl: this.target.publicUrl, addresses, mayHoldBraces: wanted.braces }));
    for (const mail of mails) faults.push(...((await this.target.wire?.faultsOf(mail)) ?? []));
    const { count } = wanted;
    const [least, most] = Array.isArray(count) ? count : [count ?? 0, count ?? Infinity];
    if (mails.length < least || mails.length > most) faults.push(`${mails.length} mails came instead of ${least === most ? least : `${least} to ${most}`}: ${mails.map(({ kind, to }) => `${kind} to ${to.address}`).join(', ')}`);
    for (const [index, address] of (wanted.to ?? []).entries()) if (mails[index]?.to.address !== (await this.expand(address))) faults.push(`the mail goes to ${mails[index]?.to.address}`);
    for (const needle of wanted.with ?? []) for (const mail of mails) if (!textOf(mail).includes(await this.expand(needle))) faults.push(`the mail lacks ${needle}`);
    for (const needle of wanted.without ?? []) for (const mail of mails) if (textOf(mail).includes(await this.expand(needle))) faults.push(`the mail holds ${needle}`);
    return faults;
  }

  async #settledMails({ count }) {
    if (this.line.expect.after || this.line.expect.alike) await this.target.database?.settled(true);
    const least = [count ?? 0].flat()[0];
    const deadline = Date.now() + ARRIVED_WITHIN_MS;
    let mails = await this.mailbox.news();
    while (mails.length < least && Date.now() < deadline) {
      await delay(50);
      mails = await this.mailbox.news();
    }
    return mails;
  }

  async #peopleFaults() {
    const faults = [];
    for (const [key, wanted] of Object.entries(this.line.expect.people ?? {})) {
      const person = await this.people.person(key);
      const status = wanted.status === undefined ? undefined : await this.people.status(person);
      if (status !== wanted.status) faults.push(`${key} is ${status} instead of ${wanted.status}`);
      if (wanted.same && (await this.#stateOf(person)) !== this.#before.get(key)) faults.push(`${key} was changed`);
      if (wanted.session !== undefined && (await this.people.lives(this.#sessions.get(key))) !== wanted.session) faults.push(`the session of ${key} ${wanted.session ? 'is over' : 'lives on'}`);
    }
    return faults;
  }

  async #afterFaults(steps, send) {
    const faults = [];
    for (const [index, step] of steps.entries()) {
      const { status, text, headers } = await send(step);
      const said = `${JSON.stringify(headers)} ${text}`;
      if (!step.status.includes(status)) faults.push(`afterwards ${index + 1}: ${step.method} ${step.path} is ${status} instead of ${step.status.join(' or ')}: ${text.slice(0, 200)}`);
      for (const needle of step.with ?? []) if (!said.includes(await this.expand(needle))) faults.push(`afterwards ${index + 1}: the answer lacks ${needle}`);
      for (const needle of step.without ?? []) if (said.includes(await this.expand(needle))) faults.push(`afterwards ${index + 1}: the answer holds ${needle}`);
    }
    return faults;
  }

  /** Those that must work first: wrong ones lock. */
  async #passwordFaults() {
    const faults = [];
    const wanted = Object.entries(this.line.expect.people ?? {}).flatMap(([key, { enters = {} }]) => Object.entries(enters).map(([password, does]) => ({ key, password, does })));
    for (const { key, password, does } of wanted.toSorted((a, b) => Number(b.does) - Number(a.does))) {
      const { status } = await this.people.signIn(await this.people.person(key), await this.expand(password));
      if ((status === 200) !== does) faults.push(`the password ${password} of ${key} answers ${status}`);
    }
    return faults;
  }
}

const textOf = ({ subject, text, html }) => `${subject}\n${text}\n${html}`;
