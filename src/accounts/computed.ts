/** What SCIM shows of a person that is not stored with them: it follows from time, policy, groups, what was given out, and what they refer to. */
import type { Context } from '../resources/context.ts';
import type { Behaviour } from '../resources/behaviours.ts';
import { isComplex, isList, type Attributes, type ComplexValue, type ResourceType, type Value } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION, PORTAL_EXTENSION } from '../scim/urns.ts';
import type { StoredResource } from '../store/codec.ts';
import { lastSignIns, pendingAddresses } from '../store/logins.ts';
import { findMany } from '../store/resources.ts';
import { complexAt, textAt } from './attributes.ts';
import { addressOf, factsOf, type Facts } from './facts.ts';
import { accessOf } from './portal-access.ts';
import { passwordExpiresAt } from './renewal.ts';
import { rightsOfPeople } from './rights.ts';

const path = (name: string) => `${ACCOUNT_EXTENSION}:${name}`;

/** One query for each thing that is asked for, however many people there are. */
export const fillPeople: NonNullable<Behaviour['fill']> = async (context, people, wanted) => {
  const accounts = ACCOUNT_NAMES.some((name) => wanted(path(name))) ? await fillAccounts(context, people, wanted) : people;
  return wanted(`${PORTAL_EXTENSION}:access.portalDisplay`) ? fillAccess(context, accounts) : accounts;
};

const ACCOUNT_NAMES = ['blockedBy', 'billed', 'passwordExpiresAt', 'lastSignInAt', 'pendingEmail', 'rights'];

const fillAccounts: NonNullable<Behaviour['fill']> = async (context, people, wanted) => {
  const { scope, now } = context;
  const ids = people.map(({ id }) => id);
  const [signIns, pending, rights] = await Promise.all([
    wanted(path('lastSignInAt')) ? lastSignIns(scope, ids) : new Map<string, Date>(),
    wanted(path('pendingEmail')) ? pendingAddresses(scope, ids, now()) : new Map<string, string>(),
    wanted(path('rights')) ? rightsOfPeople(scope, ids) : new Map<string, ReadonlySet<string>>(),
  ]);
  return people.map((person) => {
    const facts = factsOf(person.attributes);
    const address = pending.get(person.id);
    return withComputed(person, {
      blockedBy: blockedBy(facts),
      billed: facts.active,
      passwordExpiresAt: passwordExpiresAt(context, facts),
      lastSignInAt: signIns.get(person.id)?.toISOString(),
      pendingEmail: address === addressOf(person.attributes) ? undefined : address,
      rights: [...(rights.get(person.id) ?? [])].sort(),
    });
  });
};

function withComputed(person: StoredResource, computed: Readonly<Record<string, Value | undefined>>): StoredResource {
  const present = Object.entries(computed).filter((entry): entry is [string, Value] => entry[1] !== undefined && !(Array.isArray(entry[1]) && entry[1].length === 0));
  const filled: ComplexValue = { ...complexAt(person.attributes, ACCOUNT_EXTENSION), ...Object.fromEntries(present) };
  return { ...person, attributes: { ...person.attributes, [ACCOUNT_EXTENSION]: filled } };
}

/** workflows.md, "Words": `active` is necessary for signing in, not sufficient; here is everything that stands against it. */
export function blockedBy({ active, signInMethod, invitation, activatedAt, lockedAt }: Facts): readonly string[] {
  const invited = invitation !== undefined && activatedAt === undefined;
  return [
    ...(active ? [] : ['deactivated']),
    ...(invited ? ['invited'] : []),
    ...(lockedAt === undefined ? [] : ['locked']),
    ...(signInMethod === 'none' || (signInMethod === 'password' && !invited && activatedAt === undefined) ? ['noLogin'] : []),
  ];
}

/** The names of portals and customers as they are now, and where they are. */
async function fillAccess({ scope, baseUrl }: Context, people: readonly StoredResource[]): Promise<readonly StoredResource[]> {
  const all = people.flatMap(({ attributes }) => accessOf(attributes));
  if (all.length === 0) return people;
  const { registry } = scope.store;
  const named = async (type: ResourceType, prefix: string, ids: readonly string[]) => {
    const found = await findMany(scope, type, [...new Set(ids)]);
    return (id: string): Attributes => {
      const name = found.get(id)?.attributes['displayName'];
      return found.has(id) ? { [`${prefix}Ref`]: `${baseUrl}${type.endpoint}/${id}`, ...(name === undefined ? {} : { [`${prefix}Display`]: name }) } : {};
    };
  };
  const [portal, customer] = await Promise.all([named(registry.type('Portal'), 'portal', all.map((one) => one.portal)), named(registry.type('Company'), 'customer', all.map((one) => one.customer))]);
  return people.map((person) => {
    const held = complexAt(person.attributes, PORTAL_EXTENSION);
    if (!isList(held['access'])) return person;
    const access = held['access'].filter(isComplex).map((one) => ({ ...one, ...portal(textAt(one, 'portal') ?? ''), ...customer(textAt(one, 'customer') ?? '') }));
    return { ...person, attributes: { ...person.attributes, [PORTAL_EXTENSION]: { ...held, access } } };
  });
}
