/**
 * The facts about a person's login, as they stand in the extension `rollcallAccount:2.0:User`. Facts are stored, the status is derived from
 * them, and both stand in the resource itself: so a status can be filtered, and a change of it is a new version.
 */
import { isComplex, type Attributes, type Value } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import { complexAt, textAt } from './attributes.ts';

export const SIGN_IN_METHODS = ['none', 'password', 'sso'] as const;
export type SignInMethod = (typeof SIGN_IN_METHODS)[number];
export const STATUSES = ['deactivated', 'invited', 'locked', 'active', 'none'] as const;
export type Status = (typeof STATUSES)[number];

/** Instants are canonical UTC text. */
export interface Facts {
  readonly active: boolean;
  readonly signInMethod: SignInMethod;
  readonly invitation: { readonly sentAt: string; readonly expiresAt: string } | undefined;
  readonly activatedAt: string | undefined;
  readonly lockedAt: string | undefined;
  readonly passwordChangedAt: string | undefined;
  readonly mustChangePassword: boolean;
  readonly twoFactorRequired: boolean;
  readonly twoFactorEnrolled: boolean;
  readonly dates: Dates;
}

/** Days as `YYYY-MM-DD`, and the instants at which they act in the person's time zone (J10, L1). */
export interface Dates {
  readonly hireDate: string | undefined;
  readonly leaveDate: string | undefined;
  /** Only while the person waits for the first day. */
  readonly hiresAt: string | undefined;
  readonly leavesAt: string | undefined;
}

/** workflows.md, "Words": the first that holds. */
export function statusOf({ active, signInMethod, invitation, activatedAt, lockedAt }: Facts): Status {
  if (!active) return 'deactivated';
  if (signInMethod === 'sso') return 'active';
  if (invitation && activatedAt === undefined) return 'invited';
  if (lockedAt !== undefined) return 'locked';
  return activatedAt === undefined ? 'none' : 'active';
}

/** L1: somebody with a first day ahead whose client invites; once invited they are so for good, as whoever is reactivated. */
export const isToBeInvited = ({ signInMethod, invitation, activatedAt }: Facts): boolean => signInMethod === 'password' && invitation === undefined && activatedAt === undefined;

export function factsOf(attributes: Attributes): Facts {
  const account = complexAt(attributes, ACCOUNT_EXTENSION);
  const invitation = complexAt(account, 'invitation');
  const sentAt = textAt(invitation, 'sentAt');
  const expiresAt = textAt(invitation, 'expiresAt');
  return {
    active: attributes['active'] !== false,
    signInMethod: SIGN_IN_METHODS.find((method) => method === account['signInMethod']) ?? 'none',
    invitation: sentAt === undefined || expiresAt === undefined ? undefined : { sentAt, expiresAt },
    activatedAt: textAt(account, 'activatedAt'),
    lockedAt: textAt(account, 'lockedAt'),
    passwordChangedAt: textAt(account, 'passwordChangedAt'),
    mustChangePassword: account['mustChangePassword'] === true,
    twoFactorRequired: account['twoFactorRequired'] === true,
    twoFactorEnrolled: account['twoFactorEnrolled'] === true,
    dates: { hireDate: textAt(account, 'hireDate'), leaveDate: textAt(account, 'leaveDate'), hiresAt: textAt(account, 'hiresAt'), leavesAt: textAt(account, 'leavesAt') },
  };
}

/** The attributes with the facts in them, and the status that follows: everybody has one, so that `status eq "none"` finds all who have no login. */
export function withFacts(attributes: Attributes, facts: Facts): Attributes {
  const { active, signInMethod, invitation, activatedAt, lockedAt, passwordChangedAt, mustChangePassword, twoFactorRequired, twoFactorEnrolled, dates } = facts;
  const others = Object.entries(complexAt(attributes, ACCOUNT_EXTENSION)).filter(([name]) => !DERIVED.has(name));
  const status = statusOf(facts);
  const account: [string, Value | undefined][] = [
    ...others,
    ['signInMethod', signInMethod === 'none' ? undefined : signInMethod],
    ['invitation', invitation && { ...invitation }],
    ['activatedAt', activatedAt],
    ['lockedAt', lockedAt],
    ['locked', lockedAt === undefined ? undefined : true],
    ['passwordChangedAt', passwordChangedAt],
    ['mustChangePassword', mustChangePassword || undefined],
    ['twoFactorRequired', twoFactorRequired || undefined],
    ['twoFactorEnrolled', twoFactorEnrolled || undefined],
    ['hireDate', dates.hireDate],
    ['leaveDate', dates.leaveDate],
    ['hiresAt', dates.hiresAt],
    ['leavesAt', dates.leavesAt],
  ];
  const present = account.filter((entry): entry is [string, Value] => entry[1] !== undefined);
  const rest = Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== ACCOUNT_EXTENSION));
  return { ...rest, ...(attributes['active'] === undefined && active ? {} : { active }), [ACCOUNT_EXTENSION]: { ...Object.fromEntries(present), status } };
}

const DERIVED = new Set(['signInMethod', 'invitation', 'activatedAt', 'lockedAt', 'locked', 'passwordChangedAt', 'mustChangePassword', 'twoFactorRequired', 'twoFactorEnrolled', 'hireDate', 'leaveDate', 'hiresAt', 'leavesAt', 'status']);

/** The one address of a person: the primary one, else the one for work, else the first (S2u). */
export function addressOf({ emails }: Attributes): string | undefined {
  const all = (Array.isArray(emails) ? emails : []).filter(isComplex);
  const chosen = all.find(({ primary }) => primary === true) ?? all.find(({ type }) => type === 'work') ?? all[0];
  return chosen && textAt(chosen, 'value');
}

export const userNameOf = (attributes: Attributes): string => textAt(attributes, 'userName') ?? '';

/** How mails and pages call somebody. */
export function nameOf(attributes: Attributes): string {
  const name = complexAt(attributes, 'name');
  const parts = [textAt(name, 'givenName'), textAt(complexAt(attributes, ACCOUNT_EXTENSION), 'familyNamePrefix'), textAt(name, 'familyName')].filter((part) => part !== undefined && part !== '');
  return textAt(attributes, 'displayName') ?? (parts.length > 0 ? parts.join(' ') : (textAt(name, 'formatted') ?? ''));
}
