// Replays transcripts of SCIM clients (test/idp) against any SCIM server, without dependencies:
//   node scripts/replay.mjs BASE_URL TOKEN file.json... [--verbose] [--bail]
// TOKEN goes out as "Authorization: Bearer TOKEN"; one with a space is sent as it is; "-" sends none.
//
// A file is an array of steps:
//   { name, quirk?, optional?, note?, request: {method, path, headers?, auth?, body?, rawBody?},
//     expect: {status, headers?, json?, bodyOptional?}, save? }
//  - {{name}} was saved by an earlier step; {{$run}} is random per file, {{$uuid}} at each use, {{$now}} is the time.
//  - request.auth: "none", or the whole Authorization header. A Content-Type of "" sends none.
//  - expect.status: a number or several; headers: {name: "regex"}.
//  - expect.json: [{path, eq|ne|eqi|exists|absent|type|length|minLength|matches|contains|gte|lte|oneOf}]
//  - bodyOptional: the json assertions do not apply to an answer without a body (a PATCH answered with 204).
//  - save: {name: "$.path" or "header:location"}.
//  - optional: a miss is a warning, and the step counts neither as passed nor as failed.
//  - A step that cannot be sent, because an earlier one saved nothing, is blocked and counts as failed.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

const TIMEOUT_MS = 60_000;

class Blocked extends Error {}

/** Replays the files in order, each with variables of its own, and prints what is not as expected. Answers {passed, failed, missed}. */
export async function replay({ base, token, files, verbose = false, bail = false }) {
  const root = base.replace(/\/+$/, '');
  const total = { passed: 0, failed: 0, missed: 0 };
  for (const file of files) {
    const variables = new Map([['$run', randomBytes(4).toString('hex')]]);
    const steps = JSON.parse(readFileSync(file, 'utf8'));
    for (const [index, step] of steps.entries()) {
      const outcome = await take(step, { root, token, variables });
      report(outcome, `${basename(file)} #${index + 1} ${step.name}`, step, verbose);
      total[outcome.problems.length === 0 ? 'passed' : step.optional ? 'missed' : 'failed'] += 1;
      if (bail && total.failed > 0) return total;
    }
  }
  return total;
}

/** The closing lines of a run. */
export function summary({ passed, failed, missed }) {
  const optional = missed > 0 ? `${missed} optional step(s) missed\n` : '';
  return `${optional}${passed} passed, ${failed} failed`;
}

async function take(step, { root, token, variables }) {
  try {
    const request = fill(step.request, variables);
    const expect = fill(step.expect ?? {}, variables);
    const response = await send(request, root, token);
    const body = parse(response.text);
    const rightStatus = [expect.status ?? [200, 201, 204]].flat().includes(response.status);
    const problems = [
      ...(rightStatus ? [] : [`status ${response.status}, wanted ${[expect.status].flat().join(' or ')}`]),
      ...headerProblems(expect.headers ?? {}, response.headers),
      ...bodyProblems(expect, response.text, body, rightStatus),
    ];
    if (rightStatus) problems.push(...save(step.save ?? {}, response, body, variables));
    return { problems, response, body, blocked: false };
  } catch (error) {
    return { problems: [error.message], blocked: error instanceof Blocked };
  }
}

function report({ problems, response, body, blocked }, label, step, verbose) {
  if (problems.length === 0) {
    if (verbose) console.log(`ok       ${label}`);
    return;
  }
  const kind = step.optional ? 'WARNING' : blocked ? 'BLOCKED' : 'FAILED ';
  console.log(`${kind}  ${label}${step.quirk ? ` [${step.quirk}]` : ''}`);
  for (const problem of problems) console.log(`         ${problem}`);
  if (body?.detail) console.log(`         the server said: ${body.scimType ? `${body.scimType}: ` : ''}${show(body.detail)}`);
  else if (verbose && response?.text) console.log(`         body: ${show(response.text)}`);
}

