/** As much of a browser as the hosted pages need, for hostile lines: cookies, forms and no script; and what no page may hold. */
import { URLSearchParams } from 'node:url';
import { send } from './hostile-send.mjs';

/** Where pages live, and whose word they are under. @param target its `publicUrl` decides the names of cookies and the origin of forms */
export function pagesOf({ publicUrl }) {
  const { origin, pathname, protocol } = new URL(publicUrl);
  return { origin, base: pathname.replace(/\/$/, ''), cookie: (name) => (protocol === 'https:' ? `__Host-${name}` : name) };
}

/** The cookie of a session; `step`, `csrf` and `language` are called as they are. */
export const SESSION = 'rollcall';

export class Visitor {
  cookies = new Map();

  /** @param from the address that it comes from. @param agent what it calls itself */
  constructor(target, from, agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0') {
    this.target = target;
    this.from = from;
    this.agent = agent;
    this.pages = pagesOf(target);
  }

  get(path) {
    return this.#send('GET', path, {});
  }

  /** Opens a page with a form first: its token is in a cookie as well. */
  async post(path, fields = {}) {
    const token = await this.formToken();
    const body = new URLSearchParams({ csrf: token, ...fields }).toString();
    return this.#send('POST', path, { 'Content-Type': 'application/x-www-form-urlencoded', Origin: this.pages.origin }, Buffer.from(body));
  }

  async formToken() {
    if (!this.cookies.has('csrf')) await this.get('/sign-in');
    return this.cookies.get('csrf') ?? '';
  }

  /** As a browser sends them. */
  cookieHeader() {
    return Array.from(this.cookies, ([name, value]) => `${this.pages.cookie(name)}=${value}`).join('; ');
  }

  async #send(method, path, headers, body) {
    const cookie = this.cookies.size > 0 ? { Cookie: this.cookieHeader() } : {};
    const answer = await send(this.target.origin, { method, path: this.pages.base + path, headers: { 'User-Agent': this.agent, ...headers, ...cookie }, body, from: this.from });
    for (const { name, value } of cookiesOf(answer, this.pages)) {
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return { ...answer, location: answer.headers?.location };
  }
}

/** What an answer sets, by the names without their prefix. */
export function cookiesOf({ headers }, pages) {
  return [headers?.['set-cookie'] ?? []].flat().map((line) => {
    const [pair, ...attributes] = line.split('; ');
    const [whole, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const name = [SESSION, 'step', 'csrf', 'language'].find((one) => pages.cookie(one) === whole) ?? whole;
    return { name, whole, value, attributes: attributes.map((attribute) => attribute.toLowerCase()) };
  });
}

/** B12: no script of a page may reach what says who somebody is, and no other site may have it sent along. */
export function cookieFaults(answer, pages) {
  const isSecure = pages.origin.startsWith('https:');
  return cookiesOf(answer, pages).flatMap(({ name, whole, attributes }) => {
    const wanted = ['path=/', 'samesite=lax', ...(name === 'language' ? [] : ['httponly']), ...(isSecure ? ['secure'] : [])];
    const lacking = wanted.filter((attribute) => !attributes.includes(attribute));
    const more = attributes.filter((attribute) => attribute.startsWith('domain='));
    return [...lacking.map((attribute) => `the cookie ${whole} lacks ${attribute}`), ...more.map((attribute) => `the cookie ${whole} has ${attribute}`)];
  });
}

const HEADERS = [
  ['content-type', /^text\/html; charset=utf-8$/],
  ['content-security-policy', /default-src 'none'.*form-action 'self'.*base-uri 'none'.*frame-ancestors 'none'/],
  ['cache-control', /^no-store$/],
  ['x-content-type-options', /^nosniff$/],
  ['referrer-policy', /^(?:no-referrer|same-origin)$/],
];

export function pageFaults({ headers, text }) {
  const wrong = HEADERS.filter(([name, wanted]) => !wanted.test(headers[name] ?? '')).map(([name]) => `the page has the header ${name}: ${headers[name]}`);
  const loose = /'unsafe|\bdata:|\*/.test(headers['content-security-policy'] ?? '') ? ['the page lets more in than its own files'] : [];
  return [...wrong, ...loose, ...markupFaults(text)];
}

const NEVER = new Set(['iframe', 'object', 'embed', 'base', 'applet', 'frame', 'portal', 'math', 'audio', 'video', 'img', 'template', 'noscript']);

/** Markup that came in from outside: our pages and mails hold none of this. */
export function markupFaults(html, { isMail = false } = {}) {
  const faults = [];
  for (const [tag, name, attributes] of html.matchAll(/<([a-z][\w:-]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi)) {
    const kind = name.toLowerCase();
    const inline = kind === 'script' && (isMail || !/\ssrc="\/[^/][^"]*"/.test(attributes));
    // What is quoted is text, but where it is an address.
    const bare = attributes.replaceAll(/"[^"]*"|'[^']*'/g, '""');
    const leadsToCode = /\b(?:href|src|action|formaction)\s*=\s*["']?\s*(?:javascript|data|vbscript):/i.test(attributes);
    if (NEVER.has(kind) || inline || /\son\w+\s*=/i.test(bare) || leadsToCode) faults.push(`markup from outside: ${tag.slice(0, 100)}`);
    if (kind === 'form' && !/\saction="\/(?!\/)/.test(attributes)) faults.push(`a form leads elsewhere: ${tag.slice(0, 100)}`);
  }
  return faults;
}

/** RFC 9110 section 10.2.2, and nowhere but here. */
export function locationFaults({ headers }, { origin }) {
  const location = headers?.location;
  if (location === undefined) return [];
  const isHere = URL.canParse(location, origin) && new URL(location, origin).origin === origin && !/[\\\s]/.test(location);
  return isHere ? [] : [`the answer leads to ${location}`];
}
