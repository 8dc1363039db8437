/**
 * Sends hostile lines (test/hostile/*.jsonl) to a running server and says what is wrong with its answers. A line is one request, sent
 * `times` times, `parallel` at once, with what it may answer; whatever the line says, no answer may be a 5xx, an error must be a SCIM
 * error, nothing of the inside may show, a refusal may change nothing, and the server must live on. Where the database can be read, a
 * refusal changes no document, no line changes another tenant's, and who was refused stands in the audit log.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { apiOf } from './hostile-fixtures.mjs';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ANSWERED_WITHIN_MS = 30_000;
const EARLY_REFUSAL_BYTES = 1024 * 1024;
/** A connection that asks for nothing must have been cut by then. */
const RAW_WITHIN_MS = 12_000;
const LONGEST_ECHO = 64;

/** Never in an answer, unless the request itself holds it. */
const INSIDES = [/\bat \S+ \(.+:\d+:\d+\)/, /node_modules/, /\/(?:src|dist)\/\S+\.[jt]s/, /Mongo/, /E11000/, /\$argon2/, /"(?:password|passwordHash|hash|secret)"\s*:/i];

/** What a line marks as a secret of its own. */
const MARKED = /S3CRET/;
const LOGGED_WITHIN_MS = 3000;
/** Where an answer that is the same as for an unknown id proves that nothing shows. */
const ALIKE = new Set(['TENANT', 'LEAK']);

/** Templates of things that Rollcall has not got, or that only a test inside of the process could make. */
const NOT_YET = [
  [/^(?:login|loginForm|forgot|reset|activate|emailChange|emailConfirm|changePassword|console)\b/, 'there are no pages'],
  [/^cursor\w*:old$/, 'no cursor of long ago'],
];

/** Lines name endpoints and scopes in general. Here scopes belong to a client and not to a token, so that is what is made with them. */
const VOCABULARY = [
  { method: 'POST', path: /^\{\{admin\}\}\/tokens$/, to: '{{admin}}/clients', json: ({ scopes = [] } = {}) => ({ name: 'minted {{uniq}}', scopes: scopes.map((scope) => SCOPES.get(scope) ?? scope) }) },
];
const SCOPES = new Map([['tenants:admin', 'admin.grant'], ['scim:*', '*']]);

export function readLines(...files) {
  return files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line)));
}

/**
 * @param target {origin, basePath, tokens}: tokens by the name that lines call them by; `tokA` must be there. Where they can be had: `names`
 *   and `jwt` (hostile-fixtures.mjs), `database` (hostile-database.mjs), `between`, which is called before each line, and `logged`, which
 *   gives what the server has logged since it was last asked
 * @returns {id, notApplicable} or {id, faults}: no faults, passed
 */
export async function runLine(line, target) {
  await target.between?.(line);
  const run = new Run(line, target);
  try {
    return { id: line.id, faults: await run.faults() };
  } catch (error) {
    if (error instanceof NotApplicable) return { id: line.id, notApplicable: error.message };
    return { id: line.id, faults: [`the line could not be run: ${error.stack}`] };
  }
}

class NotApplicable extends Error {}

class Run {
  #made = new Map();
  #forged = [];
  #uniq = `${process.pid.toString(36)}${Math.random().toString(36).slice(2, 10)}`;

  constructor(line, target) {
    this.line = line;
    this.target = target;
  }

