/** What links in mails lead to: `/activate` (S4), `/reset` (S6), `/confirm-email` (S10). A GET shows, only the form's POST does something. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { confirmAddress } from '../../accounts/address-change.ts';
import { choosePassword } from '../../accounts/choose-password.ts';
import { ownWordsOf } from '../../accounts/credentials.ts';
import { userNameOf } from '../../accounts/facts.ts';
import { ScimError } from '../../errors.ts';
import type { LinkDocument } from '../../store/account-documents.ts';
import type { Services } from '../services.ts';
import { openLink, tenantContext, type OpenedLink } from '../people.ts';
import { checkForm, fieldOf, frameOf, queryOf, sendPage, type PageParts } from './frame.ts';
import { atPlace } from './sign-in-pages.ts';
import { addressConfirmed, confirmAddress as confirmAddressPage } from './views/address.tsx';
import { linkInvalid } from './views/link-invalid.tsx';
import { passwordRules } from './views/password-rules.tsx';
import { choosePassword as choosePasswordPage, passwordSet } from './views/password.tsx';

type Good = Extract<OpenedLink, { kind: 'good' }>;

export function linkPages(app: FastifyInstance, parts: PageParts): void {
  passwordPage(app, parts, 'activate');
  passwordPage(app, parts, 'reset');
  addressPage(app, parts);
}

function passwordPage(app: FastifyInstance, parts: PageParts, purpose: 'activate' | 'reset'): void {
  const { services, base } = parts;
  const address = `/${purpose}`;

  const show = (request: FastifyRequest, reply: FastifyReply, { context, person }: Good, token: string, broken: readonly string[], status = 200) => {
    const page = frameOf(request, reply, parts, context.tenant, person.attributes);
    // Who has no password yet cannot choose the same again.
    const policy = purpose === 'activate' ? { ...context.tenant.policy, passwordHistory: 0 } : context.tenant.policy;
    const rules = passwordRules({ policy, words: ownWordsOf(context, person.attributes), broken }, page);
    return sendPage(reply, choosePasswordPage({ page, purpose, action: `${base}${address}`, token, rules, broken, needsCurrent: false, name: userNameOf(person.attributes) }), status);
  };

  app.get(address, async (request, reply) => {
    const token = queryOf(request, 'token') ?? '';
    const opened = await openLink(request, services, token, [purpose]);
    return opened.kind === 'good' ? show(request, reply, opened, token, []) : invalid(request, reply, parts, opened, purpose);
  });

  app.post(address, async (request, reply) => {
    checkForm(request, services);
    const token = fieldOf(request, 'token');
    const opened = await openLink(request, services, token, [purpose]);
    if (opened.kind !== 'good') return invalid(request, reply, parts, opened, purpose);
    const chosen = await orConflict(choosePassword(opened.context, opened.link, fieldOf(request, 'password')));
    // Somebody was faster with the same link, or the account has changed: what is true now is on the page.
    if (chosen === undefined) return invalid(request, reply, parts, await nowInvalid(request, services, token, purpose), purpose);
    if (chosen.kind === 'broken') return show(request, reply, opened, token, chosen.rules, 422);
    const page = frameOf(request, reply, parts, opened.context.tenant, opened.person.attributes, `${base}/sign-in`);
    return sendPage(reply, passwordSet({ page, purpose, signInAddress: atPlace(`${base}/sign-in`, portalOf(opened.link)), unlocked: chosen.unlocked }));
  });
}

function addressPage(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;

  app.get('/confirm-email', async (request, reply) => {
    const token = queryOf(request, 'token') ?? '';
    const opened = await openLink(request, services, token, ['confirmAddress']);
    if (opened.kind !== 'good') return invalid(request, reply, parts, opened, 'address');
    const page = frameOf(request, reply, parts, opened.context.tenant, opened.person.attributes);
    return sendPage(reply, confirmAddressPage({ page, action: `${base}/confirm-email`, newAddress: opened.link.address ?? '', token }));
  });

  app.post('/confirm-email', async (request, reply) => {
    checkForm(request, services);
    const opened = await openLink(request, services, fieldOf(request, 'token'), ['confirmAddress']);
    if (opened.kind !== 'good') return invalid(request, reply, parts, opened, 'address');
    // The address was taken meanwhile, or the link was used: the old one stays either way.
    if ((await orConflict(confirmAddress(opened.context, opened.link).then(() => true))) === undefined) return invalid(request, reply, parts, { kind: 'used', context: opened.context }, 'address');
    const page = frameOf(request, reply, parts, opened.context.tenant, opened.person.attributes, `${base}/sign-in`);
    return sendPage(reply, addressConfirmed({ page, signInAddress: `${base}/sign-in` }));
  });
}

async function orConflict<T>(use: Promise<T>): Promise<T | undefined> {
  try {
    return await use;
  } catch (error) {
    if (error instanceof ScimError && error.status === 409) return undefined;
    throw error;
  }
}

async function nowInvalid(request: FastifyRequest, services: Services, token: string, purpose: 'activate' | 'reset'): Promise<Exclude<OpenedLink, Good>> {
  const now = await openLink(request, services, token, [purpose]);
  return now.kind === 'good' ? { kind: 'unknown', context: now.context } : now;
}

/** P5: back to the portal where it was asked for. */
const portalOf = ({ entry }: LinkDocument) => (entry?.portal === undefined ? undefined : { id: entry.portal });

/** What is wrong with the link, and where there is another one; a link that never was and a dead one look alike. */
async function invalid(request: FastifyRequest, reply: FastifyReply, parts: PageParts, opened: Exclude<OpenedLink, Good>, purpose: 'activate' | 'reset' | 'address'): Promise<FastifyReply> {
  const { services, base } = parts;
  const { tenant } = opened.context ?? (await tenantContext(request, services, undefined));
  const page = frameOf(request, reply, parts, tenant);
  const signInAddress = `${base}/sign-in`;
  return sendPage(reply, linkInvalid({ page, purpose, reason: opened.kind, signInAddress, ...(purpose === 'reset' ? { askAgainAddress: `${base}/forgot` } : {}) }), 410);
}
