/** Whom and what a change of policies would touch at once, for who is about to make it: S7, J7, J10, L6. */
import { policyOf, type Policy } from '../policy.ts';
import type { Context } from '../resources/context.ts';
import { countFailures, countOlder, countPasswordsSet } from '../store/policy-counts.ts';
import { DAY_MS } from '../time.ts';
import { countLeavingUnder } from './leavers.ts';

/** Each a number of people, but the last one. */
export interface PolicyEffects {
  /** Must renew their password at the next sign-in, and did not have to before. */
  readonly expire: number;
  /** The same from tomorrow on, beyond those. */
  readonly expireSoon: number;
  /** Have used up the attempts that are left. */
  readonly locked: number;
  /** Lose their access with the next look at the dates. */
  readonly leave: number;
  /** Were hidden, and are erased for good. */
  readonly erase: number;
  /** Entries of the logs that are dropped for their age. */
  readonly forget: number;
}

export async function policyEffects(context: Context, change: Partial<Policy>): Promise<PolicyEffects> {
  const { scope, tenant: { policy }, now } = context;
  const next = policyOf({ ...policy, ...change });
  const before = (days: number) => new Date(now().getTime() - days * DAY_MS);
  const isStricter = next.passwordDays > 0 && (policy.passwordDays === 0 || next.passwordDays < policy.passwordDays);
  const earlier = policy.passwordDays === 0 ? undefined : before(policy.passwordDays);
  // What is older than the rule so far allows is on its way out already.
  const older = (collection: Parameters<typeof countOlder>[1], name: 'hiddenDays' | 'auditDays' | 'provisioningLogDays') =>
    (next[name] < policy[name] ? countOlder(scope, collection, { after: before(policy[name]), until: before(next[name]) }) : 0);
  const [expire, expireSoon, locked, leave, erase, audit, provisioning] = await Promise.all([
    isStricter ? countPasswordsSet(scope, { after: earlier, until: before(next.passwordDays) }) : 0,
    isStricter ? countPasswordsSet(scope, { after: before(next.passwordDays), until: before(next.passwordDays - 1) }) : 0,
    next.lockoutAttempts < policy.lockoutAttempts ? countFailures(scope, { from: next.lockoutAttempts, below: policy.lockoutAttempts }) : 0,
    next.leaveDay === policy.leaveDay ? 0 : countLeavingUnder(context, next),
    older('hidden', 'hiddenDays'), older('audit', 'auditDays'), older('provisioning', 'provisioningLogDays'),
  ]);
  return { expire, expireSoon, locked, leave, erase, forget: audit + provisioning };
}
