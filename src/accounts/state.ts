/**
 * What can happen to a login, from which status, and what follows: one table for every route (workflows.md, S and J rows and "Combinations").
 * A SCIM request, a page, the console and the worker all come here; there is no second way to deactivate somebody.
 */
import { conflict, type ScimError } from '../errors.ts';
import { statusOf, type Facts, type SignInMethod, type Status } from './facts.ts';

export type Event =
  | { readonly kind: 'invite' | 'inviteAgain'; readonly at: string; readonly until: string }
  | { readonly kind: 'withdraw' | 'deactivate' | 'reactivate' | 'unlock' }
  /** The leave date has come, the first day has come, or the first day is to be waited for. */
  | { readonly kind: 'leave' | 'hire' | 'waitForHire' | 'cancelHire' }
  | { readonly kind: 'changeDates'; readonly hireDate: string | undefined; readonly leaveDate: string | undefined }
  /** The password is chosen by its owner: by an invitation's link, a recovery's link, or at a renewal; the first one of a portal user by a recovery too (P5). */
  | { readonly kind: 'activate' | 'renew' | 'firstPassword'; readonly at: string }
  | { readonly kind: 'recover'; readonly at: string; readonly unlocks: boolean }
  /** By an administrator (J8), or by a client that syncs passwords (L7). */
  | { readonly kind: 'setPassword' | 'syncPassword'; readonly at: string; readonly mustChange: boolean }
  | { readonly kind: 'lock'; readonly at: string }
  /** The person signs in another way from now on. */
  | { readonly kind: 'changeMethod'; readonly to: SignInMethod }
  | { readonly kind: 'enrolSecondFactor' | 'dropSecondFactor' | 'changeAddress' };

export type EventKind = Event['kind'];

interface Rule {
  readonly from: readonly Status[];
  /** Whether somebody who signs in elsewhere is refused: nothing about passwords applies to them. */
  readonly needsPassword: boolean;
  /** Whether sessions, links and challenges end (never by a lock: a stranger's guesses must not throw anyone out). */
  readonly endsAll: boolean;
  /** Why not, by status. */
  readonly why: Partial<Record<Status, string>>;
}

const ANY: readonly Status[] = ['deactivated', 'invited', 'locked', 'active', 'none'];
const DEACTIVATED = 'The account is deactivated: reactivate it first.';
const CONFIRMED = 'The account is confirmed already.';
const NO_ACCOUNT = 'The person has no account: invite them first.';

export const RULES: Readonly<Record<EventKind, Rule>> = {
  invite: { from: ['none'], needsPassword: false, endsAll: true, why: { deactivated: DEACTIVATED, invited: 'The person is invited already: send the invitation again.', locked: CONFIRMED, active: CONFIRMED } },
  inviteAgain: { from: ['invited'], needsPassword: false, endsAll: true, why: { deactivated: DEACTIVATED, locked: CONFIRMED, active: CONFIRMED, none: NO_ACCOUNT } },
  withdraw: { from: ['invited', 'active', 'locked'], needsPassword: false, endsAll: true, why: { deactivated: DEACTIVATED, none: NO_ACCOUNT } },
  activate: { from: ['invited'], needsPassword: true, endsAll: true, why: { deactivated: DEACTIVATED, locked: CONFIRMED, active: CONFIRMED, none: NO_ACCOUNT } },
  firstPassword: { from: ['none'], needsPassword: true, endsAll: true, why: { deactivated: DEACTIVATED, invited: 'The account is not confirmed yet.', locked: CONFIRMED, active: CONFIRMED } },
  recover: { from: ['active', 'locked'], needsPassword: true, endsAll: true, why: { deactivated: DEACTIVATED, invited: 'The account is not confirmed yet.', none: NO_ACCOUNT } },
  renew: { from: ['active'], needsPassword: true, endsAll: true, why: { deactivated: DEACTIVATED, locked: 'The account is locked.', none: NO_ACCOUNT } },
  setPassword: { from: ['active', 'locked', 'invited', 'none'], needsPassword: true, endsAll: true, why: { deactivated: DEACTIVATED } },
  syncPassword: { from: ANY, needsPassword: false, endsAll: true, why: {} },
  lock: { from: ['active'], needsPassword: true, endsAll: false, why: {} },
  unlock: { from: ['locked'], needsPassword: true, endsAll: false, why: { deactivated: DEACTIVATED, invited: 'The account is not locked.', active: 'The account is not locked.', none: NO_ACCOUNT } },
  deactivate: { from: ['invited', 'locked', 'active', 'none'], needsPassword: false, endsAll: true, why: { deactivated: 'The account is deactivated already.' } },
  leave: { from: ['invited', 'locked', 'active', 'none'], needsPassword: false, endsAll: true, why: { deactivated: 'The account is deactivated already.' } },
  hire: { from: ['deactivated'], needsPassword: false, endsAll: false, why: {} },
  waitForHire: { from: ANY, needsPassword: false, endsAll: true, why: {} },
  cancelHire: { from: ANY, needsPassword: false, endsAll: true, why: {} },
  changeDates: { from: ANY, needsPassword: false, endsAll: false, why: {} },
  reactivate: { from: ['deactivated'], needsPassword: false, endsAll: false, why: { invited: 'The account is not deactivated.', locked: 'The account is not deactivated.', active: 'The account is not deactivated.', none: 'The account is not deactivated.' } },
  changeMethod: { from: ANY, needsPassword: false, endsAll: true, why: {} },
  changeAddress: { from: ANY, needsPassword: false, endsAll: true, why: {} },
  enrolSecondFactor: { from: ['active'], needsPassword: true, endsAll: false, why: { deactivated: DEACTIVATED } },
  dropSecondFactor: { from: ['active', 'locked', 'deactivated'], needsPassword: true, endsAll: true, why: {} },
};

