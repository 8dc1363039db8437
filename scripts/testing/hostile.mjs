/**
 * Sends hostile lines (test/hostile/*.jsonl) to a running server and says what is wrong with its answers. A line is one request, sent
 * `times` times, `parallel` at once, with what it may answer; whatever the line says, no answer may be a 5xx, an error must be a SCIM
 * error, nothing of the inside may show, a refusal may change nothing, and the server must live on. Where the database can be read, a
 * refusal changes no document, no line changes another tenant's, and who was refused stands in the audit log.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { URLSearchParams } from 'node:url';
import { Accounts } from './hostile-accounts.mjs';
import { difference, errorFaults, headerFaults, INSIDES, isRefused, keywordFaults, LONGEST_ECHO, longEcho, MARKED, operationFaults, operationsOf, sentText } from './hostile-answers.mjs';
import { apiOf } from './hostile-fixtures.mjs';
import { pagesOf, SESSION } from './hostile-pages.mjs';
import { newAddress, parsed, RAW_WITHIN_MS, send } from './hostile-send.mjs';
import { generated, NotApplicable, NOT_YET, operation, statusesAt, translated } from './hostile-words.mjs';

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const LOGGED_WITHIN_MS = 30_000;
/** Where an answer that is the same as for an unknown id proves that nothing shows. */
const ALIKE = new Set(['TENANT', 'LEAK']);

/** A line that `adds` to another one says more about it: what its people must be afterwards, which mails may come. */
export function readLines(...files) {
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line)));
  const additions = new Map(lines.filter(({ adds }) => adds !== undefined).map(({ adds, ...more }) => [adds, more]));
  return lines.filter(({ adds }) => adds === undefined).map((line) => (additions.has(line.id) ? merged(line, additions.get(line.id)) : line));
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const merged = (one, more) => (isObject(one) && isObject(more) ? Object.fromEntries([...new Set([...Object.keys(one), ...Object.keys(more)])].map((key) => [key, key in more ? (key in one ? merged(one[key], more[key]) : more[key]) : one[key]])) : more);

/**
 * @param target {origin, basePath, tokens}: tokens by the name that lines call them by; `tokA` must be there. Where they can be had: `names`
 *   and `jwt` (hostile-fixtures.mjs), `database` (hostile-database.mjs), `between`, which is called before each line, and `logged`, which
 *   gives what the server has logged since it was last asked
 * @returns {id, notApplicable} or {id, faults}: no faults, passed
 */
export async function runLine(line, target) {
  await target.between?.(line);
  const run = new Run(line, target);
  const outcome = await outcomeOf(line, run);
  try {
    await run.leave();
  } catch (error) {
    return { id: line.id, faults: [...(outcome.faults ?? []), `what the line has made could not be put back: ${error.stack}`] };
  }
  return outcome;
}

async function outcomeOf({ id }, run) {
  try {
    return { id, faults: await run.faults() };
  } catch (error) {
    if (error instanceof NotApplicable) return { id, notApplicable: error.message };
    return { id, faults: [`the line could not be run: ${error.stack}`] };
  }
}

class Run {
  #made = new Map();
  #forged = [];
  #uniq = `${process.pid.toString(36)}${Math.random().toString(36).slice(2, 10)}`;
  #answers = [];
  #from = newAddress();

