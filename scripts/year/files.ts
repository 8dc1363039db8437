/** Whoever sends CSV files, and administrators by the API: imports with new people and old, leave dates, verbs and erasures. */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Json } from '../../src/scim/json.ts';
import { changes, removes, type World } from './acts.ts';
import { moved, type Choices, type Newcomers } from './choices.ts';
import { objectOf, textOf, type Person } from './person.ts';
import { daysAfter, dayIn, switched, withLeaveDate } from './rules.ts';
import type { Step, Steps } from './steps.ts';

const isOwn = (person: Person) => person.owner === 'files';
const COLUMNS = ['User name', 'Email', 'First name', 'Last name', 'Title', 'Department', 'Time zone', 'Leave date', 'Groups'];
const IMPORT_TASKS = ['go on with imports', 'fold seats'];

interface Line {
  readonly before: Person | undefined;
  readonly after: Person;
  /** Groups to join, by id. */
  readonly groups: readonly string[];
}

/** Uploaded, checked, looked at, run: and each line is what its report says. @param kills the server in the middle of the run */
export async function importFile(world: World, steps: Steps, lines: readonly Line[], kills: boolean): Promise<void> {
  const { site, directory } = world;
  const expected = { create: lines.filter(({ before }) => !before).length, change: lines.filter((line) => line.before !== undefined && isChange(line)).length };
  const { id, state } = objectOf(await upload(world, fileOf(world, lines)));
  if (state !== 'checking') throw new Error(`an import is ${textOf(state)}`);
  const path = `/api/v1/imports/${textOf(id)}`;
  await site.work(site.now, IMPORT_TASKS);
  compareCounts(steps, 'would do', objectOf(await site.ask('files', 'GET', path))['planned'], expected, lines.length);
  await site.ask('files', 'POST', `${path}/run`);
  await runs(world, steps, path, kills);
  const { done, state: ended } = objectOf(await site.ask('files', 'GET', path));
  if (ended !== 'done') steps.fault(`an import that was run is ${textOf(ended)}`);
  compareCounts(steps, 'did', done, expected, lines.length);
  for (const action of ['import.upload', 'import.checked', 'import.run', 'import.done']) directory.note('Import', textOf(id), action);
  for (const line of lines) await takeOver(world, line);
}

/** Where the run is interrupted, another worker goes on when the lease is over, and MongoDB has ended the transaction of the dead one. */
async function runs({ site }: World, steps: Steps, path: string, kills: boolean): Promise<void> {
  const working = site.work(site.now, IMPORT_TASKS);
  if (!kills) {
    await working;
    return;
  }
  setTimeout(() => site.kill(), 30);
  await working;
  site.kill();
  steps.kills++;
  await site.restart();
  const until = performance.now() + FREE_WITHIN_MS;
  for (;;) {
    await site.work(site.now + LEASE_MS, IMPORT_TASKS);
    if (objectOf(await site.ask('files', 'GET', path))['state'] !== 'running' || performance.now() > until) return;
    await delay(1000);
  }
}

const LEASE_MS = 61_000;
const FREE_WITHIN_MS = 30_000;

async function takeOver({ site, directory }: World, { before, after, groups }: Line): Promise<void> {
  const id = before?.id ?? textOf(objectOf((await listed(site, after.userName))[0])['id']);
  const isOnlyGroups = before !== undefined && !isChange({ before, after, groups: [] });
  if (!isOnlyGroups) directory.put(before, { ...after, id }, before ? 'patch' : 'create', site.now);
  for (const group of groups) directory.changeGroup(group, { add: [id] });
}

async function listed(site: World['site'], userName: string): Promise<readonly Json[]> {
  const { Resources } = objectOf(await site.ask('manager', 'GET', `/scim/v2/Users?attributes=id&filter=${encodeURIComponent(`userName eq "${userName}"`)}`));
  return Array.isArray(Resources) ? Resources : [];
}

const isChange = ({ before, after, groups }: Line) => groups.length > 0 || JSON.stringify(before) !== JSON.stringify(after);

