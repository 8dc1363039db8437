/** `/sign-in` and `/forgot` (J7, S6, J9). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { recover } from '../../accounts/recover.ts';
import { ScimError } from '../../errors.ts';
import type { Context } from '../../resources/context.ts';
import { enter, setSessionCookie, tenantContext, throttleRecovery } from '../people.ts';
import { checkForm, fieldOf, frameOf, localPath, queryOf, sendPage, setStep, type PageParts } from './frame.ts';
import { forgot, forgotSent, signIn, type SignInProps } from './views/sign-in.tsx';

/** Where each step between password and session goes on. */
const STEPS = { renew: '/renew', secondFactor: '/second-factor', enrol: '/enrol' } as const;

export function signInPages(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;

  const show = (request: FastifyRequest, reply: FastifyReply, context: Context, given: Pick<SignInProps, 'name' | 'next'> & Partial<Pick<SignInProps, 'error'>>, status = 200) =>
    sendPage(reply, signIn({ page: frameOf(request, reply, parts, context.tenant), action: `${base}/sign-in`, forgotAddress: `${base}/forgot`, ...given }), status);

  app.get('/sign-in', async (request, reply) => show(request, reply, await tenantContext(request, services, undefined), { name: '', next: queryOf(request, 'next') ?? '' }));

  app.post('/sign-in', async (request, reply) => {
    checkForm(request, services);
    const context = await tenantContext(request, services, undefined);
    const [name, next] = [fieldOf(request, 'name'), fieldOf(request, 'next')];
    try {
      const entered = await enter(request, services, context, name, fieldOf(request, 'password'));
      if (entered.kind === 'refused') return await show(request, reply, context, { name, next, error: 'refused' }, 401);
      if (entered.kind === 'in') return await setSessionCookie(reply, services, entered.session).redirect(localPath(next, base), 303);
      return await setStep(reply, services, entered.token).redirect(`${base}${STEPS[entered.kind]}`, 303);
    } catch (error) {
      if (!(error instanceof ScimError) || error.status !== 429) throw error;
      return show(request, reply.headers(error.headers), context, { name, next, error: 'throttled' }, 429);
    }
  });

  app.get('/forgot', async (request, reply) => {
    const { tenant } = await tenantContext(request, services, undefined);
    return sendPage(reply, forgot({ page: frameOf(request, reply, parts, tenant), action: `${base}/forgot`, name: '' }));
  });

  app.post('/forgot', async (request, reply) => {
    checkForm(request, services);
    const context = await tenantContext(request, services, undefined);
    throttleRecovery(request, services, context);
    recover(context, fieldOf(request, 'name'));
    return sendPage(reply, forgotSent({ page: frameOf(request, reply, parts, context.tenant), signInAddress: `${base}/sign-in` }));
  });
}
