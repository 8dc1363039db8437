/** What comes back with somebody who is activated again (J10): looked up before anybody decides, and nothing is written by it. */
import { conflict, notFound } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import type { Right } from '../rights.ts';
import { unrestricted } from '../store/audience.ts';
import { groupsOf } from '../store/memberships.ts';
import { findById, findMany } from '../store/resources.ts';
import { textAt } from './attributes.ts';
import { accessesOf } from './entries.ts';
import { externalOf } from './external.ts';
import { factsOf, statusOf, type Status } from './facts.ts';
import { rolesOf } from './people.ts';
import { ownRights } from './rights.ts';
import { happen, whyNot } from './state.ts';
import { userType } from './verbs.ts';

interface Named {
  readonly id: string;
  readonly name: string | undefined;
}

export interface Reactivation {
  /** What the person will be. */
  readonly status: Status;
  /** Through groups inside of others too: `direct` says which the person is a member of. */
  readonly groups: readonly (Named & { readonly direct: boolean; readonly rights: readonly Right[] })[];
  /** All of them, through whatever group. */
  readonly rights: readonly Right[];
  readonly roles: readonly string[];
  /** `open`: the person can sign in there; else a switch is off, or the portal or the customer is closed. */
  readonly portals: readonly { readonly portal: Named; readonly customer: Named; readonly open: boolean }[];
  /** Where the person is registered with a company. */
  readonly external: { readonly company: Named | undefined; readonly role: string | undefined; readonly loginEnabled: boolean } | undefined;
  /** The lock survives, unless it is lifted with it (Combinations). */
  readonly locked: boolean;
  /** The link of the invitation is dead: a new one is for somebody to send. */
  readonly needsInvitation: boolean;
  /** The one that is cleared. */
  readonly leaveDate: string | undefined;
}

/** @throws ScimError 404, 409 for somebody who is not deactivated */
export async function previewReactivation(context: Context, id: string): Promise<Reactivation> {
  const person = await findById(context.scope, userType(context), id);
  if (!person) throw notFound('Person');
  const before = factsOf(person.attributes);
  const reason = whyNot(before, 'reactivate');
  if (reason !== undefined) throw conflict(reason);
  const { facts } = happen(before, { kind: 'reactivate' });
  const scope = unrestricted(context.scope);
  const groups = person.wasMember ? ((await groupsOf(scope, [id])).get(id) ?? []) : [];
  const access = await accessesOf(scope, person);
  const external = externalOf(person.attributes);
  const names = await namesOf(context, { Portal: access.map(({ portal }) => portal), Company: [...access.map(({ customer }) => customer), ...(external.company === undefined ? [] : [external.company])] });
  const status = statusOf(facts);
  return {
    status,
    groups: groups.map(({ group, direct }) => ({ id: group.id, name: textAt(group.attributes, 'displayName'), direct, rights: ownRights(group.attributes) })),
    rights: [...new Set(groups.flatMap(({ group }) => ownRights(group.attributes)))].sort(),
    roles: rolesOf(person.attributes),
    portals: access.map(({ portal, customer, open }) => ({ portal: names(portal), customer: names(customer), open })),
    external: external.registered ? { company: external.company === undefined ? undefined : names(external.company), role: external.role, loginEnabled: external.loginEnabled } : undefined,
    locked: facts.lockedAt !== undefined,
    needsInvitation: status === 'invited',
    leaveDate: before.dates.leaveDate,
  };
}

async function namesOf({ scope }: Context, ids: Readonly<Record<'Portal' | 'Company', readonly string[]>>): Promise<(id: string) => Named> {
  const found = await Promise.all((['Portal', 'Company'] as const).map((type) => findMany(unrestricted(scope), scope.store.registry.type(type), [...new Set(ids[type])])));
  return (id) => ({ id, name: found.flatMap((ofType) => textAt(ofType.get(id)?.attributes ?? {}, 'displayName') ?? [])[0] });
}
