/** What people do for themselves without a page: sign in, ask for a new password, see and end their sessions. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { confirmAddress } from '../../accounts/address-change.ts';
import { choosePassword } from '../../accounts/choose-password.ts';
import { atPortal, getPortal } from '../../accounts/portals.ts';
import { recover } from '../../accounts/recover.ts';
import { checkCode } from '../../accounts/second-factor.ts';
import { endSessions, listSessions, signOut } from '../../accounts/sessions.ts';
import type { Begun } from '../../accounts/sign-in.ts';
import { checkAudience } from '../../accounts/sign-in-audience.ts';
import { invalidValue, notFound, ScimError } from '../../errors.ts';
import type { LinkPurpose } from '../../store/account-documents.ts';
import { listMails } from '../../store/outbox.ts';
import { enter, enterByStep, openLink, personOf, throttleCodes, throttleRecovery, tenantContext, setSessionCookie, dropSessionCookie } from '../people.ts';
import { endTokens, refreshTokens, tokensOf } from '../person-tokens.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { bodyOf, pathParameter } from './calls.ts';

export function personRoutes(app: FastifyInstance, services: Services): void {
  /** With tokens for an application, or the cookie of our own pages. */
  const letIn = async (reply: FastifyReply, { session, document }: Begun): Promise<FastifyReply> =>
    document.tokens ? reply.send({ next: 'none', ...(await tokensOf(services, document, document.tokens.audience, session)) }) : setSessionCookie(reply, services, session).send({ next: 'none' });

  path(app, '/sign-in', {
    POST: async (request, reply) => {
      const { name, password, tenant, portal, audience } = bodyOf(request, { name: 'text', password: 'text', tenant: 'text', portal: 'text', audience: 'text' });
      if (name === undefined || password === undefined) throw invalidValue('name and password are needed.');
      const context = await tenantContext(request, services, tenant);
      if (audience !== undefined) checkAudience(context, audience, portal);
      const entered = await enter(request, services, context, { name, password, portal, audience });
      if (entered.kind === 'refused') throw new ScimError(401, 'The name or the password is wrong, or the account cannot be used.', { headers: { 'www-authenticate': 'Session realm="account"' } });
      if (entered.kind !== 'in') return reply.send({ next: entered.kind, token: entered.token });
      return letIn(reply, entered);
    },
  }, { public: true, takesBody: true });

  path(app, '/refresh', { POST: async (request) => refreshTokens(request, services, refreshTokenIn(request)) }, { public: true, takesBody: true });
  path(app, '/sign-out', {
    POST: async (request, reply) => {
      await endTokens(request, services, refreshTokenIn(request));
      return reply.code(204).send();
    },
  }, { public: true, takesBody: true });

  // The same answer for everybody: who is known is for the mailbox to tell.
  path(app, '/recover', {
    POST: async (request, reply) => {
      const { name, tenant, portal } = bodyOf(request, { name: 'text', tenant: 'text', portal: 'text' });
      if (name === undefined) throw invalidValue('name is needed.');
      const context = await tenantContext(request, services, tenant);
      throttleRecovery(request, services, context);
      const place = portal === undefined ? undefined : await getPortal(context, portal);
      recover(place ? atPortal(context, place) : context, name, portal);
      return reply.code(202).send({ message: 'If there is such an account, a mail is on its way.' });
    },
  }, { public: true, takesBody: true });

  // Activation, recovery and renewal: what a link or a step stands for decides which.
  path(app, '/password', {
    POST: async (request, reply) => {
      const { token, password } = bodyOf(request, { token: 'text', password: 'text' });
      if (token === undefined || password === undefined) throw invalidValue('token and password are needed.');
      const opened = await openLink(request, services, token, ['activate', 'reset', 'renew']);
      if (opened.kind !== 'good') throw goneLink(opened.kind);
      const chosen = await ofLink(request, services, token, opened.link.purpose, choosePassword(opened.context, opened.link, password));
      if (chosen.kind === 'broken') return reply.code(400).send({ broken: chosen.rules });
      return reply.send({ unlocked: chosen.unlocked });
    },
  }, { public: true, takesBody: true });

  path(app, '/second-factor', {
    POST: async (request, reply) => {
      const { token, code } = bodyOf(request, { token: 'text', code: 'text' });
      if (token === undefined || code === undefined) throw invalidValue('token and code are needed.');
      const opened = await openLink(request, services, token, ['secondFactor']);
      if (opened.kind !== 'good') throw goneLink(opened.kind);
      throttleCodes(services, opened.link.person);
      if (!(await checkCode(opened.context, opened.link.person, code))) throw new ScimError(401, 'The code is wrong or was used already.', { headers: { 'www-authenticate': 'Session realm="account"' } });
      const stepped = await enterByStep(request, opened);
      if (stepped.kind === 'refused') throw goneLink('unknown');
      if (stepped.kind === 'renew') return reply.send({ next: 'renew', token: stepped.token });
      return letIn(reply, stepped);
    },
  }, { public: true, takesBody: true });

  path(app, '/confirm-address', {
    POST: async (request, reply) => {
      const { token } = bodyOf(request, { token: 'text' });
      const opened = await openLink(request, services, token ?? '', ['confirmAddress']);
      if (opened.kind !== 'good') throw goneLink(opened.kind);
      await ofLink(request, services, token ?? '', opened.link.purpose, confirmAddress(opened.context, opened.link));
      return reply.code(204).send();
    },
  }, { public: true, takesBody: true });

  path(app, '/sessions', {
    GET: async (request) => {
      const { context, person, session } = await personOf(request, services);
      const sessions = await listSessions(context, person);
      return { sessions: sessions.map(({ _id, agent, created, lastSeen, tokens }) => ({ id: _id, agent, ...(tokens ? { application: tokens.audience } : {}), created, lastSeen, current: _id === session })) };
    },
    DELETE: async (request, reply) => {
      const { context, person } = await personOf(request, services);
      await signOut(context, person);
      return dropSessionCookie(reply, services).code(204).send();
    },
  }, { public: true });
  path(app, '/sessions/:id', {
    DELETE: async (request, reply) => {
      const { context, person } = await personOf(request, services);
      if (!(await endSessions(context.scope, person, { only: pathParameter(request, 'id') }))) throw notFound('Session');
      return reply.code(204).send();
    },
  }, { public: true });

  const { smtpUrl, mongodbUri, publicUrl } = services.config;
  if (smtpUrl === undefined && mongodbUri === undefined && isLoopback(new URL(publicUrl).hostname)) mailbox(app, services);
}

