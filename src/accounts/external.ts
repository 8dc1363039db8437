/**
 * External users: X3 to X5. The contact person of a company is registered with a user id, a password, one role and a login that is active or
 * not, all in one commit. "Remove as external user" ends the registration, "remove login" only switches it off: they end different things.
 */
import { insufficientScope, invalidValue, quote } from '../errors.ts';
import { covers } from '../rights.ts';
import type { Change } from '../resources/behaviours.ts';
import type { Context } from '../resources/context.ts';
import type { Attributes } from '../scim/schema.ts';
import { EXTERNAL_EXTENSION } from '../scim/urns.ts';
import { populationsSeen, type Audience, type Limitable } from '../store/audience.ts';
import type { LimitableRight } from '../store/managed.ts';
import type { SessionsOf } from '../store/change-set.ts';
import { findNamed } from '../store/named.ts';
import { complexAt, textAt, withExtension } from './attributes.ts';

export interface External {
  /** The id of the Company. */
  readonly company: string | undefined;
  readonly registered: boolean;
  readonly loginEnabled: boolean;
  readonly role: string | undefined;
}

export function externalOf(attributes: Attributes): External {
  const external = complexAt(attributes, EXTERNAL_EXTENSION);
  return {
    company: textAt(complexAt(external, 'company'), 'value'),
    registered: external['registered'] === true,
    loginEnabled: external['loginEnabled'] === true,
    role: textAt(external, 'role'),
  };
}

export interface Settled {
  readonly attributes: Attributes;
  readonly audience?: Audience;
  readonly ends?: readonly SessionsOf[];
  /** The last way in by this entry is gone. */
  readonly leaves?: boolean;
  /** What a new entry needs so that somebody can use it. */
  readonly needsPassword?: boolean;
}

const path = (name: string) => `${EXTERNAL_EXTENSION}:${name}`;

/** @throws ScimError 400 invalidValue for a company that does not exist, or a role or login of somebody who is not registered */
export async function settleExternal(context: Context, change: Change): Promise<Settled> {
  const { before: stored, after, id } = change;
  if (after[EXTERNAL_EXTENSION] === undefined && stored?.attributes[EXTERNAL_EXTENSION] === undefined) return { attributes: after };
  const before = externalOf(stored?.attributes ?? {});
  const company = await companyOf(context, change);
  const asked = complexAt(after, EXTERNAL_EXTENSION);
  const { registered, role } = externalOf(after);
  const leaves = before.registered && !registered;
  // X4 takes role and login along, whatever a client repeats of them.
  const loginEnabled = registered && asked['loginEnabled'] !== false;
  if (!registered && !leaves && (asked['loginEnabled'] === true || role !== undefined)) throw invalidValue(`${path('registered')} must be true before there is a login or a role.`);
  if (registered !== before.registered || (registered && (loginEnabled !== before.loginEnabled || role !== before.role))) checkManages(context, 'external', 'externalUsers.manage');
  const audience = audienceAfter(context, stored?.audience, before, registered);
  return {
    attributes: withExtension(after, EXTERNAL_EXTENSION, {
      company: company === undefined ? undefined : { value: company }, companyId: company,
      ...(registered ? { registered, loginEnabled, role } : {}),
    }),
    ...(audience ? { audience } : {}),
    ...(before.loginEnabled && !loginEnabled ? { ends: [{ person: id, kind: 'external' as const }] } : {}),
    leaves,
    needsPassword: registered && !before.registered,
  };
}

/** A contact who is registered is an external user, and a contact again afterwards (X4); an employee who is one as well stays an employee. */
function audienceAfter({ scope }: Context, audience: string | undefined, before: External, registered: boolean): Audience | undefined {
  if (registered && !before.registered && (audience === undefined || audience === 'contact')) return 'external';
  if (!registered && before.registered && audience === 'external') return 'contact';
  // Nobody makes a person whom they cannot see.
  return audience === undefined && populationsSeen(scope, ['contact']).length > 0 ? 'contact' : undefined;
}

/** X1: who is an external user or signs in at a portal is decided by who manages those, or was given that population (docs/decisions.md). @throws ScimError 403 */
export function checkManages({ scope, principal }: Context, population: Limitable, right: LimitableRight): void {
  if (populationsSeen(scope, [population]).length === 0 && !covers(principal.scopes, 'users.manage')) throw insufficientScope(right);
}

/** `company.value` and `companyId` say the same: what a client changes is what counts. @returns the id of the Company */
async function companyOf({ scope, principal }: Context, { before: stored, after, named }: Change): Promise<string | undefined> {
  const [old, asked] = [complexAt(stored?.attributes ?? {}, EXTERNAL_EXTENSION), complexAt(after, EXTERNAL_EXTENSION)];
  const [before, value, flat] = [textAt(complexAt(old, 'company'), 'value'), textAt(complexAt(asked, 'company'), 'value'), textAt(asked, 'companyId')];
  // Leaving one of the two out says nothing, unless a PATCH takes it away by its name.
  const changes = (given: string | undefined, name: string) => given !== before && (given !== undefined || named.has(path(name)));
  const [valueChanges, flatChanges] = [changes(value, 'company'), changes(flat, 'companyId')];
  if (valueChanges && flatChanges && value !== flat) throw invalidValue(`${path('companyId')} and ${path('company')} name different companies.`);
  const wanted = valueChanges ? value : flatChanges ? flat : (value ?? flat);
  if (wanted === undefined || wanted === before) return wanted;
  const found = await findNamed(scope, scope.store.registry.type('Company'), wanted, principal.client);
  if (!found) throw invalidValue(`${path(wanted === flat ? 'companyId' : 'company.value')}: there is no company with the id or externalId ${quote(wanted)}.`);
  return found.id;
}
