/** The companies that somebody looked at last, in their own browser (X2, "historielijst"): ids alone, which are looked up as the visitor sees them. */
import { organisationsOf, type Organisation } from '../../accounts/organisations.ts';
import { isSecure } from '../pages/frame.ts';
import type { Visit } from './visit.ts';

const MOST = 8;
const SECONDS = 90 * 86_400;
const cookieOf = ({ parts: { services } }: Visit) => (isSecure(services) ? '__Host-recent' : 'recent');

/** The visitor's id comes first: who signs in at the same browser next begins anew. */
function idsIn(visit: Visit): readonly string[] {
  const [owner, ...ids] = (visit.request.cookies[cookieOf(visit)] ?? '').split('.');
  return owner === visit.person ? ids.filter((id) => /^[\w-]{1,64}$/.test(id)).slice(0, MOST) : [];
}

export function rememberCompany(visit: Visit, id: string): void {
  const ids = [id, ...idsIn(visit).filter((one) => one !== id)].slice(0, MOST);
  visit.reply.setCookie(cookieOf(visit), [visit.person, ...ids].join('.'), { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(visit.parts.services), maxAge: SECONDS });
}

export const recentCompanies = (visit: Visit): Promise<readonly Organisation[]> => organisationsOf(visit.context, 'Company', idsIn(visit));
