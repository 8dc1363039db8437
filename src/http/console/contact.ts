/** A contact person or a portal user of a company, as screens show them. */
import type { External } from '../../accounts/external.ts';
import type { Organisation } from '../../accounts/organisations.ts';
import { organisationsOf } from '../../accounts/organisations.ts';
import type { PeoplePage, Person } from '../../accounts/people.ts';
import type { Access } from '../../accounts/portal-access.ts';
import { contactName } from '../../accounts/ways-in.ts';
import type { Context } from '../../resources/context.ts';
import { nameIn } from './views/users.tsx';

export interface Contact extends External {
  readonly id: string;
  readonly name: string;
  readonly address: string | undefined;
  /** Undefined where nobody signs in with it: a contact has a name made by the server. */
  readonly userId: string | undefined;
  readonly access: readonly Access[];
  /** The switch over all accesses (P3). */
  readonly portalsEnabled: boolean;
}

export interface ContactPage extends Omit<PeoplePage, 'people'> {
  readonly people: readonly Contact[];
}

const NO_EXTERNAL: External = { company: undefined, registered: false, loginEnabled: false, role: undefined };

export function contactOf(person: Person): Contact {
  const { id, address, userName, external = NO_EXTERNAL, portals } = person;
  return {
    ...external, id, address,
    name: nameIn({ ...person, userName: address ?? userName }),
    userId: userName === contactName(id) ? undefined : userName,
    access: portals?.access ?? [],
    portalsEnabled: portals?.enabled ?? true,
  };
}

export const contactsIn = ({ people, ...rest }: PeoplePage): ContactPage => ({ people: people.map(contactOf), ...rest });

/** By their ids. */
export async function namesOf(context: Context, kind: 'Company' | 'Portal', ids: readonly (string | undefined)[]): Promise<ReadonlyMap<string, string>> {
  const found: readonly Organisation[] = await organisationsOf(context, kind, [...new Set(ids.flatMap((id) => id ?? []))]);
  return new Map(found.map(({ id, name }) => [id, name]));
}
