/**
 * A new token on its way from the form that made it to the page that shows it: sealed, in a cookie that ends with that page or after two minutes.
 * A page that is opened again, from wherever, has nothing to show any more.
 */
import { seal, unseal } from '../../seal.ts';
import { isSecure } from '../pages/frame.ts';
import type { Visit } from './visit.ts';

export interface ShownToken {
  readonly client: string;
  readonly secret: string;
  readonly use: 'bearer' | 'secret';
}

const SECONDS = 120;
const nameOf = ({ parts: { services } }: Visit) => (isSecure(services) ? '__Host-token' : 'token');
/** For one visitor alone. */
const purposeOf = ({ person, context: { scope } }: Visit) => `shown token ${scope.tenant} ${person}`;

export function leaveToken(visit: Visit, token: ShownToken): void {
  const { reply, context, parts: { services } } = visit;
  const until = context.now().getTime() + SECONDS * 1000;
  const value = seal(context.secretKeys, purposeOf(visit), [until, token.client, token.use, token.secret].join(' '));
  reply.setCookie(nameOf(visit), value, { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure(services), maxAge: SECONDS });
}

/** @returns undefined where there is none for this client, or it was shown */
export function takeToken(visit: Visit, client: string): ShownToken | undefined {
  const { request, reply, context, parts: { services } } = visit;
  const value = request.cookies[nameOf(visit)];
  if (value === undefined) return undefined;
  reply.clearCookie(nameOf(visit), { path: '/', secure: isSecure(services) });
  const [until, owner, use, secret] = unseal(context.secretKeys, purposeOf(visit), value)?.split(' ') ?? [];
  if (owner !== client || secret === undefined || Number(until) <= context.now().getTime()) return undefined;
  return { client, secret, use: use === 'secret' ? 'secret' : 'bearer' };
}
