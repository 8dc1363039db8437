/** What leave dates will do, and where somebody has to decide: J10, L4. Of those whom the caller sees. */
import type { Context } from '../resources/context.ts';
import type { StoredResource } from '../store/codec.ts';
import { heldUntil, peopleDue, peopleMoved } from '../store/leavers.ts';
import { DAY_MS } from '../time.ts';
import { lastDayOf } from './dates.ts';
import { factsOf, nameOf, userNameOf } from './facts.ts';

export interface ForecastPerson {
  readonly id: string;
  readonly name: string;
  /** With access. */
  readonly lastDay: string;
}

export interface Forecast {
  /** The first to leave first. */
  readonly coming: readonly ForecastPerson[];
  /** Whose date has come and could not act yet; `until` where nobody tries before. */
  readonly held: readonly (ForecastPerson & { readonly until: Date | undefined })[];
  /** Switched off, with a date that is still to come. */
  readonly moved: readonly ForecastPerson[];
}

/** @param most of each kind */
export async function forecast(context: Context, days: number, most: number): Promise<Forecast> {
  const { scope, now } = context;
  const at = now().toISOString();
  const until = new Date(now().getTime() + days * DAY_MS).toISOString();
  const [coming, held, moved] = await Promise.all([
    some(context, peopleDue(scope, 'leavesAt', { after: at, until }), most),
    some(context, peopleDue(scope, 'leavesAt', { until: at }), most),
    some(context, peopleMoved(scope, at), most, ({ attributes }) => factsOf(attributes).dates.hiresAt === undefined),
  ]);
  const times = await heldUntil(scope, held.map(({ id }) => id));
  return { coming, held: held.map((person) => ({ ...person, until: times.get(person.id) })), moved };
}

async function some({ tenant: { policy } }: Context, people: AsyncIterable<StoredResource>, most: number, isMeant: (person: StoredResource) => boolean = () => true): Promise<readonly ForecastPerson[]> {
  const found: ForecastPerson[] = [];
  for await (const person of people) {
    const { leaveDate } = factsOf(person.attributes).dates;
    if (leaveDate === undefined || !isMeant(person)) continue;
    found.push({ id: person.id, name: nameOf(person.attributes) || userNameOf(person.attributes), lastDay: lastDayOf(leaveDate, policy) });
    if (found.length === most) break;
  }
  return found;
}
