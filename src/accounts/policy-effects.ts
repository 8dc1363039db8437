/** Whom a change of policies would touch at once, for who is about to make it: S7, J7. */
import type { Policy } from '../policy.ts';
import type { Context } from '../resources/context.ts';
import { countFailures, countPasswordsSet } from '../store/policy-counts.ts';
import { DAY_MS } from '../time.ts';

export interface PolicyEffects {
  /** Must renew their password at the next sign-in, and did not have to before. */
  readonly expire: number;
  /** The same from tomorrow on, beyond those. */
  readonly expireSoon: number;
  /** Have used up the attempts that are left. */
  readonly locked: number;
}

type Next = Partial<Pick<Policy, 'passwordDays' | 'lockoutAttempts'>>;

export async function policyEffects({ scope, tenant: { policy }, now }: Context, { passwordDays = policy.passwordDays, lockoutAttempts = policy.lockoutAttempts }: Next): Promise<PolicyEffects> {
  const before = (days: number) => new Date(now().getTime() - days * DAY_MS);
  const isStricter = passwordDays > 0 && (policy.passwordDays === 0 || passwordDays < policy.passwordDays);
  const earlier = policy.passwordDays === 0 ? undefined : before(policy.passwordDays);
  const [expire, expireSoon, locked] = await Promise.all([
    isStricter ? countPasswordsSet(scope, { after: earlier, until: before(passwordDays) }) : 0,
    isStricter ? countPasswordsSet(scope, { after: before(passwordDays), until: before(passwordDays - 1) }) : 0,
    lockoutAttempts < policy.lockoutAttempts ? countFailures(scope, { from: lockoutAttempts, below: policy.lockoutAttempts }) : 0,
  ]);
  return { expire, expireSoon, locked };
}
