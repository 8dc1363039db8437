/** Passwords of accounts: what a new one must be, and what is kept of it. */
import { invalidValue } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import type { Attributes } from '../scim/schema.ts';
import type { AccountWrites } from '../store/change-set.ts';
import type { CredentialDocument } from '../store/account-documents.ts';
import type { TenantScope } from '../store/store.ts';
import { addressOf, nameOf } from './facts.ts';
import { brokenRules, ruleText } from './password-rules.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

export async function credentialOf({ tenant, store }: TenantScope, person: string): Promise<CredentialDocument | undefined> {
  return (await store.collections.credentials.findOne({ _id: person, t: tenant }, { maxTimeMS: store.limits.operationMs })) ?? undefined;
}

/** What the rules compare a password with: words that anybody would try first. */
export const ownWordsOf = ({ tenant }: Pick<Context, 'tenant'>, attributes: Attributes): readonly string[] =>
  [attributes['userName'], addressOf(attributes), nameOf(attributes), tenant.name, tenant.policy.displayName, ...tenant.policy.passwordWords].filter((word) => typeof word === 'string');

/**
 * Checks a password against the tenant's policy and hashes it.
 * @throws ScimError 400 invalidValue naming every rule that it breaks, 503 when too many are waiting
 */
export async function newPassword(context: Pick<Context, 'tenant'>, password: string, attributes: Attributes, credential: CredentialDocument | undefined): Promise<NonNullable<AccountWrites['password']>> {
  const broken = await brokenBy(context, password, attributes, credential);
  if (broken.length > 0) throw invalidValue(`password ${broken.map((rule) => ruleText(rule, context.tenant.policy)).join('; ')}.`);
  return hashed(context, password, credential);
}

/** What is kept of a password that breaks no rule. @throws ScimError 503 when too many are waiting */
export async function hashed(context: Pick<Context, 'tenant'>, password: string, credential: CredentialDocument | undefined): Promise<NonNullable<AccountWrites['password']>> {
  return { hash: await hashPassword(password), earlier: earlierOf(context, credential) };
}

/** The keys of the rules that a password breaks, earlier passwords among them. */
export async function brokenBy({ tenant: { policy, name } }: Pick<Context, 'tenant'>, password: string, attributes: Attributes, credential: CredentialDocument | undefined): Promise<readonly string[]> {
  const broken = brokenRules(password, policy, ownWordsOf({ tenant: { policy, name } }, attributes));
  if (broken.length > 0 || policy.passwordHistory === 0) return broken;
  const hashes = [credential?.hash, ...(credential?.earlier ?? [])].filter((hash) => hash !== undefined).slice(0, policy.passwordHistory);
  for (const hash of hashes) if (await verifyPassword(hash, password)) return ['history'];
  return [];
}

/** As many as the policy looks back, beside the one that is set now. */
function earlierOf({ tenant: { policy } }: Pick<Context, 'tenant'>, credential: CredentialDocument | undefined): readonly string[] {
  const hashes = [credential?.hash, ...(credential?.earlier ?? [])].filter((hash) => hash !== undefined);
  return hashes.slice(0, Math.max(0, policy.passwordHistory - 1));
}
