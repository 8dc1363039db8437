/** The model: everybody, the groups, the seats and how many audit entries there ought to be, kept beside the server. */
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import { hired, isLeaving, isStarting, leavesAt } from './rules.ts';
import { SeatBook } from './seat-book.ts';

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly members: ReadonlySet<string>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** The default policies `hiddenDays` and `leaveNoticeDays`. */
const HIDDEN_MS = 30 * DAY_MS;
const NOTICE_MS = 7 * DAY_MS;
/** What an erasure waits for before its certificate. */
const ARRIVED_MS = 60_000;

export class Directory {
  readonly people = new Map<string, Person>();
  readonly groups = new Map<string, Group>();
  /** Expected entries: how many, by type, id and action. */
  readonly audit = new Map<string, number>();
  readonly seats: SeatBook;
  readonly gone = new Set<string>();
  /** User names that are free again. */
  readonly freed: string[] = [];
  /** How often somebody was to be told of a leaver, by reader and leaver; `unsure` where it was decided in the same turn whether the reader is there. */
  readonly notices = new Map<string, { sure: number; unsure: number }>();
  private readonly told = new Map<string, string>();
  private readonly hidden = new Map<string, number>();
  private readonly erased = new Map<string, number>();
  private ids: string[] = [];

  constructor(start: number) {
    this.seats = new SeatBook(start);
  }

  note(type: string, id: string, action: string): void {
    const key = `${type} ${id} ${action}`;
    this.audit.set(key, (this.audit.get(key) ?? 0) + 1);
  }

  /** Somebody is made, changed or taken over; the version grows with what is to be seen. */
  put(before: Person | undefined, after: Person, action: string, at: number): void {
    this.people.set(after.id, { ...after, version: (before?.version ?? 0) + 1 });
    if (!before) this.ids.push(after.id);
    this.note('User', after.id, action);
    this.seats.move(before, after, at);
  }

  /** @param hides for a while, and then they are erased */
  remove(person: Person, action: 'delete' | 'erase' | 'hide', at: number): void {
    this.people.delete(person.id);
    this.gone.add(person.id);
    this.freed.push(person.userName);
    this.note('User', person.id, action);
    this.seats.move(person, undefined, at);
    if (action === 'hide') this.hidden.set(person.id, at);
    else this.erased.set(person.id, at);
    for (const group of this.groups.values()) if (group.members.has(person.id)) this.groups.set(group.id, { ...group, members: new Set([...group.members].filter((id) => id !== person.id)) });
    for (const other of this.people.values()) if (other.manager === person.id) this.people.set(other.id, { ...other, manager: undefined, version: other.version + 1 });
  }

  changeGroup(id: string, change: { readonly add?: readonly string[]; readonly remove?: readonly string[]; readonly name?: string }): void {
    const group = this.groups.get(id);
    if (!group) throw new Error(`no group ${id}`);
    const kept = [...group.members].filter((member) => !(change.remove ?? []).includes(member));
    this.groups.set(id, { id, name: change.name ?? group.name, members: new Set([...kept, ...(change.add ?? [])]) });
    this.note('Group', id, 'patch');
  }

  /** A turn of the server's own work. @param isWhole what has its turn each hour is among it */
  work(now: number, isWhole: boolean): void {
    const before = new Map(this.people);
    for (const person of before.values()) if (isLeaving(person, now)) this.put(person, { ...person, active: false }, 'leave', now);
    for (const person of before.values()) if (isStarting(person, now)) this.put(person, hired(person), 'hire', now);
    if (isWhole) this.tell(before, now);
    for (const [id, at] of this.erased) {
      if (at + ARRIVED_MS > now) continue;
      this.note('User', id, 'erase.certificate');
      this.erased.delete(id);
    }
    for (const [id, at] of this.hidden) {
      if (!isWhole || at + HIDDEN_MS > now) continue;
      this.note('User', id, 'erase');
      this.hidden.delete(id);
      this.erased.set(id, now);
    }
  }

  /** J10: managers hear of their leavers some days ahead, once for each date. */
  private tell(before: ReadonlyMap<string, Person>, now: number): void {
    for (const person of this.people.values()) {
      const at = leavesAt(person);
      if (!person.active || person.leaveDate === undefined || at === undefined || at <= now || at > now + NOTICE_MS || this.told.get(person.id) === person.leaveDate) continue;
      this.told.set(person.id, person.leaveDate);
      const [was, is] = [person.manager === undefined ? undefined : before.get(person.manager), person.manager === undefined ? undefined : this.people.get(person.manager)];
      if (was === undefined || is === undefined || (!was.active && !is.active)) continue;
      const key = `${is.id} ${person.id}`;
      const { sure, unsure } = this.notices.get(key) ?? { sure: 0, unsure: 0 };
      this.notices.set(key, was.active && is.active ? { sure: sure + 1, unsure } : { sure, unsure: unsure + 1 });
    }
  }

  /** Somebody at random, among those whom a few looks find. */
  anybody(random: Random, isMeant: (person: Person) => boolean): Person | undefined {
    if (this.ids.length > 2 * this.people.size + 100) this.ids = [...this.people.keys()];
    for (let look = 0; look < 200; look++) {
      const person = this.people.get(random.pick(this.ids) ?? '');
      if (person && isMeant(person)) return person;
    }
    return undefined;
  }
}
