/** Whom a batch of steps is about: nobody twice, for steps of one batch are taken at once. */
import type { Directory } from './directory.ts';
import type { Owner, Person } from './person.ts';
import type { Random } from './random.ts';

const GIVEN = ['Jan', 'Sofie', 'Mara', 'Nils', 'Ingrid', 'Ömer', 'Zoë', 'Łukasz', 'Siân', 'Bo', 'Aïsha', 'Per'];
const FAMILY = ['Berg', 'Bakker', 'Lindqvist', 'Hansen', 'de Vries', 'Østby', 'Müller', "O'Neill", 'Nguyễn', 'Visser', 'Smit'];
export const TITLES = ['Planner', 'Controller', 'Nurse', 'Driver', 'Engineer', 'Team lead', 'Clerk', 'Analyst'];
export const DEPARTMENTS = ['Finance', 'Care', 'Transport', 'IT', 'Sales', 'Legal'];
const ZONES = [undefined, undefined, 'Europe/Amsterdam', 'America/New_York', 'Asia/Tokyo', 'Pacific/Auckland', 'UTC'];

export class Choices {
  private readonly taken = new Set<string>();
  readonly directory: Directory;
  readonly random: Random;

  constructor(directory: Directory, random: Random) {
    this.directory = directory;
    this.random = random;
  }

  pick(isMeant: (person: Person) => boolean): Person | undefined {
    const person = this.directory.anybody(this.random, (one) => !this.taken.has(one.id) && isMeant(one));
    if (person) this.taken.add(person.id);
    return person;
  }

  several(average: number, isMeant: (person: Person) => boolean): readonly Person[] {
    return Array.from({ length: this.random.times(average) }, () => this.pick(isMeant)).filter((person) => person !== undefined);
  }
}

export class Newcomers {
  private made = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Somebody whom nobody has made yet. @param name a user name that was somebody else's */
  next(owner: Owner, name?: string): Person {
    const number = ++this.made;
    const { random } = this;
    const userName = name ?? `person-${number}@year.example`;
    return {
      id: '', owner, externalId: `${owner}-${number}`, userName, address: userName,
      givenName: random.pick(GIVEN) ?? '', familyName: `${random.pick(FAMILY) ?? ''} ${number}`, title: random.pick(TITLES) ?? '', department: random.pick(DEPARTMENTS) ?? '',
      manager: undefined, zone: random.pick(ZONES), active: true, waits: false, hireDate: undefined, leaveDate: undefined, login: 'none',
      said: { active: true, leaveDate: undefined }, version: 0,
    };
  }

  /** A name and address after a wedding. */
  renamed(person: Person): Person {
    const number = ++this.made;
    const address = `person-${number}@year.example`;
    return { ...person, familyName: `${this.random.pick(FAMILY) ?? ''} ${number}`, userName: address, address };
  }
}

/** Another title, department or manager. */
export function moved(person: Person, choices: Choices, boss: Person | undefined): Person {
  const { random } = choices;
  const title = random.pick(TITLES.filter((one) => one !== person.title)) ?? person.title;
  const department = random.isOnce(2) ? (random.pick(DEPARTMENTS) ?? person.department) : person.department;
  return { ...person, title, department, manager: boss && boss.id !== person.id && random.isOnce(2) ? boss.id : person.manager };
}
