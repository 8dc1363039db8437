/** What seats should come to, kept beside the server by the simplest means: every person, and every day with what happened on it. */
import { POPULATIONS, type Population } from '../../src/store/audience.ts';
import { addDays } from '../../src/time.ts';

export interface Person {
  readonly id: string;
  readonly userName: string;
  readonly population: Population;
  readonly active: boolean;
}

interface Tally {
  joined: number;
  left: number;
  unbilled: number;
  /** The highest count lies between: exactly known where one thing happened after the other. */
  rise: { least: number; most: number };
}

const zero = (): Tally => ({ joined: 0, left: 0, unbilled: 0, rise: { least: 0, most: 0 } });
const everybody = <T>(value: (population: Population) => T) => Object.fromEntries(POPULATIONS.map((population) => [population, value(population)]));

export class SeatsModel {
  readonly people = new Map<string, Person>();
  private readonly days = new Map<string, Map<Population, Tally>>();
  private readonly first: string;

  constructor(first: string) {
    this.first = first;
  }

  /** One step on a day. @param changes of people, each as it was and as it is */
  step(day: string, changes: readonly (readonly [before: Person | undefined, after: Person | undefined])[]): void {
    const tallies = this.days.get(day) ?? new Map(POPULATIONS.map((population) => [population, zero()]));
    this.days.set(day, tallies);
    const joined = new Map(POPULATIONS.map((population) => [population, 0]));
    const openings = new Map(Array.from(tallies, ([population, tally]) => [population, tally.joined - tally.left]));
    for (const [before, after] of changes) {
      if (before) this.people.delete(before.id);
      if (after) this.people.set(after.id, after);
      if (before && after && before.population === after.population && before.active === after.active) continue;
      const from = before && tallies.get(before.population);
      const to = after && tallies.get(after.population);
      if (from && before.active) from.left++;
      else if (from) from.unbilled--;
      if (to && after.active) to.joined++;
      else if (to) to.unbilled++;
      if (after?.active) joined.set(after.population, (joined.get(after.population) ?? 0) + 1);
    }
    for (const [population, { rise, joined: all, left }] of tallies) {
      rise.least = Math.max(rise.least, all - left);
      // Of several at once all may have come before the first one went.
      rise.most = Math.max(rise.most, changes.length === 1 ? all - left : (openings.get(population) ?? 0) + (joined.get(population) ?? 0));
    }
  }

  now(): object {
    const count = (population: Population, active: boolean) => Array.from(this.people.values()).filter((person) => person.population === population && person.active === active).length;
    return everybody((population) => ({ billed: count(population, true), unbilled: count(population, false) }));
  }

  /** From the first day to the last. */
  history(last: string): readonly ReturnType<SeatsModel['day']>[] {
    const at = new Map(POPULATIONS.map((population) => [population, { billed: 0, unbilled: 0 }]));
    const told = [];
    for (let day = this.first; day <= last; day = addDays(day, 1)) told.push(this.day(day, at));
    return told;
  }

  private day(day: string, at: Map<Population, { billed: number; unbilled: number }>) {
    const tally = (population: Population) => this.days.get(day)?.get(population) ?? zero();
    const opening = new Map(Array.from(at, ([population, { billed }]) => [population, billed]));
    for (const [population, count] of at) {
      const { joined, left, unbilled } = tally(population);
      at.set(population, { billed: count.billed + joined - left, unbilled: count.unbilled + unbilled });
    }
    return {
      exact: {
        day,
        billed: everybody((population) => at.get(population)?.billed),
        unbilled: everybody((population) => at.get(population)?.unbilled),
        joined: everybody((population) => tally(population).joined),
        left: everybody((population) => tally(population).left),
      },
      highest: POPULATIONS.map((population) => {
        const { rise: { least, most } } = tally(population);
        return { population, least: (opening.get(population) ?? 0) + least, most: (opening.get(population) ?? 0) + most };
      }),
    };
  }
}
