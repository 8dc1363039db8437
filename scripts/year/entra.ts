/** A client with the habits of Entra ID (test/idp/entra.json): looks before it makes, PATCHes with capitals, text for booleans and path filters, and pushes groups. */
import type { Json } from '../../src/scim/json.ts';
import { bodyOf, changes, find, makes, memberships, patchOf, removes, type World } from './acts.ts';
import { moved, type Choices, type Newcomers } from './choices.ts';
import { ENTERPRISE, objectOf, textOf, type Person } from './person.ts';
import { switched } from './rules.ts';
import type { Step, Steps } from './steps.ts';
import { GROUP } from './urns.ts';

const isOwn = (person: Person) => person.owner === 'entra';

export async function makeGroups({ site, directory }: World, count: number): Promise<void> {
  for (let made = 1; made <= count; made++) {
    const name = `Group ${made}`;
    const schemas = [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'];
    const body = { schemas, externalId: `entra-group-${made}`, displayName: name, meta: { resourceType: 'Group' } };
    const id = textOf(objectOf(await site.ask('entra', 'POST', '/scim/v2/Groups', body))['id']);
    directory.groups.set(id, { id, name, members: new Set() });
    directory.note('Group', id, 'create');
  }
}

/** L1. Half of them under a name that somebody had who was erased, where there is one. */
export function joiners(world: World, newcomers: Newcomers, count: number, steps: Steps): readonly Step[] {
  return Array.from({ length: count }, (_, at) => {
    const person: Person = { ...newcomers.next('entra', at % 2 === 1 ? world.directory.freed.shift() : undefined), login: 'sso' };
    const made = makes(world, 'entra', person, { ...bodyOf(person), meta: { resourceType: 'User' }, roles: [] });
    const send = async () => {
      if ((await find(world.site, person.userName, 'entra')) !== undefined) steps.fault(`${person.userName} is somebody already`);
      return made.send();
    };
    return { ...made, send };
  });
}

/** L2: attributes, a new name, a manager by a bare id, or none any more. */
export function movers(world: World, choices: Choices, newcomers: Newcomers, average: number): readonly Step[] {
  const boss = choices.pick((person) => person.active);
  return choices.several(average, isOwn).map((person) => {
    const after = choices.random.isOnce(12) ? newcomers.renamed(person) : choices.random.isOnce(8) ? { ...person, manager: undefined } : moved(person, choices, boss);
    return changes(world, 'entra', person, after, { method: 'PATCH', body: patchOf(...operationsFor(person, after, choices.random.isOnce(2))), action: 'patch' });
  });
}

/** @param isFlagged with the flag `aadOptscim062020`: without a path, dotted names and URNs as keys */
function operationsFor(before: Person, after: Person, isFlagged: boolean): readonly Json[] {
  const operations: Json[] = [];
  const plain: Record<string, Json> = {};
  const set = (name: string, path: string, value: string) => {
    if (isFlagged) plain[name] = value;
    else operations.push({ op: 'Replace', path, value });
  };
  if (before.title !== after.title) set('title', 'title', after.title);
  if (before.familyName !== after.familyName) set('name.familyName', 'name.familyName', after.familyName);
  if (before.userName !== after.userName) set('userName', 'userName', after.userName);
  if (before.department !== after.department) set(`${ENTERPRISE}:department`, `${ENTERPRISE}:department`, after.department);
  if (before.address !== after.address) operations.push({ op: 'Replace', path: 'emails[type eq "work"].value', value: after.address });
  if (before.manager !== after.manager) {
    const path = `${ENTERPRISE}:manager`;
    operations.push(after.manager === undefined ? { op: 'Remove', path } : { op: 'Add', path, value: after.manager });
  }
  if (Object.keys(plain).length > 0) operations.push({ op: 'replace', value: plain });
  // It sends what it has sent before, too.
  return operations.length > 0 ? operations : [{ op: 'Replace', path: 'title', value: after.title }];
}

/** L3, and now and then what is so already. */
export const leavers = (world: World, choices: Choices, average: number): readonly Step[] =>
  choices.several(average, (person) => isOwn(person) && (person.active || choices.random.isOnce(10))).map((person) => switches(world, person, false));

/** L5 by the switch. */
export const rehires = (world: World, choices: Choices, average: number): readonly Step[] =>
  choices.several(average, (person) => isOwn(person) && !person.active).map((person) => switches(world, person, true));

const switches = (world: World, person: Person, active: boolean): Step =>
  changes(world, 'entra', person, switched(person, active), { method: 'PATCH', body: patchOf({ op: 'Replace', path: 'active', value: active ? 'True' : 'False' }), action: 'patch' });

/** L5: a POST of somebody who has left is refused for this client, and changes nothing. */
export const refused = (world: World, choices: Choices, average: number): readonly Step[] =>
  choices.several(average, (person) => !person.active).map((person) => changes(world, 'entra', person, person, { method: 'POST', path: '/scim/v2/Users', body: bodyOf({ ...person, manager: undefined }), action: 'create', expects: 409 }));

/** L6: for good, a month after somebody was switched off. */
export const erasures = (world: World, choices: Choices, average: number): readonly Step[] =>
  choices.several(average, (person) => isOwn(person) && !person.active).map((person) => removes(world, 'entra', person, 'delete'));

/** Of everybody, whoever made them: by lists of values, and one by one by path filters. */
export function groupPushes(world: World, choices: Choices, average: number): readonly Step[] {
  const { directory } = world;
  const { random } = choices;
  return Array.from({ length: random.times(average) }, () => directory.groups.get(random.pick([...directory.groups.keys()]) ?? '')).flatMap((group) => {
    if (!group) return [];
    const leaves = group.members.size > 10 && random.isOnce(3);
    const people = Array.from({ length: leaves && random.isOnce(2) ? 1 : random.between(1, 5) }, () => choices.pick((person) => group.members.has(person.id) === leaves)).flatMap((person) => person?.id ?? []);
    const values = people.map((value) => ({ $ref: null, value }));
    if (people.length === 0) return [];
    if (!leaves) return [memberships(world, group.id, { add: people }, { op: 'Add', path: 'members', value: values })];
    return [memberships(world, group.id, { remove: people }, people.length === 1 ? { op: 'remove', path: `members[value eq "${people[0] ?? ''}"]` } : { op: 'Remove', path: 'members', value: values })];
  });
}