  async faults() {
    const { line, target: { database } } = this;
    if (line.request.method === 'CLOCK') throw new NotApplicable('no clock to move from outside');
    if (typeof line.setup === 'string') throw new NotApplicable(`needs ${line.setup}`);
    const requests = await this.#requests();
    for (const step of line.setup ?? []) await this.#setUp(step);
    const without = await Promise.all((line.expect.without ?? []).map((needle) => this.#expand(needle, 0)));
    await database?.settled([...this.#made.values()].some(({ auth }) => auth === 'tokB'));
    const before = await this.#stateOfAll();
    this.target.logged?.();
    const answers = await this.#sendAll(requests);
    const faults = answers.flatMap((answer) => this.#faultsOf(answer, without));
    faults.push(...this.#countFaults(answers));
    const refusedAll = answers.every((answer) => answer.status === undefined || answer.status >= 400 || (operationsOf(answer)?.every(isRefused) ?? false));
    const after = await this.#stateOfAll();
    if (refusedAll && after.state !== before.state) faults.push(`G7: a refusal changed something that is stored${difference(before.state, after.state)}`);
    if (after.tenantB !== before.tenantB && !this.#isByB()) faults.push(`G6: another tenant was changed${difference(before.tenantB, after.tenantB)}`);
    if (line.cat === 'SCOPE' && after.rights !== before.rights) faults.push(`a group got or lost rights: ${after.rights}`);
    faults.push(...(await this.#auditFaults(answers, before.refusals)), ...this.#logFaults(), ...(await this.#alikeFaults(answers)));
    const { status } = await this.#own('GET', '/livez', undefined, '');
    if (status !== 200) faults.push(`G2: /livez is ${status} afterwards`);
    if (line.cat === 'AUTH' && (await this.#own('GET', '/Users?count=0')).status !== 200) faults.push('a good token is refused afterwards');
    return [...new Set(faults)];
  }

  #isByB() {
    return String(this.line.request.auth).startsWith('tokB');
  }

  async #stateOfAll() {
    const { database } = this.target;
    if (!database) return { state: await this.#state() };
    return { state: (await database.state()).join('\n'), tenantB: (await database.tenant()).join('\n'), refusals: await database.refusals(), rights: await database.rights() };
  }

  /** G10: who was refused for want of a token or a right is in the audit log, a moment later. */
  async #auditFaults(answers, before) {
    const { database } = this.target;
    if (!database) return [];
    const refused = answers.flatMap((answer) => [answer.status, ...(operationsOf(answer) ?? []).map(({ status }) => Number(status))]).filter((status) => status === 401 || status === 403).length;
    const deadline = Date.now() + LOGGED_WITHIN_MS;
    let found = (await database.refusals()) - before;
    for (; found < refused && Date.now() < deadline; found = (await database.refusals()) - before) await delay(10);
    return found < refused ? [`G10: ${refused} refusals, and ${found} in the audit log`] : [];
  }

  /** Paths are logged; what stands in them is no secret. */
  #logFaults() {
    const text = (this.target.logged?.() ?? '').replaceAll(/"path":"(?:[^"\\]|\\.)*"/g, '');
    const inside = [...INSIDES, MARKED].find((pattern) => pattern.test(text));
    const secrets = [...Object.entries(this.target.tokens), ...this.#forged.map((forged) => ['forged', forged])];
    const [token] = secrets.find(([, secret]) => text.includes(secret)) ?? [];
    return [...(inside ? [`G4: the log holds ${inside}: ${text.slice(0, 600)}`] : []), ...(token === undefined ? [] : [`G4: the log holds the token ${token}`])];
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
    for (let n = 0; n < times; n++) main.push(await this.#prepare(request, n));
    return [...main, ...(await this.#others(request.alt))];
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
    if (request.method === 'DELETE' && /^\{\{admin\}\}\/users\/[^/]+$/.test(request.path)) throw new NotApplicable('people are deleted over SCIM alone');
    const headers = {};
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name] = Array.isArray(value) ? await Promise.all(value.map((one) => this.#expand(one, n))) : await this.#expand(value, n);
    if (request.auth) headers.Authorization = `Bearer ${this.#token(request.auth)}`;
    if (request.cookies) headers.Cookie = Object.entries(request.cookies).map(([name, value]) => `${name}=${value}`).join('; ');
    const body = await this.#body(request, n);
    if (request.contentType !== undefined && request.contentType !== null) headers['Content-Type'] = request.contentType;
    else if (request.json !== undefined) headers['Content-Type'] = 'application/scim+json';
    if (request.method === 'RAW') return { raw: Buffer.from(await this.#expand(request.raw, n), 'utf8') };
    return { method: request.method, path: await this.#expand(request.path, n), headers, body };
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
    return expanded;
  }

  async #value(template, n) {
    const [, kind, text, count] = /^(repeat|or):(.*):(\d+)$/s.exec(template) ?? [];
    if (kind === 'repeat') return text.repeat(Number(count));
    if (kind === 'or') return Array.from({ length: Number(count) }, (_, index) => text.replaceAll('%d', String(index))).join(' or ');
    if (template === 'base') return this.target.basePath;
    if (template === 'admin') return apiOf(this.target.basePath);
    if (template === 'uniq') return this.#uniq;
    if (template === 'n') return String(n);
    const missing = NOT_YET.find(([pattern]) => pattern.test(template));
    if (missing) throw new NotApplicable(missing[1]);
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
    const answer = await send(this.target.origin, await this.#prepare({ auth: 'tokA', ...step }, 0));
    if (!(answer.status < 300)) throw new Error(`the set-up failed: ${answer.text}`);
  }

  /** What a refusal must leave alone: the fixtures, and how many resources there are. */
  async #state() {
    const parts = [];
    for (const { path, auth } of this.#made.values()) parts.push((await this.#own('GET', path, undefined, undefined, auth)).text);
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
    const faults = status === undefined ? [] : headerFaults(status, headers);
    const isRaw = request.raw !== undefined;
    if (open) return [`the connection is still open after ${RAW_WITHIN_MS / 1000} s`];
    if (status === undefined) return isRaw ? [] : ['the connection was closed without an answer'];
    if (!request.other && !expect.status.includes(status)) faults.push(`status ${status} instead of ${expect.status.join(' or ')}: ${text.slice(0, 300)}`);
    if (status >= 500 && !expect.status.includes(status)) faults.push(`G1: ${status}`);
    if (isRaw && responses > 1) faults.push(`${responses} responses on one connection`);
    const body = parsed(text);
    const hasBody = request.method !== 'HEAD';
    if (status >= 400 && hasBody) faults.push(...errorFaults(status, type, body));
    if (status >= 400 && hasBody && !request.other) faults.push(...keywordFaults(expect.scimType, body?.scimType));
    if (status === 200 && expect.totalResults !== undefined && body?.totalResults !== expect.totalResults) faults.push(`totalResults ${body?.totalResults} instead of ${expect.totalResults}`);
    const sent = sentText(request);
    for (const inside of INSIDES) if (inside.test(text) && !inside.test(sent)) faults.push(`G4: the answer holds ${inside}`);
    if (MARKED.test(text)) faults.push('G4: the answer holds what the line marks as secret');
    for (const [name, token] of Object.entries(this.target.tokens)) if (text.includes(token)) faults.push(`G4: the answer holds the token ${name}`);
    const echo = status >= 400 ? longEcho(String(body?.detail ?? ''), sent) : undefined;
    if (echo !== undefined) faults.push(`G4: the error echoes more than ${LONGEST_ECHO} characters: ${echo}`);
    for (const needle of without) if (`${JSON.stringify(headers)} ${text}`.includes(needle)) faults.push(`the answer holds ${needle}`);
    for (const needle of expect.with ?? []) if (status < 300 && !text.includes(needle)) faults.push(`the answer lacks ${needle}`);
    faults.push(...operationFaults(this.line, operationsOf({ status, text })), ...this.#otherTenantFaults(text, sent));
    return faults;
  }

  #otherTenantFaults(text, sent) {
    const others = this.#isByB() ? [] : [...this.#made.values()].filter(({ auth }) => auth === 'tokB');
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

/** `gen`: pre, n times open, core, n times close, post; or an object of many keys. */
function generated({ kind, pre = '', open = '', n, core = '', close = '', post = '' }) {
  if (kind === 'manyKeys') return `${pre}${Array.from({ length: n }, (_, index) => `,"k${index}":${index}`).join('')}}`;
  if (kind !== undefined) throw new NotApplicable(`unknown generator ${kind}`);
  return pre + open.repeat(n) + core + close.repeat(n) + post;
}

function operation(pattern, index) {
  const text = pattern.replaceAll('%d', String(index));
  if (text.startsWith('{')) return JSON.parse(text.replaceAll(/([{,])(\w+):/g, '$1"$2":'));
  if (text === 'POST /Users') return { method: 'POST', path: '/Users', bulkId: `b${index}`, data: { schemas: [`${SCHEMA}User`], userName: `bulk-${index}-{{uniq}}` } };
  if (text === 'PATCH same user') return { method: 'PATCH', path: '/Users/{{userA1}}', data: { schemas: [PATCH_OP], Operations: [{ op: 'replace', path: 'title', value: `t${index}` }] } };
  throw new NotApplicable(`operations in words: ${pattern}`);
}

/** The operations of a bulk answer. */
function operationsOf({ status, text }) {
  const body = status === 200 ? parsed(text) : undefined;
  return /BulkResponse$/.test(body?.schemas?.[0]) ? body.Operations : undefined;
}

const isRefused = ({ status }) => Number(status) >= 400;

/** `expect.operations`: what each may answer. Where nothing is said, none that reaches for another's may succeed. */
function operationFaults({ cat, expect }, operations = []) {
  const isWrong = expect.operations ? ({ status }) => !expect.operations.includes(Number(status)) : (operation) => (cat === 'TENANT' || cat === 'SCOPE') && !isRefused(operation);
  return operations.filter(isWrong).map(({ method, status }) => `the operation ${method} answers ${status}`);
}

function headerFaults(status, headers) {
  const faults = ['server', 'x-powered-by', 'via'].filter((name) => name in headers).map((name) => `the answer has the header ${name}`);
  if (status === 401 && !/^Bearer\b/.test(headers['www-authenticate'] ?? '')) faults.push('401 without WWW-Authenticate: Bearer');
  if ((status === 429 || status === 503) && !/^\d+$/.test(headers['retry-after'] ?? '')) faults.push(`${status} without Retry-After`);
  return faults;
}

function difference(before, after) {
  const was = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !was.has(line)).slice(0, 5).map((line) => `\n      ${line.slice(0, 200)}`).join('');
}

/** The request in the words of this server. */
function translated(request) {
  const found = VOCABULARY.find(({ method, path }) => method === request.method && path.test(request.path ?? ''));
  return found ? { ...request, path: found.to, json: found.json(request.json) } : request;
}

function errorFaults(status, type, body) {
  if (!/^application\/scim\+json/.test(type ?? '')) return [`G3: the error has the type ${type}`];
  if (!Array.isArray(body?.schemas) || body.schemas[0] !== ERROR || body.status !== String(status) || typeof body.detail !== 'string' || body.detail === '') return [`G3: no SCIM error: ${JSON.stringify(body)?.slice(0, 200)}`];
  return [];
}

function keywordFaults(expected, scimType) {
  if (expected === undefined || expected === null) return [];
  const allowed = Array.isArray(expected) ? expected : [expected];
  return allowed.includes(scimType) || (scimType === undefined && allowed.includes(null)) ? [] : [`scimType ${scimType} instead of ${allowed.join(' or ')}`];
}

const sentText = ({ raw, path = '', headers = {}, body }) => {
  const text = `${path} ${Object.values(headers).join(' ').slice(0, 100_000)} ${(raw ?? body ?? '').toString('utf8').slice(0, 200_000)}`;
  try {
    return `${text} ${decodeURIComponent(path.replaceAll('+', ' '))}`;
  } catch {
    return text;
  }
};

/** The names of attributes and schemas are no secrets, however long. */
function longEcho(detail, sent) {
  const text = detail.replaceAll(/urn:ietf:params:scim:[\w:.]+/g, '');
  for (let start = 0; start + LONGEST_ECHO < text.length; start++) {
    const part = text.slice(start, start + LONGEST_ECHO + 1);
    if (sent.includes(part)) return part;
  }
  return undefined;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function send(origin, request) {
  if (request.raw !== undefined) return sendRaw(origin, request.raw);
  try {
    const answer = await sendHttp(origin, request);
    // A server may answer before it has read a body that it refuses, and node's client then sometimes sees the closed pipe first.
    return answer.status === undefined && request.body?.length > EARLY_REFUSAL_BYTES ? await sendHttp(origin, request) : answer;
  } catch (error) {
    if (error.code !== 'ERR_UNESCAPED_CHARACTERS' && error.code !== 'ERR_INVALID_CHAR') throw error;
    return sendRaw(origin, rawRequest(request));
  }
}

function sendHttp(origin, { method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const length = body === undefined ? {} : { 'Content-Length': body.length };
    const request = httpRequest({ hostname, port, method, path, headers: { ...length, ...headers }, timeout: ANSWERED_WITHIN_MS, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', () => resolve({ status: undefined, text: '' }));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve({ status: undefined, text: '' }));
    try {
      request.end(body);
    } catch (error) {
      reject(error);
    }
  });
}

function rawRequest({ method, path, headers, body }) {
  const lines = Object.entries({ Host: 'h', ...headers, ...(body === undefined ? {} : { 'Content-Length': body.length }), Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body ?? Buffer.alloc(0)]);
}

/** Bytes to the socket. Without an answer and still open after a while is a fault; closed without one is allowed. */
function sendRaw(origin, bytes) {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const chunks = [];
    const done = (open) => {
      socket.destroy();
      const text = Buffer.concat(chunks).toString('utf8');
      const final = Array.from(text.matchAll(/^HTTP\/1\.1 (\d+)[^\r]*\r\n((?:[^\r]+\r\n)*)\r\n/gm)).filter(([, status]) => status !== '100');
      const [head, status, headers] = final[0] ?? [];
      if (head === undefined) return resolve({ status: undefined, text, open });
      const [, type] = /^content-type: *(.*)$/im.exec(headers) ?? [];
      const [, length] = /^content-length: *(\d+)$/im.exec(headers) ?? [];
      const content = text.slice(final[0].index + head.length);
      const named = Object.fromEntries(Array.from(headers.matchAll(/^([\w-]+): *([^\r\n]*)/gm), ([, name, value]) => [name.toLowerCase(), value]));
      return resolve({ status: Number(status), type, headers: named, text: length === undefined ? content : content.slice(0, Number(length)), responses: final.length, open: false });
    };
    const timer = setTimeout(() => done(true), RAW_WITHIN_MS);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      done(false);
    });
  });
}