const ELSEWHERE = 'The person signs in at their own organisation: nothing about passwords applies here.';

/** @returns undefined where it may happen */
export function whyNot(facts: Facts, kind: EventKind): string | undefined {
  const { from, needsPassword, why } = RULES[kind];
  const status = statusOf(facts);
  if (facts.signInMethod === 'sso' && (needsPassword || kind === 'invite' || kind === 'inviteAgain')) return ELSEWHERE;
  return from.includes(status) ? undefined : (why[status] ?? 'That is not possible now.');
}

/** @returns the facts afterwards, and whether what was given out before ends. @throws ScimError 409 with the reason */
export function happen(facts: Facts, event: Event): { readonly facts: Facts; readonly endsAll: boolean } {
  const reason = whyNot(facts, event.kind);
  if (reason !== undefined) throw refusal(reason);
  return { facts: after(facts, event), endsAll: RULES[event.kind].endsAll };
}

const refusal = (reason: string): ScimError => conflict(reason);

function after(facts: Facts, event: Event): Facts {
  switch (event.kind) {
    case 'invite':
    case 'inviteAgain':
      return { ...facts, signInMethod: 'password', invitation: { sentAt: event.at, expiresAt: event.until } };
    case 'withdraw':
      return withoutLogin(facts, 'none');
    case 'changeMethod':
      return withoutLogin(facts, event.to);
    case 'activate':
      return { ...withPassword(facts, event.at), invitation: undefined };
    case 'firstPassword':
      return { ...withPassword(facts, event.at), signInMethod: 'password' };
    case 'renew':
      return withPassword(facts, event.at);
    case 'recover':
      return { ...withPassword(facts, event.at), lockedAt: event.unlocks ? undefined : facts.lockedAt };
    case 'setPassword':
    case 'syncPassword':
      return { ...withPassword(facts, event.at), signInMethod: 'password', invitation: undefined, mustChangePassword: event.mustChange };
    case 'lock':
      return { ...facts, lockedAt: event.at };
    case 'unlock':
      return { ...facts, lockedAt: undefined };
    case 'deactivate':
    case 'leave':
      return { ...facts, active: false };
    case 'reactivate':
      return { ...facts, active: true, dates: { ...facts.dates, leaveDate: undefined, leavesAt: undefined, hiresAt: undefined } };
    case 'waitForHire':
      // The instant is worked out with the others, from the day and the time zone.
      return { ...facts, active: false, dates: { ...facts.dates, hiresAt: facts.dates.hireDate } };
    case 'hire':
      return { ...facts, active: true, dates: { ...facts.dates, hiresAt: undefined } };
    case 'cancelHire':
      return { ...facts, active: false, dates: { ...facts.dates, hiresAt: undefined } };
    case 'changeDates':
      return { ...facts, dates: { ...facts.dates, hireDate: event.hireDate, leaveDate: event.leaveDate } };
    case 'enrolSecondFactor':
      return { ...facts, twoFactorEnrolled: true };
    case 'dropSecondFactor':
      return { ...facts, twoFactorEnrolled: false };
    case 'changeAddress':
      return facts;
  }
}

const withoutLogin = (facts: Facts, signInMethod: SignInMethod): Facts =>
  ({ ...facts, signInMethod, invitation: undefined, activatedAt: undefined, lockedAt: undefined, passwordChangedAt: undefined, mustChangePassword: false, twoFactorEnrolled: false });

const withPassword = (facts: Facts, at: string): Facts => ({ ...facts, activatedAt: facts.activatedAt ?? at, passwordChangedAt: at, mustChangePassword: false });
