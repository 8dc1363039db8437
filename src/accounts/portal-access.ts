/** Portal users: P1 to P4. Each access is to one portal for one customer and has its own switch, and there is one switch over all of them. */
import { invalidValue, quote } from '../errors.ts';
import type { Change } from '../resources/behaviours.ts';
import type { Context } from '../resources/context.ts';
import { equalValues } from '../scim/equal.ts';
import { isComplex, isList, type Attributes, type ResourceType } from '../scim/schema.ts';
import { PORTAL_EXTENSION } from '../scim/urns.ts';
import type { Reference } from '../store/change-set.ts';
import { findNamed } from '../store/named.ts';
import { complexAt, textAt, withExtension } from './attributes.ts';
import { checkManages, type Settled } from './external.ts';

export interface Access {
  /** The id of the Portal. */
  readonly portal: string;
  /** The id of the Company. */
  readonly customer: string;
  readonly enabled: boolean;
}

/** Those of an access whose switch, or the one over all, is off are there too. */
export function accessOf(attributes: Attributes): readonly Access[] {
  const portals = complexAt(attributes, PORTAL_EXTENSION);
  const access = portals['access'];
  return (isList(access) ? access.filter(isComplex) : []).map((one) => ({ portal: textAt(one, 'portal') ?? '', customer: textAt(one, 'customer') ?? '', enabled: one['enabled'] !== false }));
}

/** What the person's own switches leave on. */
export const openAccess = (attributes: Attributes): readonly Access[] =>
  complexAt(attributes, PORTAL_EXTENSION)['enabled'] === false ? [] : accessOf(attributes).filter(({ enabled }) => enabled);

const path = (name: string) => `${PORTAL_EXTENSION}:${name}`;

export interface SettledPortals extends Settled {
  readonly references: readonly Reference[];
}

/** @throws ScimError 400 invalidValue: P1, neither portal nor customer may be missing or unknown */
export async function settlePortals(context: Context, { before: stored, after, id }: Change): Promise<SettledPortals> {
  const before = stored?.attributes ?? {};
  if (after[PORTAL_EXTENSION] === undefined && before[PORTAL_EXTENSION] === undefined) return { attributes: after, references: [] };
  const { registry } = context.scope.store;
  const [Portal, Company] = [registry.type('Portal'), registry.type('Company')];
  const held = accessOf(before);
  const access: Access[] = [];
  for (const one of accessOf(after)) {
    const portal = await existing(context, Portal, 'portal', one.portal, held.map((other) => other.portal));
    const customer = await existing(context, Company, 'customer', one.customer, held.map((other) => other.customer));
    if (access.some((other) => other.portal === portal && other.customer === customer)) throw invalidValue(`${path('access')} names the same portal and customer twice.`);
    access.push({ portal, customer, enabled: one.enabled });
  }
  const enabled = complexAt(after, PORTAL_EXTENSION)['enabled'];
  const attributes = withExtension(after, PORTAL_EXTENSION, {
    ...(typeof enabled === 'boolean' ? { enabled } : {}),
    access: access.length === 0 ? undefined : access.map(({ portal, customer, enabled: on }) => ({ portal, customer, enabled: on })),
  });
  if (!equalValues(attributes[PORTAL_EXTENSION], before[PORTAL_EXTENSION])) checkManages(context, 'portal', 'portalUsers.manage');
  const open = openAccess(attributes);
  const closed = openAccess(before).filter(({ portal, customer }) => !open.some((one) => one.portal === portal && one.customer === customer));
  return {
    attributes,
    ...(access.length > 0 && (stored === undefined || stored.audience === 'contact') ? { audience: 'portal' as const } : {}),
    ends: closed.map(({ portal, customer }) => ({ person: id, kind: 'portal', portal, company: customer })),
    references: access.flatMap(({ portal, customer }) => [
      ...(held.some((other) => other.portal === portal) ? [] : [{ type: Portal, id: portal, name: path('access.portal') }]),
      ...(held.some((other) => other.customer === customer) ? [] : [{ type: Company, id: customer, name: path('access.customer') }]),
    ]),
  };
}

/** @param held ids that were looked up before */
async function existing({ scope, principal }: Context, type: ResourceType, name: string, given: string, held: readonly string[]): Promise<string> {
  if (held.includes(given)) return given;
  const found = given === '' ? undefined : await findNamed(scope, type, given, principal.client);
  if (!found) throw invalidValue(`${path(`access.${name}`)}: there is no ${type.name} with the id or externalId ${quote(given)}.`);
  return found.id;
}