function compareCounts(steps: Steps, what: string, counts: Json | undefined, expected: { readonly create: number; readonly change: number }, all: number): void {
  const { create, change, same, refuse } = objectOf(counts);
  const told = `${textOf(create)} create, ${textOf(change)} change, ${textOf(same)} same, ${textOf(refuse)} refuse`;
  const wanted = `${expected.create} create, ${expected.change} change, ${all - expected.create - expected.change} same, 0 refuse`;
  if (told !== wanted) steps.fault(`an import ${what} ${told}, not ${wanted}`);
}

function fileOf({ directory }: World, lines: readonly Line[]): string {
  const rows = lines.map(({ after, groups }) =>
    [after.userName, after.address, after.givenName, after.familyName, after.title, after.department, after.zone ?? '', after.leaveDate ?? '', groups.map((id) => directory.groups.get(id)?.name ?? '').join('; ')]);
  return [COLUMNS, ...rows].map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');
}

function upload({ site }: World, file: string): Promise<Json> {
  return new Promise((resolve, reject) => {
    const headers = { 'authorization': `Bearer ${site.tokenOf('files')}`, 'content-type': 'text/csv', 'content-length': Buffer.byteLength(file) };
    const sent = request(`${site.origin}/api/v1/imports`, { method: 'POST', headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (answer.statusCode === 201) resolve(JSON.parse(text) as Json);
        else reject(new Error(`an upload was answered ${String(answer.statusCode)}: ${text.slice(0, 300)}`));
      });
    });
    sent.on('error', reject);
    sent.end(file);
  });
}

/** New people, movers among the old, some with a leave date, some into a group, and some as they are. */
export function linesOf(world: World, choices: Choices, newcomers: Newcomers, joiners: number, movers: number): readonly Line[] {
  const { random } = choices;
  const today = dayIn(world.site.now, undefined);
  const fresh = Array.from({ length: joiners }, (): Line => ({ before: undefined, after: newcomers.next('files'), groups: joins(world, choices, undefined) }));
  const old = choices.several(movers, isOwn).map((before): Line => {
    if (random.isOnce(6)) return { before, after: before, groups: [] };
    // The file has no managers, and an empty cell says nothing.
    const { title, department } = moved(before, choices, undefined);
    const leaves = random.isOnce(5) && before.active;
    const after = { ...before, title, department };
    return { before, after: leaves ? withLeaveDate(after, daysAfter(today, random.between(2, 30)), world.site.now) : after, groups: random.isOnce(4) ? joins(world, choices, before.id) : [] };
  });
  return [...fresh, ...old];
}

function joins({ directory }: World, { random }: Choices, person: string | undefined): readonly string[] {
  const group = directory.groups.get(random.pick([...directory.groups.keys()]) ?? '');
  return group && random.isOnce(2) && (person === undefined || !group.members.has(person)) ? [group.id] : [];
}

/** S11, J10, L4: what an administrator does to anybody. */
export function verbs(world: World, choices: Choices, average: number): readonly Step[] {
  const { random, directory } = choices;
  const { now } = world.site;
  const verb = (person: Person, after: Person, name: string, action: string, body: Json = {}, expects = 204) => changes(world, 'manager', person, after, { method: 'POST', path: `/api/v1/users/${person.id}/${name}`, action, body, expects });
  const out = choices.several(average, (person) => person.active).map((person) => verb(person, switched(person, false), 'deactivate', 'deactivate'));
  const back = choices.several(average, (person) => !person.active && !person.waits).map((person) => verb(person, switched(person, true), 'reactivate', 'reactivate'));
  const dates = choices.several(average, (person) => person.active && directory.people.has(person.id)).map((person) => {
    const date = person.leaveDate === undefined ? daysAfter(dayIn(now, undefined), random.between(1, 25)) : undefined;
    return verb(person, withLeaveDate(person, date, now), 'leave-date', 'patch', { date: date ?? null });
  });
  return [...out, ...back, ...dates];
}

/** J11, GDPR Art. 17. */
export const erasures = (world: World, choices: Choices, average: number): readonly Step[] =>
  choices.several(average, (person) => isOwn(person) || !person.active).map((person) => removes(world, 'manager', person, 'erase'));
