/**
 * P5, J9: sign-in and recovery answer the same bytes in the same time for people who are known, unknown, locked and deactivated. The medians of the
 * full form may be 5 ms apart. The short form judges the bytes, and of the times only what no busy machine changes: the fastest tenth of each kind,
 * which is less than half of another's where a password is not verified for somebody.
 */
import { accountOf, makePeople, openPlace, type Person, type Place, type Storm } from './place.ts';
import { tally, type Report } from './report.ts';
import { ask, eachOf, send, type Answer } from './send.ts';

const BOUND_MS = 5;
/** Each name is asked for so often: a third wrong password would lock, and a fourth recovery within the hour is not sent. */
const TIMES = 2;

const FAST = 0.1;
const SHORT_BOUND = 0.5;

type Kind = 'known' | 'unknown' | 'locked' | 'inactive' | 'known, third guess';
interface Sample {
  readonly kind: Kind;
  readonly answer: Answer;
}
type Names = ReadonlyMap<Kind, readonly string[]>;
type Ask = (name: string) => Promise<Answer>;

export const timing: Storm = async (parts) => {
  const { report, short } = parts;
  const samples = short ? 60 : 500;
  const place = await openPlace(parts.mongod, 'timing', 1);
  const signIn: Ask = (name) => send(place.origin(0), 'POST', '/api/v1/sign-in', { name, password: 'a wrong guess of somebody' });
  const recover: Ask = (name) => send(place.origin(0), 'POST', '/api/v1/recover', { name });
  try {
    const names = await makeNames(place, samples / TIMES);
    for (let warm = 0; warm < 50; warm++) await Promise.all([signIn(`warm-${warm}`), recover(`warm-${warm}`)]);
    const signIns = await inTurns(names, TIMES, signIn);
    compare(report, 'sign-in', signIns, short);
    const [known = [], unknown = []] = [names.get('known'), names.get('unknown')];
    const thirds = await inTurns(new Map<Kind, readonly string[]>([['known, third guess', known], ['unknown', unknown]]), 1, signIn);
    compare(report, 'the guess that locks', thirds, short);
    compare(report, 'recovery', await inTurns(names, TIMES, recover), short);
  } finally {
    await place.close();
  }
};

/** Names of one length for each kind. */
async function makeNames(place: Place, count: number): Promise<Names> {
  const { origin, manager } = place;
  const people = await makePeople(place, 'timed', 3 * count);
  const of = (kind: number) => people.slice(kind * count, (kind + 1) * count);
  await eachOf(count, 4, async (at) => {
    const [locked, inactive] = [of(1)[at], of(2)[at]];
    const name = locked?.address ?? '';
    for (let guess = 0; guess < 3; guess++) await send(origin(0), 'POST', '/api/v1/sign-in', { name, password: `guess ${guess}` });
    await ask(origin(0), 'POST', `/api/v1/users/${inactive?.id ?? ''}/deactivate`, {}, { token: manager });
  });
  await checkKinds(place, [['active', of(0)[0]], ['locked', of(1)[0]], ['deactivated', of(2)[0]]]);
  const unknown = Array.from({ length: count }, (_, at) => `nobod-${at}@people.example`);
  return new Map([['known', addresses(of(0))], ['unknown', unknown], ['locked', addresses(of(1))], ['inactive', addresses(of(2))]]);
}

const addresses = (people: readonly Person[]) => people.map(({ address }) => address);

async function checkKinds(place: Place, expected: readonly (readonly [string, Person | undefined])[]): Promise<void> {
  for (const [wanted, person] of expected) {
    const status = person && (await accountOf(place, person)).status;
    if (status !== wanted) throw new Error(`somebody should be ${wanted} and is ${status ?? 'not there'}`);
  }
}

/** One after the other. In each turn one name of every kind, in random order: whatever else this machine does meets all kinds alike. */
async function inTurns(names: Names, times: number, ask: Ask): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const turns = times * Math.min(...[...names.values()].map(({ length }) => length));
  for (let turn = 0; turn < turns; turn++) {
    const kinds = [...names].map(([kind, of]) => ({ kind, name: of[Math.floor(turn / times)] ?? '', order: Math.random() }));
    for (const { kind, name } of kinds.sort((one, other) => one.order - other.order)) samples.push({ kind, answer: await ask(name) });
  }
  return samples;
}

function compare(report: Report, what: string, samples: readonly Sample[], short: boolean): void {
  const answers = new Set(samples.map(({ answer }) => bytesOf(answer)));
  report.note(`${what}: ${told(samples)}`);
  const others = answers.size === 1 ? [] : [...answers].slice(0, 2);
  report.check(answers.size === 1, [`${what}: the answers to all ${samples.length} are the same bytes`, ...others].join('\n'));
  const of = (part: number) => kindsOf(samples).map((kind) => at(samples, kind, part));
  const apart = Math.max(...of(0.5)) - Math.min(...of(0.5));
  const ratio = Math.min(...of(FAST)) / Math.max(...of(FAST));
  if (short) report.check(ratio >= SHORT_BOUND, `${what}: the fastest tenths are as 1 to ${(1 / ratio).toFixed(2)}; the medians are ${apart.toFixed(2)} ms apart`);
  else report.check(apart < BOUND_MS, `${what}: the medians are ${apart.toFixed(2)} ms apart, ${BOUND_MS} may be`);
}

const kindsOf = (samples: readonly Sample[]) => [...new Set(samples.map(({ kind }) => kind))].sort();

/** Everything but the moment. */
function bytesOf({ status, rawHeaders, text }: Answer): string {
  const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 && name.toLowerCase() !== 'date' ? [`${name}: ${rawHeaders[at + 1] ?? ''}`] : []));
  return [status, ...headers, text].join('\n');
}

/** By kind: how many, the quarter, the median and three quarters. */
function told(samples: readonly Sample[]): string {
  const times = kindsOf(samples).map((kind) => `${kind} ${[0.25, 0.5, 0.75].map((part) => at(samples, kind, part).toFixed(1)).join('/')}`);
  return `${times.join(', ')} ms (a quarter, the median, three quarters); ${tally(samples.map(({ answer }) => answer.status))}`;
}

function at(samples: readonly Sample[], kind: Kind, part: number): number {
  const sorted = samples.flatMap((sample) => (sample.kind === kind ? [sample.answer.ms] : [])).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * part)] ?? NaN;
}
