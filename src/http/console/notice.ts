/** What a form did, told on the page that follows it. Lives in a cookie between the two, so that a page that is opened again does not tell it again. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../services.ts';
import { isSecure } from '../pages/frame.ts';

/** Each has a text, `console.done.NAME`. */
export const NOTICES = [
  'saved', 'created', 'invited', 'invitedAgain', 'withdrawn', 'unlocked', 'passwordSet', 'addressAsked', 'addressChanged', 'deactivated', 'reactivated', 'leaveDateSet', 'leaveDateCleared', 'erased', 'secondFactorDropped', 'moved', 'nothing', 'deleted', 'removed', 'closed', 'joined', 'opened', 'unregistered', 'loginRemoved',
  'importBegun', 'importCancelled', 'importDeleted', 'matchAdopted', 'matchRefused', 'merged', 'restored',
] as const;
export type NoticeName = (typeof NOTICES)[number];

export interface Notice {
  readonly name: NoticeName;
  /** Whom it is about. */
  readonly about: string;
}

const cookieOf = (services: Services) => (isSecure(services) ? '__Host-notice' : 'notice');
const MOST = 200;

export function leaveNotice(reply: FastifyReply, services: Services, { name, about }: Notice): FastifyReply {
  const value = JSON.stringify([name, Array.from(about).slice(0, MOST).join('')]);
  return reply.setCookie(cookieOf(services), value, { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(services), maxAge: 60 });
}

export function takeNotice(request: FastifyRequest, reply: FastifyReply, services: Services): Notice | undefined {
  const value = request.cookies[cookieOf(services)];
  if (value === undefined || request.method !== 'GET') return undefined;
  reply.clearCookie(cookieOf(services), { path: '/', secure: isSecure(services) });
  return readNotice(value);
}

/** A browser may send whatever it likes. */
function readNotice(value: string): Notice | undefined {
  try {
    const read: unknown = JSON.parse(value);
    const [given, about] = Array.isArray(read) ? read.map(String) : [];
    const name = NOTICES.find((one) => one === given);
    return name && { name, about: about ?? '' };
  } catch {
    return undefined;
  }
}
