/** The seats of the employees, day by day, counted beside the server. */
import { daysAfter, dayIn, TENANT_ZONE } from './rules.ts';
import type { Person } from './person.ts';

export interface SeatDay {
  readonly billed: number;
  readonly unbilled: number;
  readonly highest: number;
  readonly joined: number;
  readonly left: number;
}

type Seated = Pick<Person, 'active'> | undefined;

export class SeatBook {
  readonly days = new Map<string, SeatDay>();
  private day: string;
  private now: SeatDay = { billed: 0, unbilled: 0, highest: 0, joined: 0, left: 0 };

  constructor(start: number) {
    this.day = dayIn(start, TENANT_ZONE);
  }

  move(before: Seated, after: Seated, at: number): void {
    this.closeUntil(dayIn(at, TENANT_ZONE));
    const [was, is] = [before?.active === true ? 1 : 0, after?.active === true ? 1 : 0];
    const billed = this.now.billed + is - was;
    this.now = {
      billed,
      unbilled: this.now.unbilled + (after?.active === false ? 1 : 0) - (before?.active === false ? 1 : 0),
      highest: Math.max(this.now.highest, billed),
      joined: this.now.joined + Math.max(0, is - was),
      left: this.now.left + Math.max(0, was - is),
    };
  }

  /** Days without a change have the counts of the day before. */
  until(at: number): ReadonlyMap<string, SeatDay> {
    this.closeUntil(dayIn(at, TENANT_ZONE));
    return new Map([...this.days, [this.day, this.now]]);
  }

  private closeUntil(today: string): void {
    while (this.day < today) {
      this.days.set(this.day, this.now);
      this.day = daysAfter(this.day, 1);
      this.now = { ...this.now, highest: this.now.billed, joined: 0, left: 0 };
    }
  }
}
