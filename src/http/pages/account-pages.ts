/** `/account`: what somebody sees and does about their own login. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf, factsOf, nameOf, userNameOf } from '../../accounts/facts.ts';
import { endSessions, listSessions } from '../../accounts/sessions.ts';
import { userType } from '../../accounts/verbs.ts';
import type { StoredResource } from '../../store/codec.ts';
import { findById } from '../../store/resources.ts';
import { dropSessionCookie, findPerson, type SignedInPerson } from '../people.ts';
import { checkForm, fieldOf, frameOf, sendPage, type PageParts } from './frame.ts';
import { account } from './views/account.tsx';

type Own = SignedInPerson & { readonly stored: StoredResource };

export function accountPages(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;

  const own = (act: (request: FastifyRequest, reply: FastifyReply, own: Own) => Promise<FastifyReply>) => async (request: FastifyRequest, reply: FastifyReply) => {
    if (request.method === 'POST') checkForm(request, services);
    const found = await findPerson(request, services);
    const stored = found && (await findById(found.context.scope, userType(found.context), found.person));
    return found && stored ? act(request, reply, { ...found, stored }) : reply.redirect(`${base}/sign-in?next=/account`, 303);
  };

  app.get('/account', own(async (request, reply, { context, person, session, stored: { attributes } }) => {
    const sessions = await listSessions(context.scope, person, services.now());
    const facts = factsOf(attributes);
    const { timezone } = attributes;
    return sendPage(reply, account({
      page: frameOf(request, reply, parts, context.tenant, attributes),
      name: nameOf(attributes), userName: userNameOf(attributes), address: addressOf(attributes) ?? '',
      sessions: sessions.map(({ _id, agent, created, lastSeen }) => ({ id: _id, agent, created, lastSeen, current: _id === session })),
      timeZone: typeof timezone === 'string' ? timezone : context.tenant.policy.timeZone,
      endAction: `${base}/account/end-session`, endAllAction: `${base}/account/end-all`, signOutAction: `${base}/account/sign-out`,
      ...(facts.signInMethod === 'password' ? { changePasswordAddress: `${base}/forgot` } : {}),
    }));
  }));

  app.post('/account/end-session', own(async (request, reply, { context, person }) => {
    const id = fieldOf(request, 'session');
    if (id !== '') await endSessions(context.scope, person, id);
    return reply.redirect(`${base}/account`, 303);
  }));
  app.post('/account/end-all', own(async (_request, reply, { context, person }) => {
    await endSessions(context.scope, person);
    return dropSessionCookie(reply, services).redirect(`${base}/sign-in`, 303);
  }));
  app.post('/account/sign-out', own(async (_request, reply, { context, person, session }) => {
    await endSessions(context.scope, person, session);
    return dropSessionCookie(reply, services).redirect(`${base}/sign-in`, 303);
  }));
}
