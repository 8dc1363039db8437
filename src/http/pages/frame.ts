/** From a request to the frame of its page: language, organisation, form token, and the headers that every page has. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languageOf } from '../../accounts/mails.ts';
import { ScimError } from '../../errors.ts';
import { chooseLanguage } from '../../locales/language.ts';
import { LANGUAGES, type Language } from '../../policy.ts';
import type { TenantInfo } from '../../resources/context.ts';
import type { Attributes } from '../../scim/schema.ts';
import type { Services } from '../services.ts';
import { assetAddresses, type PageAssets } from './assets.ts';
import { pageFrame, type PageFrame } from './views/frame.ts';

/** Nothing but what we send ourselves: no inline style or script, no frame around the page, no form that leads elsewhere. */
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const HEADERS = {
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Addresses of pages hold the tokens of links. With `no-referrer` browsers also hide the origin of forms, which `checkForm` looks at.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

export interface PageParts {
  readonly services: Services;
  readonly assets: PageAssets;
  /** The path of PUBLIC_URL, without a slash at the end. */
  readonly base: string;
}

export const isSecure = ({ config }: Services) => config.publicUrl.startsWith('https:');
const cookieNamed = (services: Services, name: string) => (isSecure(services) ? `__Host-${name}` : name);

/**
 * @param person whose page it is, once somebody is known
 * @param here where the page is found again in another language: what answers a form is at an address without its token
 */
export function frameOf(request: FastifyRequest, reply: FastifyReply, { services, assets, base }: PageParts, tenant: TenantInfo, person?: Attributes, here = addressOf(request)): PageFrame {
  const { policy, name } = tenant;
  return pageFrame({
    language: languageFor(request, reply, services, tenant, person),
    languages: policy.languages.map((language) => ({ language, address: withLanguage(here, language) })),
    organisation: policy.displayName || name, contact: policy.contact, color: policy.color,
    csrf: formToken(request, reply, services),
    assets: assetAddresses(assets, base, policy.color),
  });
}

/** What was chosen on a page is remembered in the browser; else the person's, else the browser's own wish. */
function languageFor(request: FastifyRequest, reply: FastifyReply, services: Services, tenant: TenantInfo, person: Attributes | undefined): Language {
  const asked = queryOf(request, 'lang');
  if (asked !== undefined && LANGUAGES.some((language) => language === asked)) reply.setCookie(cookieNamed(services, 'language'), asked, { path: '/', sameSite: 'lax', secure: isSecure(services), maxAge: 365 * 86_400 });
  const chosen = asked ?? request.cookies[cookieNamed(services, 'language')];
  if (chosen === undefined && person && typeof person['preferredLanguage'] === 'string') return languageOf({ tenant }, person);
  return chooseLanguage({ asked: chosen, accepted: request.headers['accept-language'], policy: tenant.policy });
}

function addressOf(request: FastifyRequest): string {
  const token = fieldOf(request, 'token');
  return token === '' ? request.url : `${request.url.split('?')[0] ?? ''}?${new URLSearchParams({ token }).toString()}`;
}

function withLanguage(url: string, language: Language): string {
  const [path = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('lang', language);
  return `${path}?${parameters.toString()}`;
}

const FORM_TOKEN = /^[\w-]{43}$/;

/** The same in a cookie and in every form of the browser: another origin can read neither. */
function formToken(request: FastifyRequest, reply: FastifyReply, services: Services): string {
  const name = cookieNamed(services, 'csrf');
  const known = request.cookies[name];
  if (known !== undefined && FORM_TOKEN.test(known)) return known;
  const token = randomBytes(32).toString('base64url');
  reply.setCookie(name, token, { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(services) });
  return token;
}

/** @throws ScimError 400 for a form that did not come from a page of ours */
export function checkForm(request: FastifyRequest, services: Services): void {
  const { origin } = request.headers;
  const token = fieldOf(request, 'csrf');
  const cookie = request.cookies[cookieNamed(services, 'csrf')] ?? '';
  const foreign = origin !== undefined && origin !== new URL(services.config.publicUrl).origin;
  if (foreign || !FORM_TOKEN.test(token) || !FORM_TOKEN.test(cookie) || !timingSafeEqual(Buffer.from(token), Buffer.from(cookie))) throw new ScimError(400, 'The form is out of date.');
}

/** A field of a form; a repeated or absent one is empty. */
export function fieldOf({ body }: FastifyRequest, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? new Map<string, unknown>(Object.entries(body)).get(name) : undefined;
  return typeof value === 'string' ? value : '';
}

/** All that a form sends under one name: the boxes that were ticked. */
export function fieldsOf({ body }: FastifyRequest, name: string): readonly string[] {
  const value: unknown = typeof body === 'object' && body !== null ? new Map<string, unknown>(Object.entries(body)).get(name) : undefined;
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
}

export function queryOf({ query }: FastifyRequest, name: string): string | undefined {
  const value: unknown = typeof query === 'object' && query !== null ? new Map<string, unknown>(Object.entries(query)).get(name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

export const sendPage = (reply: FastifyReply, html: string, status = 200): FastifyReply => reply.code(status).headers(HEADERS).type('text/html; charset=utf-8').send(html);

/** Only to a page of ours: whatever else is asked for leads to the account page. */
export const localPath = (asked: string, base: string): string => (/^\/(account|console)(\/[\w/-]*)?$/.test(asked) ? `${base}${asked}` : `${base}/account`);

/** What stands between a right password and a session lives in a cookie, not in an address that a browser would remember. */
export const stepOf = (request: FastifyRequest, services: Services): string => request.cookies[cookieNamed(services, 'step')] ?? '';
export const setStep = (reply: FastifyReply, services: Services, token: string): FastifyReply =>
  reply.setCookie(cookieNamed(services, 'step'), token, { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(services), maxAge: 900 });
