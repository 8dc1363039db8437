/** `/account`: what somebody sees of their own login, and where they are signed in. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf, factsOf, nameOf, userNameOf } from '../../accounts/facts.ts';
import { endSessions, listSessions, signOut } from '../../accounts/sessions.ts';
import { userType } from '../../accounts/verbs.ts';
import type { StoredResource } from '../../store/codec.ts';
import { pendingAddresses } from '../../store/logins.ts';
import { findById } from '../../store/resources.ts';
import { dropSessionCookie, findPerson, type SignedInPerson } from '../people.ts';
import { checkForm, fieldOf, frameOf, sendPage, type PageParts } from './frame.ts';
import { account } from './views/account.tsx';

export type Own = SignedInPerson & { readonly stored: StoredResource };
type Act = (request: FastifyRequest, reply: FastifyReply, own: Own) => Promise<FastifyReply> | FastifyReply;

/** Runs `act` for whoever is signed in; anybody else signs in first. */
export const ownPage = ({ services, base }: PageParts, act: Act) => async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
  if (request.method === 'POST') checkForm(request, services);
  const found = await findPerson(request, services);
  const stored = found && (await findById(found.context.scope, userType(found.context), found.person));
  return found && stored ? act(request, reply, { ...found, stored }) : reply.redirect(`${base}/sign-in?next=/account`, 303);
};

export function accountPages(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;

  app.get('/account', ownPage(parts, async (request, reply, { context, person, session, stored: { attributes } }) => {
    const [sessions, pending] = await Promise.all([listSessions(context, person), pendingAddresses(context.scope, [person], services.now())]);
    const { signInMethod, twoFactorEnrolled, twoFactorRequired } = factsOf(attributes);
    const { timezone } = attributes;
    return sendPage(reply, account({
      page: frameOf(request, reply, parts, context.tenant, attributes),
      name: nameOf(attributes), userName: userNameOf(attributes), address: addressOf(attributes) ?? '', pendingAddress: pending.get(person),
      sessions: sessions.map(({ _id, agent, created, lastSeen, tokens }) => ({ id: _id, agent, ...(tokens ? { application: tokens.audience } : {}), created, lastSeen, current: _id === session })),
      timeZone: typeof timezone === 'string' ? timezone : context.tenant.policy.timeZone,
      endAction: `${base}/account/end-session`, endAllAction: `${base}/account/end-all`, signOutAction: `${base}/account/sign-out`,
      ...(signInMethod === 'password' ? {
        changeAddressAddress: `${base}/account/address`, changePasswordAddress: `${base}/account/password`,
        secondFactor: { enrolled: twoFactorEnrolled, required: twoFactorRequired, enrolAddress: `${base}/account/second-factor`, removeAddress: `${base}/account/second-factor/remove` },
      } : {}),
    }));
  }));

  app.post('/account/end-session', ownPage(parts, async (request, reply, { context, person }) => {
    const id = fieldOf(request, 'session');
    if (id !== '') await endSessions(context.scope, person, { only: id });
    return reply.redirect(`${base}/account`, 303);
  }));
  app.post('/account/end-all', ownPage(parts, async (_request, reply, { context, person, session }) => {
    await signOut(context, person, { except: session });
    return reply.redirect(`${base}/account`, 303);
  }));
  app.post('/account/sign-out', ownPage(parts, async (_request, reply, { context, person, session }) => {
    await signOut(context, person, { only: session });
    return dropSessionCookie(reply, services).redirect(`${base}/sign-in`, 303);
  }));
}