  constructor(line, target) {
    this.line = line;
    this.target = target;
    this.accounts = line.cat === 'ACCT' ? new Accounts({ line, target, uniq: this.#uniq, expand: (text) => this.#expand(text, 0) }) : undefined;
  }

  async leave() {
    await this.accounts?.people.leave();
  }

  async faults() {
    const { line, target: { database } } = this;
    if (line.request.method === 'CLOCK') throw new NotApplicable('no clock to move from outside');
    if (typeof line.setup === 'string') throw new NotApplicable(`needs ${line.setup}`);
    if (line.attribute !== undefined) await this.#checkAttribute(line.attribute);
    const requests = await this.#requests();
    for (const step of line.setup ?? []) await this.#setUp(step);
    for (const needed of line.expect.needs ?? []) await this.#expand(needed, 0);
    // Nobody who guesses waits for the lock that it leads to.
    if (this.accounts) await database?.settled(true);
    await this.accounts?.look();
    const without = await Promise.all((line.expect.without ?? []).map((needle) => this.#expand(needle, 0)));
    await database?.settled([...this.#made.values()].some(({ auth }) => auth === 'tokB'));
    const before = await this.#stateOfAll();
    this.target.logged?.();
    const answers = await this.#sendAll(requests);
    this.#answers = answers;
    const faults = answers.flatMap((answer) => this.#faultsOf(answer, without));
    faults.push(...this.#countFaults(answers));
    const refusedAll = line.expect.unchanged || answers.every((answer) => answer.status === undefined || answer.status >= 400 || (operationsOf(answer)?.every(isRefused) ?? false));
    if (this.accounts) await database?.settled(true);
    const after = await this.#stateOfAll();
    if (refusedAll && after.state !== before.state) faults.push(`G7: a refusal changed something that is stored${difference(before.state, after.state)}`);
    if (after.tenantB !== before.tenantB && !this.#isByB()) faults.push(`G6: another tenant was changed${difference(before.tenantB, after.tenantB)}`);
    if (line.cat === 'SCOPE' && after.rights !== before.rights) faults.push(`a group got or lost rights: ${after.rights}`);
    faults.push(...(await this.#auditFaults(answers, before.refusals)), ...this.#logFaults(), ...(await this.#alikeFaults(answers)));
    const { status } = await this.#own('GET', '/livez', undefined, '');
    if (status !== 200) faults.push(`G2: /livez is ${status} afterwards`);
    faults.push(...((await this.accounts?.faults(answers, { again: (change) => this.#again(change), step: (step) => this.#step(step) })) ?? []));
    if (faults.length === 0) checkThatItIsThere(answers, line);
    if (line.cat === 'AUTH' && (await this.#own('GET', '/Users?count=0')).status !== 200) faults.push('a good token is refused afterwards');
    return [...new Set(faults)];
  }

  /** What a line is about may not be there yet. */
  async #checkAttribute({ schema, name, what }) {
    const { body } = await this.#own('GET', `/Schemas/${schema}`, undefined, undefined, 'tokA_manager');
    if (!body?.attributes?.some((attribute) => attribute.name === name)) throw new NotApplicable(`there are no ${what} yet`);
  }

  #isByB() {
    return String(this.line.request.auth).startsWith('tokB');
  }

  async #stateOfAll() {
    const { database } = this.target;
    const { mayChange = [] } = this.line.expect;
    if (!database) return { state: mayChange.length > 0 ? '' : await this.#state() };
    const state = (await database.state()).filter((entry) => !mayChange.includes(entry.split(' ')[0]));
    return { state: state.join('\n'), tenantB: (await database.tenant()).join('\n'), refusals: await database.refusals(), rights: await database.rights() };
  }

  /** G10: who was refused for want of a token or a right is in the audit log, a moment later. */
  async #auditFaults(answers, before) {
    const { database } = this.target;
    if (!database) return [];
    const counted = this.accounts ? answers.filter(({ status, headers }) => status === 403 || /^Bearer\b/.test(headers?.['www-authenticate'] ?? '')) : answers;
    const refused = counted.flatMap((answer) => [answer.status, ...(operationsOf(answer) ?? []).map(({ status }) => Number(status))]).filter((status) => status === 401 || status === 403).length;
    const deadline = Date.now() + LOGGED_WITHIN_MS;
    let found = (await database.refusals()) - before;
    for (; found < refused && Date.now() < deadline; found = (await database.refusals()) - before) await delay(10);
    return found < refused ? [`G10: ${refused} refusals, and ${found} in the audit log`] : [];
  }

  /** Paths are logged; what stands in them is no secret. */
  #logFaults() {
    const text = (this.target.logged?.() ?? '').replaceAll(/"path":"(?:[^"\\]|\\.)*"/g, '');
    const inside = [...INSIDES, MARKED].find((pattern) => pattern.test(text));
    const secrets = [...Object.entries(this.target.tokens), ...this.#forged.map((forged) => ['forged', forged]), ...(this.accounts?.secrets() ?? [])];
    const [token] = secrets.find(([, secret]) => text.includes(secret)) ?? [];
    return [...(inside ? [`G4: the log holds ${inside}: ${text.slice(Math.max(0, text.search(inside) - 300), text.search(inside) + 300)}`] : []), ...(token === undefined ? [] : [`G4: the log holds the token ${token}`])];
  }

  /** What is another tenant's is answered as what never was: the same request once more, with ids that nobody has. */
  async #alikeFaults([answer]) {
    const ids = [...this.#made.values()].flatMap(({ auth, body }) => (auth === 'tokB' ? [body.id] : []));
    if (!ALIKE.has(this.line.cat) || ids.length === 0 || this.#isByB() || answer.request.raw !== undefined || (answer.status < 400 && !operationsOf(answer)?.every(isRefused))) return [];
    const unknown = ids.map(() => randomUUID());
    const swap = (text) => ids.reduce((changed, id, index) => changed.replaceAll(id, unknown[index]), text);
    // An error may quote the beginning of an id.
    const withoutIds = (text) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]*/g, 'id');
    const { path, body, ...request } = answer.request;
    const again = await send(this.target.origin, { ...request, path: swap(path), body: body && Buffer.from(swap(body.toString())) });
    const same = again.status === answer.status && withoutIds(again.text) === withoutIds(answer.text);
    return same ? [] : [`an unknown id is answered with ${again.status} ${again.text.slice(0, 200)}, another tenant's with ${answer.status} ${answer.text.slice(0, 200)}`];
  }

  async #requests() {
    const { request } = this.line;
    const { times = 1 } = request;
    const main = [];
    for (let n = 0; n < times; n++) main.push(...(await this.#asCallers(request, n)));
    return [...main, ...(await this.#others(request.alt))];
  }

  /**
   * The rights of people do not act through their sessions over /api/v1 until there is a console. Until then a session alone must give none, and what
   * its owner could try is tried with the token of a client that has the same rights, so that the line is about more than that.
   */
  async #asCallers(request, n) {
    const prepared = { ...(await this.#prepare(request, n)), from: request.spread ? newAddress() : this.#from };
    const isManaging = this.accounts && /^sess/.test(request.auth ?? '') && /\/api\/v1\/(?:users|templates|clients|policy|audit)\//.test(prepared.path);
    if (!isManaging || request.headers?.Origin !== undefined || this.line.expect.status.includes(401) || (await this.accounts.sessionsManage())) return [prepared];
    const standIn = this.#token(request.auth === 'sessA' ? 'sessA' : 'sessHelpdeskA');
    return [{ ...prepared, alone: true }, { ...prepared, headers: { ...prepared.headers, Authorization: `Bearer ${standIn}` } }];
  }

  async #again(change) {
    const request = await this.#prepare(merged(this.line.request, change), 0);
    return { request, ...(await send(this.target.origin, { from: newAddress(), ...request })) };
  }

  async #step(step) {
    await this.target.database?.settled(true);
    return send(this.target.origin, { from: newAddress(), ...(await this.#prepare(step, 0)) });
  }

  /** What is to be sent at the same time: `20 × PATCH group add userA3`. */
  async #others(alt) {
    if (alt === undefined) return [];
    const [, count = '1', group, member] = /^(?:(\d+) × )?PATCH (group\w*) add (\w+)$/.exec(alt) ?? [];
    if (group === undefined) throw new NotApplicable(`alternative in words: ${alt}`);
    const json = { schemas: [PATCH_OP], Operations: [{ op: 'add', path: 'members', value: [{ value: `{{${member}}}` }] }] };
    const others = [];
    for (let n = 0; n < Number(count); n++) others.push(await this.#prepare({ method: 'PATCH', path: `{{base}}/Groups/{{${group === 'group' ? `group${n}` : group}}}`, auth: 'tokA', json }, n));
    return others.map((other) => ({ ...other, other: true }));
  }

  async #prepare(given, n) {
    const request = translated(given);
    const headers = {};
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name] = Array.isArray(value) ? await Promise.all(value.map((one) => this.#expand(one, n))) : await this.#expand(value, n);
    const isPerson = this.accounts && /^(?:sess|step:)/.test(request.auth ?? '');
    if (request.auth && !isPerson) headers.Authorization = `Bearer ${this.#token(request.auth)}`;
    const cookies = { ...request.cookies };
    if (isPerson) cookies[request.auth.startsWith('step:') ? 'step' : SESSION] = `{{${request.auth}}}`;
    const form = request.form && (await this.accounts.form(request));
    const cookie = [...(await this.#cookies(cookies, n)), ...(form?.cookies ?? [])].join('; ');
    if (cookie !== '') headers.Cookie = cookie;
    const body = form ? await this.#form(form, n) : await this.#body(request, n);
    if (request.contentType !== undefined && request.contentType !== null) headers['Content-Type'] = request.contentType;
    else if (form) Object.assign(headers, { 'Content-Type': 'application/x-www-form-urlencoded', ...(headers.Origin === undefined ? { Origin: this.accounts.pages.origin } : {}) });
    else if (request.json !== undefined) headers['Content-Type'] = 'application/scim+json';
    if (headers.Origin === 'none') delete headers.Origin;
    if (request.method === 'RAW') return { raw: Buffer.from(await this.#expand(request.raw, n), 'utf8') };
    return { method: request.method, path: await this.#expand(request.path, n), headers, body };
  }

  /** Several values of one name are sent one after the other, as from several paths. */
  async #cookies(cookies, n) {
    const name = (given) => ([SESSION, 'step', 'csrf', 'language'].includes(given) ? pagesOf(this.target).cookie(given) : given);
    const pairs = Object.entries(cookies).flatMap(([given, values]) => [values].flat().map((value) => [name(given), value]));
    return Promise.all(pairs.map(async ([given, value]) => `${given}=${await this.#expand(value, n)}`));
  }

  async #form({ fields }, n) {
    const form = new URLSearchParams();
    for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) form.append(name, await this.#expand(value, n));
    return Buffer.from(form.toString());
  }

  async #body(request, n) {
    if (request.text !== undefined) return Buffer.from(await this.#expand(request.text, n));
    if (request.hex !== undefined) return Buffer.from(await this.#expand(Buffer.from(request.hex, 'hex').toString('latin1'), n), 'latin1');
    if (request.gen !== undefined) return Buffer.from(await this.#expand(generated(request.gen), n));
    if (request.json !== undefined) return Buffer.from(await this.#expand(JSON.stringify(await this.#operations(request.json)), n, (value) => JSON.stringify(value).slice(1, -1)));
    return undefined;
  }

  /** `Operations: {gen: "1001 × {...}"}`, with %d for the index. */
  async #operations(json) {
    const text = json?.Operations?.gen;
    if (typeof text !== 'string') return json;
    const [, count, pattern] = /^(\S+) × (.+)$/.exec(text) ?? [];
    if (pattern === undefined) throw new NotApplicable(`operations in words: ${text}`);
    const number = /^\d+$/.test(count) ? Number(count) : (await this.#maxOperations()) + (count === '(max+1)' ? 1 : 0);
    return { ...json, Operations: Array.from({ length: number }, (_, index) => operation(pattern, index)) };
  }

  async #maxOperations() {
    const { body } = await this.#own('GET', '/ServiceProviderConfig');
    if (!body?.bulk?.supported) throw new NotApplicable('no /Bulk');
    return body.bulk.maxOperations;
  }

  async #expand(text, n, written = (value) => value) {
    let expanded = text.replaceAll(/%7B%7B(\w+)%7D%7D/gi, '{{$1}}');
    for (let found = /\{\{((?:[^{}]|\{(?!\{)|\}(?!\}))+?)\}\}/.exec(expanded); found; found = /\{\{((?:[^{}]|\{(?!\{)|\}(?!\}))+?)\}\}/.exec(expanded)) {
      const value = written(await this.#value(found[1], n));
      expanded = expanded.slice(0, found.index) + value + expanded.slice(found.index + found[0].length);
    }
    return expanded.replaceAll(BRACES, '{{');
  }

  async #value(template, n) {
    const [, kind, text, count] = /^(repeat|or):(.*):(\d+)$/s.exec(template) ?? [];
    if (kind === 'repeat') return text.repeat(Number(count));
    if (kind === 'or') return Array.from({ length: Number(count) }, (_, index) => text.replaceAll('%d', String(index))).join(' or ');
    if (template === '!') return BRACES;
    const [, spelled, index] = /^spell:(.*):(n|\d+)$/s.exec(template) ?? [];
    if (spelled !== undefined) return spellings(spelled)[(index === 'n' ? n : Number(index)) % spellings(spelled).length];
    if (template === 'base') return this.target.basePath;
    if (template === 'admin') return apiOf(this.target.basePath);
    if (template === 'pages') return pagesOf(this.target).base;
    if (template === 'publicUrl') return this.target.publicUrl;
    if (template.startsWith('answer:')) return String(parsed(this.#answers.at(-1).text)?.[template.slice('answer:'.length)]);
    if (template.startsWith('mailed:')) return (await this.accounts.mailbox.newestTokenTo(template.slice('mailed:'.length))) ?? 'no mail came';
    if (template === 'uniq') return this.#uniq;
    if (template === 'n') return String(n);
    const missing = NOT_YET.find(([pattern]) => pattern.test(template));
    if (missing) throw new NotApplicable(missing[1]);
    const own = await this.accounts?.people.value(template);
    if (own !== undefined) return own;
    if (/^(?:tok|sess)\w*$/.test(template)) return this.#token(template);
    if (/^jwt:/.test(template)) return this.#jwt(template);
    if (/^cursor[AB](:flip)?$/.test(template)) return this.#cursor(template);
    const known = this.target.names?.[template];
    if (known !== undefined) return known;
    return this.#fixture(template);
  }

  async #jwt(template) {
    const [, tenant, mutations = ''] = /^jwt:(\w+)(?::(.*))?$/s.exec(template) ?? [];
    const forged = await this.target.jwt?.(tenant, mutations);
    if (forged === undefined) throw new NotApplicable(`no token ${template}`);
    this.#forged.push(forged);
    return forged;
  }

  /** A cursor behind the first of at least two people, or the same with one character changed. */
  async #cursor(template) {
    const tenant = template.charAt('cursor'.length);
    for (const number of [8, 9]) await this.#fixture(`user${tenant}${number}`);
    const cursor = (await this.#own('GET', '/Users?cursor=&count=1', undefined, undefined, `tok${tenant}`)).body?.nextCursor;
    if (cursor === undefined) throw new NotApplicable('no cursors');
    const middle = Math.floor(cursor.length / 2);
    return template.endsWith(':flip') ? cursor.slice(0, middle) + (cursor[middle] === 'A' ? 'B' : 'A') + cursor.slice(middle + 1) : cursor;
  }

  #token(name) {
    const token = this.target.tokens[name];
    if (token === undefined) throw new NotApplicable(`no token ${name}`);
    return token;
  }

  /** Every line has people and groups of its own, made when it names them. */
  async #fixture(template) {
    const [, kind, tenant, number, part] = /^(user|group|etag)(A|B|In|)(\d+)(name|mail|)$/.exec(template) ?? [];
    if (kind === undefined) throw new NotApplicable(`no fixture ${template}`);
    const auth = tenant === 'B' ? 'tokB' : 'tokA';
    const key = `${kind === 'group' ? 'group' : 'user'}${tenant}${number}`;
    if (!this.#made.has(key)) this.#made.set(key, { auth, ...(await this.#make(kind, key, auth, tenant === 'In' ? Number(number) : 0)) });
    const { body } = this.#made.get(key);
    if (kind === 'etag') return body.meta.version;
    return part === 'name' ? body.userName : part === 'mail' ? body.emails[0].value : body.id;
  }

  async #make(kind, key, auth, groups) {
    const name = `${key}-${this.#uniq}`;
    const mail = `${name}@x.test`.toLowerCase();
    const members = [...this.#made].flatMap(([other, { auth: owner, body }]) => (kind === 'group' && owner === auth && /^user[AB]/.test(other) ? [{ value: body.id }] : []));
    const body = kind === 'group'
      ? { schemas: [`${SCHEMA}Group`], displayName: name, members }
      : { schemas: [`${SCHEMA}User`], userName: name, displayName: name, externalId: `x-${name}`, emails: [{ value: mail, type: 'work', primary: true }] };
    const path = kind === 'group' ? '/Groups' : '/Users';
    const made = await this.#own('POST', path, body, undefined, auth);
    if (made.status !== 201) throw new Error(`the fixture ${key} could not be made: ${made.text}`);
    for (let index = 0; index < groups; index++) await this.#own('POST', '/Groups', { schemas: [`${SCHEMA}Group`], displayName: `${name}-${index}`, members: [{ value: made.body.id }] });
    return { path: `${path}/${made.body.id}`, body: made.body };
  }

  async #setUp(step) {
    const answer = await send(this.target.origin, { from: this.accounts ? newAddress() : undefined, ...(await this.#prepare({ auth: 'tokA', ...step }, 0)) });
    if (step.status ? !step.status.includes(answer.status) : !(answer.status < 300)) throw new Error(`the set-up failed: ${answer.text}`);
  }

  /** What a refusal must leave alone: the fixtures, and how many resources there are. */
  async #state() {
    const parts = [];
    for (const { path, auth } of this.#made.values()) parts.push((await this.#own('GET', path, undefined, undefined, auth)).text);
    for (const person of this.accounts?.people.all() ?? []) parts.push((await this.accounts.people.read(person)).text);
    for (const path of ['/Users?count=0', '/Groups?count=0']) parts.push(String((await this.#own('GET', path)).body?.totalResults));
    return parts.join('\n');
  }

  async #own(method, path, json, basePath = this.target.basePath, auth = 'tokA') {
    const headers = { Authorization: `Bearer ${this.#token(auth)}`, ...(json === undefined ? {} : { 'Content-Type': 'application/scim+json' }) };
    const answer = await send(this.target.origin, { method, path: basePath + path, headers, body: json === undefined ? undefined : Buffer.from(JSON.stringify(json)) });
    return { ...answer, body: parsed(answer.text) };
  }

  async #sendAll(requests) {
    const { parallel = 1, alt } = this.line.request;
    const width = alt === undefined ? parallel : requests.length;
    const answers = [];
    for (let start = 0; start < requests.length; start += width) {
      answers.push(...(await Promise.all(requests.slice(start, start + width).map(async (request) => ({ request, ...(await send(this.target.origin, request)) })))));
    }
    return answers;
  }

  #faultsOf({ request, status, type, headers, text, responses, open }, without) {
    const { expect } = this.line;
    const answer = { request, status, type, headers, text };
    const isPage = status !== undefined && (this.accounts?.isPage(answer) ?? false);
    const faults = status === undefined ? [] : headerFaults(status, headers, this.accounts ? (isPage ? [] : ['Bearer', 'Session']) : ['Bearer']);
    const isRaw = request.raw !== undefined;
    if (open) return [`the connection is still open after ${RAW_WITHIN_MS / 1000} s`];
    if (status === undefined) return isRaw ? [] : ['the connection was closed without an answer'];
    const allowed = request.alone ? [401, 403] : statusesAt(this.line);
    if (!request.other && !allowed.includes(status) && !isUnknownPath(answer)) faults.push(`status ${status} instead of ${allowed.join(' or ')}: ${text.slice(0, 300)}`);
    if (status >= 500 && !expect.status.includes(status)) faults.push(`G1: ${status}`);
    if (isRaw && responses > 1) faults.push(`${responses} responses on one connection`);
    const body = parsed(text);
    const hasBody = request.method !== 'HEAD';
    if (status >= 400 && hasBody && !isPage && !isTold(answer)) faults.push(...errorFaults(status, type, body));
    if (status >= 400 && hasBody && !isPage && !request.other && !request.alone) faults.push(...keywordFaults(expect.scimType, body?.scimType));
    if (status === 200 && expect.totalResults !== undefined && body?.totalResults !== expect.totalResults) faults.push(`totalResults ${body?.totalResults} instead of ${expect.totalResults}`);
    const sent = sentText(request);
    for (const inside of INSIDES) if (inside.test(text) && !inside.test(sent)) faults.push(`G4: the answer holds ${inside}`);
    if (MARKED.test(text)) faults.push('G4: the answer holds what the line marks as secret');
    faults.push(...(this.accounts?.answerFaults(answer) ?? []));
    for (const [name, token] of Object.entries(this.target.tokens)) if (text.includes(token)) faults.push(`G4: the answer holds the token ${name}`);
    const echo = status >= 400 ? longEcho(String(body?.detail ?? ''), sent) : undefined;
    if (echo !== undefined) faults.push(`G4: the error echoes more than ${LONGEST_ECHO} characters: ${echo}`);
    for (const needle of without) if (`${JSON.stringify(headers)} ${text}`.includes(needle)) faults.push(`the answer holds ${needle}`);
    for (const needle of expect.with ?? []) if (status < 300 && !text.includes(needle)) faults.push(`the answer lacks ${needle}`);
    faults.push(...operationFaults(this.line, operationsOf({ status, text })), ...this.#otherTenantFaults(text, sent));
    return faults;
  }

  #otherTenantFaults(text, sent) {
    const people = (this.accounts?.people.all() ?? []).filter(({ tenant }) => tenant === 'B').map((person) => ({ body: person }));
    const others = this.#isByB() ? [] : [...[...this.#made.values()].filter(({ auth }) => auth === 'tokB'), ...people];
    return others.flatMap(({ body: { userName, displayName, externalId } }) => [userName, displayName, externalId]).filter((value) => value !== undefined && text.includes(value) && !sent.includes(value)).map((value) => `the answer holds ${value}`);
  }

  /** `expect.counts`: how often a status must come, for lines that are sent many times. */
  #countFaults(answers) {
    const { counts = {} } = this.line.expect;
    return Object.entries(counts).flatMap(([status, count]) => {
      const found = answers.filter((answer) => answer.status === Number(status)).length;
      return found === count ? [] : [`${found} times ${status} instead of ${count}`];
    });
  }
}

/** Two braces that are no template. */
const BRACES = '\ue000two braces\ue000';

/** The same name as people and keyboards write it. */
const spellings = (name) => [
  name, name.toUpperCase(), name.toLowerCase(), ` ${name}`, `${name} `, name.normalize('NFD'), name.normalize('NFC'), `\t${name}\n`,
  name.replaceAll(/[a-z0-9]/gi, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)), name.toUpperCase().normalize('NFD'), ` ${name.toUpperCase()} `, `${name[0].toUpperCase()}${name.slice(1)}`,
];

/** What is asked for under a name that no route has. */
const isUnknownPath = ({ status, text }) => status === 404 && parsed(text)?.detail === 'Path not found.';
/** A password that breaks rules is told as `broken`, not as an error. */
const isTold = ({ status, text }) => status === 400 && Array.isArray(parsed(text)?.broken);

/** @throws NotApplicable where all that the line found is that there is no such thing yet */
function checkThatItIsThere(answers, { cat, expect }) {
  const unknown = answers.find((answer) => !answer.request.alone && isUnknownPath(answer));
  if (cat === 'ACCT' && unknown && !expect.status.includes(404)) throw new NotApplicable(`there is no ${unknown.request.method} ${unknown.request.path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]+/g, '{id}')} yet`);
}
