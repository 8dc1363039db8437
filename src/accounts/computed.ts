/** What SCIM shows of a login that is not stored with the person: it follows from time, policy, groups and what was given out. */
import type { Behaviour } from '../resources/behaviours.ts';
import { isComplex, type ComplexValue, type Value } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import type { StoredResource } from '../store/codec.ts';
import { lastSignIns, pendingAddresses } from '../store/logins.ts';
import { addressOf, factsOf, type Facts } from './facts.ts';
import { passwordExpiresAt } from './renewal.ts';
import { rightsOfPeople } from './rights.ts';

const path = (name: string) => `${ACCOUNT_EXTENSION}:${name}`;

/** One query for each thing that is asked for, however many people there are. */
export const fillAccounts: NonNullable<Behaviour['fill']> = async (context, people, wanted) => {
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
  const account = person.attributes[ACCOUNT_EXTENSION];
  const filled: ComplexValue = { ...(isComplex(account) ? account : {}), ...Object.fromEntries(present) };
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