function fill(value, variables) {
  if (typeof value === 'string') return value.replace(/\{\{\s*([$\w.-]+)\s*\}\}/g, (_, name) => variable(name, variables));
  if (Array.isArray(value)) return value.map((item) => fill(item, variables));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [fill(key, variables), fill(item, variables)]));
}

function variable(name, variables) {
  if (name === '$uuid') return randomUUID();
  if (name === '$now') return new Date().toISOString();
  if (!variables.has(name)) throw new Blocked(`no {{${name}}}: an earlier step did not save it`);
  return String(variables.get(name));
}

function send(request, root, token) {
  // The URL class encodes blanks and quotes; %XX and + stay as the client wrote them.
  const url = new URL(/^https?:/.test(request.path) ? request.path : root + request.path);
  const payload = request.rawBody ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const headers = requestHeaders(request, url, token, payload);
  return new Promise((resolve, reject) => {
    const client = url.protocol === 'https:' ? https : http;
    const outgoing = client.request(url, { method: request.method, headers, timeout: TIMEOUT_MS }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function requestHeaders(request, url, token, payload) {
  const headers = { Host: url.host, Connection: 'close', ...request.headers };
  const named = (name) => Object.keys(headers).find((key) => key.toLowerCase() === name);
  if (request.auth === 'none') delete headers.Authorization;
  else if (request.auth) headers.Authorization = request.auth;
  else if (token !== '-' && named('authorization') === undefined) headers.Authorization = token.includes(' ') ? token : `Bearer ${token}`;
  if (payload === undefined) return headers;
  headers['Content-Length'] = Buffer.byteLength(payload);
  const contentType = named('content-type');
  if (contentType === undefined) headers['Content-Type'] = 'application/scim+json';
  else if (headers[contentType] === '') delete headers[contentType];
  return headers;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headerProblems(expected, headers) {
  return Object.entries(expected)
    .filter(([name, pattern]) => !new RegExp(pattern, 'i').test(headers[name.toLowerCase()] ?? ''))
    .map(([name, pattern]) => `header ${name} should match /${pattern}/, got ${show(headers[name.toLowerCase()])}`);
}

function bodyProblems(expect, text, body, rightStatus) {
  const assertions = expect.json ?? [];
  if (assertions.length === 0) return [];
  if (body !== undefined) return assertions.flatMap((assertion) => assertionProblems(assertion, body));
  if (text.trim() !== '') return [`the body is not JSON: ${show(text)}`];
  return expect.bodyOptional || !rightStatus ? [] : ['the answer has no body'];
}

function save(wanted, response, body, variables) {
  const problems = [];
  for (const [name, source] of Object.entries(wanted)) {
    const value = source.startsWith('header:') ? response.headers[source.slice(7).toLowerCase()] : select(body, source)[0];
    if (value === undefined) problems.push(`nothing to save for ${name} at ${source}`);
    else variables.set(name, value);
  }
  return problems;
}

/** The nodes at a path of a small JSONPath: $ .name ['name'] [n] [*] [?key=="v"] [?key==true]. Names match exactly. */
function select(body, path) {
  const segment = /\.([A-Za-z_$][\w$-]*)|\['([^']*)'\]|\[(-?\d+)\]|\[(\*)\]|\[\?([\w$.-]+)\s*==\s*("[^"]*"|true|false|-?\d+)\]/y;
  segment.lastIndex = path.startsWith('$') ? 1 : 0;
  let nodes = [body];
  while (segment.lastIndex < path.length) {
    const at = segment.lastIndex;
    const match = segment.exec(path);
    if (match === null) throw new Error(`bad path ${path} at ${at}`);
    const [, dotted, quoted, index, star, key, literal] = match;
    nodes = nodes.flatMap((node) => {
      if (node === undefined || node === null) return [];
      const name = dotted ?? quoted;
      if (name !== undefined) return Object.hasOwn(Object(node), name) ? [node[name]] : [];
      if (!Array.isArray(node)) return [];
      if (index !== undefined) return node.at(Number(index)) === undefined ? [] : [node.at(Number(index))];
      return star === undefined ? node.filter((item) => item?.[key] === JSON.parse(literal)) : node;
    });
  }
  return nodes;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const isEmpty = (value) => value === undefined || value === null || (Array.isArray(value) && value.length === 0);

function typeOf(value, wanted) {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return wanted === 'integer' && Number.isInteger(value) ? 'integer' : typeof value;
}

function contains(found, value, wanted, spread) {
  if (spread) return found.some((item) => same(item, wanted));
  if (Array.isArray(value)) return value.some((item) => same(item, wanted));
  if (typeof value === 'string') return value.includes(wanted);
  return found.some((item) => same(item, wanted));
}

/** By name of the assertion: whether the nodes found hold it, and how a failure reads. */
const ASSERTIONS = {
  exists: { holds: (a, found) => !a.exists || found.length > 0, says: () => 'should exist' },
  absent: { holds: (a, found) => !a.absent || found.every(isEmpty), says: () => 'should be absent or empty' },
  eq: { holds: (a, found) => found.length > 0 && same(found[0], a.eq), says: (a) => `should equal ${show(a.eq)}` },
  ne: { holds: (a, found) => !found.some((item) => same(item, a.ne)), says: (a) => `should not equal ${show(a.ne)}` },
  eqi: {
    holds: (a, [value]) => typeof value === 'string' && value.toLowerCase() === String(a.eqi).toLowerCase(),
    says: (a) => `should equal ${show(a.eqi)} in any case`,
  },
  oneOf: { holds: (a, [value]) => a.oneOf.some((item) => same(item, value)), says: (a) => `should be one of ${show(a.oneOf)}` },
  type: { holds: (a, [value]) => typeOf(value, a.type) === a.type, says: (a) => `should be of type ${a.type}` },
  length: {
    holds: (a, found) => (isSpread(a.path) || a.path.includes('[?') ? found : isEmpty(found[0]) ? [] : found[0]).length === a.length,
    says: (a) => `should have length ${a.length}`,
  },
  minLength: { holds: (a, [value]) => value?.length >= a.minLength, says: (a) => `should have length ${a.minLength} at least` },
  matches: { holds: (a, [value]) => typeof value === 'string' && new RegExp(a.matches).test(value), says: (a) => `should match /${a.matches}/` },
  contains: { holds: (a, found) => contains(found, found[0], a.contains, isSpread(a.path)), says: (a) => `should contain ${show(a.contains)}` },
  gte: { holds: (a, [value]) => value >= a.gte, says: (a) => `should be ${a.gte} at least` },
  lte: { holds: (a, [value]) => value <= a.lte, says: (a) => `should be ${a.lte} at most` },
};
const NOT_ASSERTIONS = new Set(['path', 'note']);

function isSpread(path) {
  return path.includes('[*]');
}

function assertionProblems(assertion, body) {
  const found = select(body, assertion.path);
  const got = `got ${show(found.length > 1 ? found : found[0])}`;
  return Object.keys(assertion)
    .filter((name) => !NOT_ASSERTIONS.has(name))
    .flatMap((name) => {
      const rule = Object.hasOwn(ASSERTIONS, name) ? ASSERTIONS[name] : undefined;
      if (rule === undefined) return [`${assertion.path}: there is no assertion ${name}`];
      return rule.holds(assertion, found) ? [] : [`${assertion.path} ${rule.says(assertion)}, ${got}`];
    });
}

function show(value) {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

async function main() {
  const flags = new Set(process.argv.slice(2).filter((argument) => argument.startsWith('--')));
  const [base, token, ...files] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  if (base === undefined || token === undefined || files.length === 0) {
    console.error('usage: node scripts/replay.mjs BASE_URL TOKEN file.json... [--verbose] [--bail]');
    process.exitCode = 2;
    return;
  }
  const total = await replay({ base, token, files, verbose: flags.has('--verbose'), bail: flags.has('--bail') });
  console.log(summary(total));
  process.exitCode = total.failed === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