function refreshTokenIn(request: FastifyRequest): string {
  const { refreshToken } = bodyOf(request, { refreshToken: 'text' });
  if (refreshToken === undefined) throw invalidValue('refreshToken is needed.');
  return refreshToken;
}

const isLoopback = (host: string) => ['localhost', '127.0.0.1', '::1', '[::1]', '::ffff:127.0.0.1'].includes(host);

/** Whoever was slower with the same link is told what has become of it. */
async function ofLink<T>(request: FastifyRequest, services: Services, token: string, purpose: LinkPurpose, use: Promise<T>): Promise<T> {
  try {
    return await use;
  } catch (error) {
    const now = error instanceof ScimError && error.status === 409 ? await openLink(request, services, token, [purpose]) : undefined;
    throw now && now.kind !== 'good' ? goneLink(now.kind) : error;
  }
}

const goneLink = (kind: 'unknown' | 'used' | 'expired') => new ScimError(410, { unknown: 'The link is not valid.', used: 'The link has been used.', expired: 'The link has expired: ask for a new one.' }[kind]);

/** Where no mail server is set and nothing but this machine can reach the server, mail is read here. */
function mailbox(app: FastifyInstance, services: Services): void {
  // A proxy on this machine speaks for somebody else: whose word is forwarded is not local.
  const isLocal = ({ socket, headers }: FastifyRequest) => isLoopback(socket.remoteAddress ?? '') && headers['x-forwarded-for'] === undefined && headers.forwarded === undefined;
  path(app, '/dev/mailbox', {
    GET: async (request) => {
      if (!isLocal(request)) throw notFound('Path');
      const context = await tenantContext(request, services, undefined);
      const mails = await listMails(context.scope);
      return { mails: mails.map(({ kind, to, subject, text, html, created, state }) => ({ kind, to, subject, text, html, created, state })) };
    },
  }, { public: true });
}
