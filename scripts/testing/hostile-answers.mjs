/** What may be wrong with one answer, whatever the line. */
import { parsed } from './hostile-send.mjs';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
export const LONGEST_ECHO = 64;

/** Never in an answer, unless the request itself holds it. */
export const INSIDES = [/\bat \S+ \(.+:\d+:\d+\)/, /node_modules/, /\/(?:src|dist)\/\S+\.[jt]s/, /Mongo/, /E11000/, /\$argon2/, /"(?:password|passwordHash|hash|secret)"\s*:/i];

/** What a line marks as a secret of its own. */
export const MARKED = /S3CRET/;

/** The operations of a bulk answer. */
export function operationsOf({ status, text }) {
  const body = status === 200 ? parsed(text) : undefined;
  return /BulkResponse$/.test(body?.schemas?.[0]) ? body.Operations : undefined;
}

export const isRefused = ({ status }) => Number(status) >= 400;

/** `expect.operations`: what each may answer. Where nothing is said, none that reaches for another's may succeed. */
export function operationFaults({ cat, expect }, operations = []) {
  const isWrong = expect.operations ? ({ status }) => !expect.operations.includes(Number(status)) : (operation) => (cat === 'TENANT' || cat === 'SCOPE') && !isRefused(operation);
  return operations.filter(isWrong).map(({ method, status }) => `the operation ${method} answers ${status}`);
}

/** @param challenges what a 401 may ask for; none for pages, which show a form instead */
export function headerFaults(status, headers, challenges) {
  const faults = ['server', 'x-powered-by', 'via'].filter((name) => name in headers).map((name) => `the answer has the header ${name}`);
  const [challenge] = (headers['www-authenticate'] ?? '').split(' ');
  if (status === 401 && challenges.length > 0 && !challenges.includes(challenge)) faults.push(`401 without WWW-Authenticate: ${challenges.join(' or ')}`);
  if ((status === 429 || status === 503) && !/^\d+$/.test(headers['retry-after'] ?? '')) faults.push(`${status} without Retry-After`);
  return faults;
}

export function difference(before, after) {
  const was = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !was.has(line)).slice(0, 5).map((line) => `\n      ${line.slice(0, 200)}`).join('');
}

export function errorFaults(status, type, body) {
  if (!/^application\/scim\+json/.test(type ?? '')) return [`G3: the error has the type ${type}`];
  if (!Array.isArray(body?.schemas) || body.schemas[0] !== ERROR || body.status !== String(status) || typeof body.detail !== 'string' || body.detail === '') return [`G3: no SCIM error: ${JSON.stringify(body)?.slice(0, 200)}`];
  return [];
}

export function keywordFaults(expected, scimType) {
  if (expected === undefined || expected === null) return [];
  const allowed = Array.isArray(expected) ? expected : [expected];
  return allowed.includes(scimType) || (scimType === undefined && allowed.includes(null)) ? [] : [`scimType ${scimType} instead of ${allowed.join(' or ')}`];
}

export const sentText = ({ raw, path = '', headers = {}, body }) => {
  const text = `${path} ${Object.values(headers).join(' ').slice(0, 100_000)} ${(raw ?? body ?? '').toString('utf8').slice(0, 200_000)}`;
  try {
    return `${text} ${decodeURIComponent(path.replaceAll('+', ' '))}`;
  } catch {
    return text;
  }
};

/** The names of attributes and schemas are no secrets, however long. */
export function longEcho(detail, sent) {
  const text = detail.replaceAll(/urn:ietf:params:scim:[\w:.]+/g, '');
  for (let start = 0; start + LONGEST_ECHO < text.length; start++) {
    const part = text.slice(start, start + LONGEST_ECHO + 1);
    if (sent.includes(part)) return part;
  }
  return undefined;
}
