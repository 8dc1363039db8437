/** The steps that the three clients have in common: making, changing and removing somebody, and the memberships of a group. */
import type { Json } from '../../src/scim/json.ts';
import { ACCOUNT, PATCH_OP, USER } from './urns.ts';
import type { Directory } from './directory.ts';
import { differences, ENTERPRISE, objectOf, textOf, type Person } from './person.ts';
import type { Caller, Site } from './site.ts';
import type { Step } from './steps.ts';

export interface World {
  readonly site: Site;
  readonly directory: Directory;
}

const pathOf = (id: string) => `/scim/v2/Users/${id}`;

/** How somebody is written over SCIM. */
export function bodyOf(person: Person, account?: Json): Record<string, Json> {
  const { userName, externalId, address, givenName, familyName, title, department, manager, zone } = person;
  return {
    schemas: [USER, ENTERPRISE], userName, externalId, name: { givenName, familyName }, title, active: true,
    emails: [{ value: address, type: 'work', primary: true }],
    [ENTERPRISE]: { department, ...(manager === undefined ? {} : { manager: { value: manager } }) },
    ...(zone === undefined ? {} : { timezone: zone }),
    ...(account === undefined ? {} : { [ACCOUNT]: account }),
  };
}

export const patchOf = (...Operations: Json[]): Json => ({ schemas: [PATCH_OP], Operations });

/** @param person as they will be; the server gives the id */
export function makes({ site, directory }: World, caller: Caller, person: Person, body: Json): Step {
  return {
    what: `${caller} makes ${person.userName}`, seats: person.active ? 'up' : 'same', expects: 201,
    send: () => site.send(caller, 'POST', '/scim/v2/Users', body),
    done: (resource) => directory.put(undefined, { ...person, id: textOf(objectOf(resource)['id']) }, 'create', site.now),
    look: async () => {
      const found = await find(site, person.userName);
      if (found !== undefined) expect_({ ...person, version: 1 }, found);
      return found;
    },
  };
}

export interface Change {
  readonly method: 'PUT' | 'PATCH' | 'POST';
  readonly path?: string;
  readonly body?: Json;
  /** As the audit log calls it. */
  readonly action: string;
  readonly expects?: number;
}

/** @param after undefined where nothing changes */
export function changes({ site, directory }: World, caller: Caller, before: Person, after: Person, { method, path = pathOf(before.id), body, action, expects = 200 }: Change): Step {
  const isChange = differences(before, undefined).join() !== differences(after, undefined).join() || before.waits !== after.waits;
  const expected = isChange ? { ...after, version: before.version + 1 } : after;
  return {
    what: `${caller} ${action} ${before.id} (${before.userName})`, expects,
    seats: before.active === after.active ? 'same' : after.active ? 'up' : 'down',
    send: () => site.send(caller, method, path, body),
    done: () => {
      if (isChange) directory.put(before, after, action, site.now);
      else directory.people.set(after.id, after);
    },
    look: async () => {
      const found = await site.ask('manager', 'GET', pathOf(before.id));
      const [wrong, unchanged] = [differences(expected, found), differences(before, found)];
      if (wrong.length === 0) return isChange ? found : undefined;
      if (unchanged.length === 0) return undefined;
      throw new Error(`it is neither done (${wrong.join(', ')}) nor not done (${unchanged.join(', ')})`);
    },
  };
}

export function removes({ site, directory }: World, caller: Caller, person: Person, action: 'delete' | 'erase' | 'hide'): Step {
  return {
    what: `${caller} ${action}s ${person.id} (${person.userName})`, seats: person.active ? 'down' : 'same', expects: 204,
    send: () => (action === 'erase' ? site.send(caller, 'DELETE', `/api/v1/users/${person.id}`, { name: person.userName }) : site.send(caller, 'DELETE', pathOf(person.id))),
    done: () => directory.remove(directory.people.get(person.id) ?? person, action, site.now),
    look: async () => ((await site.send('manager', 'GET', pathOf(person.id))).status === 404 ? 'gone' : undefined),
  };
}

/** @param isLast of those who join or leave; they all do or nobody does */
export function memberships({ site, directory }: World, group: string, change: { readonly add?: readonly string[]; readonly remove?: readonly string[] }, operation: Json): Step {
  const path = `/scim/v2/Groups/${group}`;
  const looked = change.add?.[0] ?? change.remove?.[0] ?? '';
  return {
    what: `entra changes the members of ${group}`, seats: 'same', expects: 204,
    send: () => site.send('entra', 'PATCH', `${path}?excludedAttributes=members`, patchOf(operation)).then((answer) => (answer.status === 200 ? { ...answer, status: 204 } : answer)),
    done: () => directory.changeGroup(group, change),
    // As Entra asks.
    look: async () => {
      const list = await site.ask('entra', 'GET', `/scim/v2/Groups?excludedAttributes=members&filter=${encodeURIComponent(`id eq "${group}" and members eq "${looked}"`)}`);
      const isMember = objectOf(list)['totalResults'] === 1;
      return isMember === (change.add !== undefined) ? 'changed' : undefined;
    },
  };
}

/** By their name, as every client looks before it makes somebody. */
export async function find(site: Site, userName: string, caller: Caller = 'manager'): Promise<Json | undefined> {
  const list = objectOf(await site.ask(caller, 'GET', `/scim/v2/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`));
  const found = Array.isArray(list['Resources']) ? list['Resources'] : [];
  if (found.length > 1) throw new Error(`${found.length} people are called ${userName}`);
  return found[0];
}

function expect_(person: Person, resource: Json): void {
  const wrong = differences(person, resource);
  if (wrong.length > 0) throw new Error(`somebody else was made: ${wrong.join(', ')}`);
}
