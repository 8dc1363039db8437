/** `/sign-in` and `/forgot` (J7, S6, J9). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { recover } from '../../accounts/recover.ts';
import { textAt } from '../../accounts/attributes.ts';
import { addressOfPortal, atPortal, getPortal } from '../../accounts/portals.ts';
import { ScimError } from '../../errors.ts';
import type { Context } from '../../resources/context.ts';
import type { StoredResource } from '../../store/codec.ts';
import { enter, setSessionCookie, tenantContext, throttleRecovery } from '../people.ts';
import type { Services } from '../services.ts';
import { checkForm, fieldOf, frameOf, localPath, queryOf, sendPage, setStep, type PageParts } from './frame.ts';
import { forgot, forgotSent, signIn, type SignInProps } from './views/sign-in.tsx';

/** Where each step between password and session goes on. */
const STEPS = { renew: '/renew', secondFactor: '/second-factor', enrol: '/enrol' } as const;

export function signInPages(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;

  const show = (request: FastifyRequest, reply: FastifyReply, { context, portal }: Place, given: Pick<SignInProps, 'name' | 'next'> & Partial<Pick<SignInProps, 'error'>>, status = 200) =>
    sendPage(reply, signIn({ page: frameOf(request, reply, parts, context.tenant), action: atPlace(`${base}/sign-in`, portal), forgotAddress: atPlace(`${base}/forgot`, portal), ...named(portal), ...given }), status);

  app.get('/sign-in', async (request, reply) => show(request, reply, await placeOf(request, services), { name: '', next: queryOf(request, 'next') ?? '' }));

  app.post('/sign-in', async (request, reply) => {
    checkForm(request, services);
    const place = await placeOf(request, services);
    const [name, next] = [fieldOf(request, 'name'), fieldOf(request, 'next')];
    try {
      const entered = await enter(request, services, place.context, { name, password: fieldOf(request, 'password'), portal: place.portal?.id, audience: undefined });
      if (entered.kind === 'refused') return await show(request, reply, place, { name, next, error: 'refused' }, 401);
      if (entered.kind === 'in') return await setSessionCookie(reply, services, entered.session).redirect((place.portal && addressOfPortal(place.portal)) ?? localPath(next, base), 303);
      return await setStep(reply, services, entered.token).redirect(`${base}${STEPS[entered.kind]}`, 303);
    } catch (error) {
      if (!(error instanceof ScimError) || error.status !== 429) throw error;
      return show(request, reply.headers(error.headers), place, { name, next, error: 'throttled' }, 429);
    }
  });

  app.get('/forgot', async (request, reply) => {
    const { context, portal } = await placeOf(request, services);
    return sendPage(reply, forgot({ page: frameOf(request, reply, parts, context.tenant), action: atPlace(`${base}/forgot`, portal), name: '', ...named(portal) }));
  });

  app.post('/forgot', async (request, reply) => {
    checkForm(request, services);
    const { context, portal } = await placeOf(request, services);
    throttleRecovery(request, services, context);
    recover(context, fieldOf(request, 'name'), portal?.id);
    return sendPage(reply, forgotSent({ page: frameOf(request, reply, parts, context.tenant), signInAddress: atPlace(`${base}/sign-in`, portal) }));
  });
}

/** Where somebody signs in: at the organisation itself, or at one of its portals, which is in the address. */
interface Place {
  readonly context: Context;
  readonly portal: StoredResource | undefined;
}

/** @throws ScimError 404 for a portal that is not there or closed */
async function placeOf(request: FastifyRequest, services: Services): Promise<Place> {
  const context = await tenantContext(request, services, undefined);
  const id = queryOf(request, 'portal');
  if (id === undefined) return { context, portal: undefined };
  const portal = await getPortal(context, id);
  return { context: atPortal(context, portal), portal };
}

export const atPlace = (address: string, portal: { readonly id: string } | undefined) => (portal ? `${address}?portal=${encodeURIComponent(portal.id)}` : address);
const named = (portal: StoredResource | undefined) => (portal ? { portal: textAt(portal.attributes, 'displayName') ?? '' } : {});
