/** The HR system: reads, writes back whole with what its own record says of `active` and the dates, and makes again by POST whoever comes back. */
import { isObject, type Json } from '../../src/scim/json.ts';
import { bodyOf, changes, makes, removes, type World } from './acts.ts';
import { moved, type Choices, type Newcomers } from './choices.ts';
import { ENTERPRISE, objectOf, type Person } from './person.ts';
import { cameBack, daysAfter, dayIn, joined, replaced, type Record_ } from './rules.ts';
import type { Step } from './steps.ts';
import { ACCOUNT } from './urns.ts';

const isOwn = (person: Person) => person.owner === 'hr';
const dated = ({ hireDate, leaveDate }: Omit<Record_, 'active'>): Json => ({ ...(hireDate === undefined ? {} : { hireDate }), ...(leaveDate === undefined ? {} : { leaveDate }) });

/** L1: some at once, some with a first day ahead. */
export function joiners(world: World, choices: Choices, newcomers: Newcomers, count: number): readonly Step[] {
  const { random } = choices;
  const boss = choices.pick((person) => person.active);
  const today = dayIn(world.site.now, undefined);
  return Array.from({ length: count }, () => {
    const hireDate = random.isOnce(2) ? daysAfter(today, random.between(-3, 20)) : undefined;
    const person = joined({ ...newcomers.next('hr'), hireDate, manager: boss?.id }, true, world.site.now);
    return makes(world, 'hr', person, bodyOf(person, hireDate === undefined ? undefined : { hireDate }));
  });
}

/** L2, and L4 to L5 as far as a PUT can say it. Most say nothing new of `active` and the dates, whatever has become of them here. */
export function records(world: World, choices: Choices, newcomers: Newcomers, average: number): readonly Step[] {
  const boss = choices.pick((person) => person.active);
  return choices.several(average, isOwn).map((person) => {
    const after = choices.random.isOnce(15) && person.active ? newcomers.renamed(person) : moved(person, choices, boss);
    return puts(world, person, after, sameRecord(person));
  });
}

const sameRecord = ({ said, hireDate }: Person): Record_ => ({ ...said, hireDate });

/** L4: notice of some weeks; taken back, or moved, also when it has acted; and the date that is over already. */
export function notices(world: World, choices: Choices, average: number): readonly Step[] {
  const { random } = choices;
  const today = dayIn(world.site.now, undefined);
  const given = choices.several(average, (person) => isOwn(person) && person.active && person.leaveDate === undefined && person.said.active).map((person) =>
    puts(world, person, person, { ...sameRecord(person), leaveDate: daysAfter(today, random.isOnce(8) ? -2 : random.between(5, 40)) }));
  const movedOnes = choices.several(average / 6, (person) => isOwn(person) && person.said.active && person.leaveDate !== undefined && person.said.leaveDate === person.leaveDate).map((person) =>
    puts(world, person, person, { ...sameRecord(person), leaveDate: random.isOnce(3) ? undefined : daysAfter(today, random.between(3, 30)) }));
  return [...given, ...movedOnes];
}

/** L3 at once; and of those whose first day was ahead, whoever does not come after all. */
export const dismissals = (world: World, choices: Choices, average: number): readonly Step[] =>
  choices.several(average, (person) => isOwn(person) && person.said.active && (person.active || person.waits)).map((person) => puts(world, person, person, { ...sameRecord(person), active: false }));

/** The first day is moved, to today at times. */
export const firstDays = (world: World, choices: Choices, average: number): readonly Step[] =>
  choices.several(average, (person) => isOwn(person) && person.waits && person.said.active).map((person) => {
    const hireDate = daysAfter(dayIn(world.site.now, undefined), choices.random.isOnce(3) ? -1 : choices.random.between(2, 15));
    return puts(world, person, person, { ...sameRecord(person), hireDate });
  });

/** L5: by POST, with the name of somebody who has left; by PUT where it had said that they have left. */
export function rehires(world: World, choices: Choices, average: number): readonly Step[] {
  const today = dayIn(world.site.now, undefined);
  return choices.several(average, (person) => isOwn(person) && !person.active && !person.waits).map((person) => {
    if (!person.said.active && choices.random.isOnce(2)) return puts(world, person, person, { active: true, hireDate: person.hireDate, leaveDate: undefined });
    const hireDate = choices.random.isOnce(3) ? undefined : daysAfter(today, choices.random.between(-1, 10));
    const record = { active: true, hireDate, leaveDate: undefined };
    const after = { ...cameBack(person, record, world.site.now), title: 'Back again' };
    return changes(world, 'hr', person, after, { method: 'POST', path: '/scim/v2/Users', body: bodyOf(after, hireDate === undefined ? undefined : { hireDate }), action: 'adopt', expects: 201 });
  });
}

/** L6: hidden, and erased a month later. */
export const hidings = (world: World, choices: Choices, average: number): readonly Step[] =>
  choices.several(average, (person) => isOwn(person) && !person.active && !person.waits).map((person) => removes(world, 'hr', person, 'hide'));

/** GET, and PUT of the same with what has changed. @param record what HR has on file */
function puts(world: World, before: Person, wanted: Person, record: Record_): Step {
  const after = replaced(wanted, record, world.site.now);
  const path = `/scim/v2/Users/${before.id}`;
  const step = changes(world, 'hr', before, after, { method: 'PUT', path, action: 'replace' });
  const send = async () => {
    const read = objectOf(await world.site.ask('hr', 'GET', path));
    const { givenName, familyName, userName, title, department, manager } = after;
    const account = Object.fromEntries(Object.entries(objectOf(read[ACCOUNT])).filter(([name]) => name !== 'hireDate' && name !== 'leaveDate'));
    const body = {
      ...read, userName, title, name: { givenName, familyName }, active: record.active, emails: withAddress(read['emails'], after.address),
      [ENTERPRISE]: { department, ...(manager === undefined ? {} : { manager: { value: manager } }) },
      [ACCOUNT]: { ...account, ...objectOf(dated(record)) },
    };
    return world.site.send('hr', 'PUT', path, body);
  };
  return { ...step, send };
}

const withAddress = (emails: Json | undefined, value: string): Json => (Array.isArray(emails) ? emails : [{}]).map((email) => (isObject(email) ? { ...email, value } : email));
