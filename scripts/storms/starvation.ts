/**
 * F16: what a queue of sign-ins leaves to others. `GET /Users/{id}` of another tenant, alone and under 200 people who want to sign in, in turns in
 * one run, each time the other one first. Whatever else this machine does takes more from whoever has less, so the short form, which runs beside
 * other things, only looks for a tenant that gets next to nothing.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createTenant } from '../../src/tenancy/tenants.ts';
import { makePeople, openPlace, PASSWORD, personBody, type Person, type Place, type Storm } from './place.ts';
import { tally } from './report.ts';
import { ask, send } from './send.ts';

const WAITING = 200;
/** Fewer would wait for themselves: attempts under one name come one after the other. */
const PEOPLE = 100;
const READERS = 4;
const BOUND = 0.5;
const SHORT_BOUND = 0.1;

interface Window {
  readonly reads: number;
  readonly ms: number;
}

export const starvation: Storm = async (parts) => {
  const { report, short } = parts;
  const [pairs, windowMs] = short ? [2, 2_000] : [6, 5_000];
  const place = await openPlace(parts.mongod, 'starvation', 1);
  try {
    const read = await reader(place);
    const people = await makePeople(place, 'queued', PEOPLE);
    await during(windowMs, read);
    const alone: Window[] = [];
    const under: Window[] = [];
    const statuses: (number | string)[] = [];
    const crowded = async () => {
      const crowd = startCrowd(place, people);
      // Until the queue is full.
      await delay(500);
      under.push(await during(windowMs, read));
      statuses.push(...await crowd.end());
    };
    for (let pair = 0; pair < pairs; pair++) {
      if (pair % 2 === 1) await crowded();
      alone.push(await during(windowMs, read));
      if (pair % 2 === 0) await crowded();
    }
    const ratio = rate(under) / rate(alone);
    const bound = short ? SHORT_BOUND : BOUND;
    report.note(`alone ${told(alone)}, under the queue ${told(under)} reads a second; the sign-ins: ${tally(statuses)}`);
    report.check(statuses.includes(200) && statuses.includes(503), 'people were signed in all the while, and the queue was full');
    report.check(ratio >= bound, `another tenant keeps ${ratio.toFixed(2)} of the rate that it has alone, ${bound} must be left`);
  } finally {
    await place.close();
  }
};

const rate = (windows: readonly Window[]) => windows.reduce((sum, { reads }) => sum + reads, 0) / windows.reduce((sum, { ms }) => sum + ms, 0);
const told = (windows: readonly Window[]) => windows.map(({ reads, ms }) => Math.round((reads / ms) * 1000)).join(' ');

/** A client of another tenant that reads one person again and again, one request after the other. */
async function reader({ operator, client, origin }: Place): Promise<() => Promise<unknown>> {
  const { id } = await createTenant(operator, 'other');
  const token = await client(id, 'reader', { signInMethod: 'none' });
  const base = '/t/other/scim/v2/Users';
  const made = await ask(origin(0), 'POST', base, personBody('reader@people.example'), { token }) as { id: string };
  return () => ask(origin(0), 'GET', `${base}/${made.id}`, undefined, { token });
}

async function during(ms: number, read: () => Promise<unknown>): Promise<Window> {
  const began = performance.now();
  let reads = 0;
  const one = async () => {
    for (; performance.now() - began < ms; reads++) await read();
  };
  await Promise.all(Array.from({ length: READERS }, one));
  return { reads, ms: performance.now() - began };
}

/** Everybody tries again as soon as they are answered, and after the `Retry-After` where the server is busy. */
function startCrowd({ origin }: Place, people: readonly Person[]) {
  const over = new AbortController();
  const ended = once(over.signal, 'abort');
  const statuses: (number | string)[] = [];
  const one = async (at: number) => {
    while (!over.signal.aborted) {
      const name = people[at % people.length]?.address ?? '';
      const answer = await send(origin(0), 'POST', '/api/v1/sign-in', { name, password: PASSWORD }).catch(() => undefined);
      statuses.push(answer?.status ?? 'cut');
      const seconds = answer?.status === 200 ? 0 : Number(answer?.headers['retry-after'] ?? 1);
      if (seconds > 0) await Promise.race([ended, delay(seconds * 1000, undefined, { ref: false })]);
    }
  };
  const crowd = Promise.all(Array.from({ length: WAITING }, (_, at) => one(at)));
  return {
    end: async () => {
      over.abort();
      await crowd;
      return statuses;
    },
  };
}
