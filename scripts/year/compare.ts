/** The directory as everybody can read it, against the model: people, groups, seats, audit log and mails. */
import type { Json } from '../../src/scim/json.ts';
import type { World } from './acts.ts';
import type { MailServer } from './mail.ts';
import { differences, objectOf, textOf } from './person.ts';
import type { Caller } from './site.ts';

const PAGE = 1000;

/** @returns what is not as the model has it */
export async function comparePeople({ site, directory }: World): Promise<readonly string[]> {
  const faults: string[] = [];
  const seen = new Set<string>();
  for await (const resource of listed(site, 'manager', '/scim/v2/Users?')) {
    const id = textOf(objectOf(resource)['id']);
    const person = directory.people.get(id);
    if (seen.has(id)) faults.push(`${id} is listed twice`);
    seen.add(id);
    const wrong = person ? differences(person, resource) : ['nobody knows them'];
    if (wrong.length > 0) faults.push(`${id} (${textOf(objectOf(resource)['userName'])}): ${wrong.join(', ')}`);
  }
  return [...faults, ...[...directory.people.keys()].filter((id) => !seen.has(id)).map((id) => `${id} is missing`)];
}

/** Each client sees its own names, for its own people. */
export async function compareNames({ site, directory }: World): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const caller of ['entra', 'hr', 'files'] as const) {
    for await (const resource of listed(site, caller, '/scim/v2/Users?attributes=externalId&')) {
      const { id, externalId } = objectOf(resource);
      const person = directory.people.get(textOf(id));
      const expected = person?.owner === caller && caller !== 'files' ? person.externalId : '';
      if (textOf(externalId) !== expected) faults.push(`to ${caller} ${textOf(id)} is ${textOf(externalId) || 'nobody'}, not ${expected || 'nobody'}`);
    }
  }
  return faults;
}

export async function compareGroups({ site, directory }: World): Promise<readonly string[]> {
  const faults: string[] = [];
  let seen = 0;
  for await (const resource of listed(site, 'manager', '/scim/v2/Groups?')) {
    seen++;
    const { id, displayName, members = [] } = objectOf(resource);
    const group = directory.groups.get(textOf(id));
    const actual = new Set((Array.isArray(members) ? members : []).map((member) => textOf(objectOf(member)['value'])));
    if (!group || textOf(displayName) !== group.name) faults.push(`the group ${textOf(id)} is called ${textOf(displayName)}`);
    const wrong = [...new Set([...actual, ...(group?.members ?? [])])].filter((member) => !actual.has(member) || group?.members.has(member) !== true);
    if (wrong.length > 0) faults.push(`${textOf(displayName)} has ${actual.size} members, not ${group?.members.size ?? 0}: ${wrong.slice(0, 3).join(', ')}`);
  }
  return seen === directory.groups.size ? faults : [...faults, `there are ${seen} groups, not ${directory.groups.size}`];
}

const KINDS = ['billed', 'unbilled', 'highest', 'joined', 'left'] as const;

/** Every day of the year, and now. */
export async function compareSeats({ site, directory }: World): Promise<readonly string[]> {
  const expected = directory.seats.until(site.now);
  const days = [...expected.keys()];
  const history = objectOf(await site.ask('manager', 'GET', `/api/v1/seats?from=${days[0] ?? ''}&to=${days.at(-1) ?? ''}`));
  const told = (Array.isArray(history['days']) ? history['days'] : []).map(objectOf);
  const faults = told.length === days.length ? [] : [`${told.length} days are told of, not ${days.length}`];
  for (const day of told) {
    const wanted = expected.get(textOf(day['day']));
    const wrong = KINDS.filter((kind) => objectOf(day[kind])['employee'] !== wanted?.[kind]);
    if (wrong.length > 0) faults.push(`on ${textOf(day['day'])} ${wrong.map((kind) => `${kind} is ${textOf(objectOf(day[kind])['employee'])}, not ${wanted?.[kind] ?? 0}`).join(', ')}`);
  }
  return faults;
}

/** One entry for each change of people, groups and imports, and none beside; on each person the versions are in their order, each once. */
export async function compareAudit({ site, directory }: World, from: ReadonlySet<string>): Promise<{ readonly entries: number; readonly faults: readonly string[] }> {
  const found = new Map<string, number>();
  const versions = new Map<string, number>();
  const faults: string[] = [];
  let entries = 0;
  for await (const entry of logged(site)) {
    const { id, action, on, version } = objectOf(entry);
    const { type, id: about } = objectOf(on);
    if (from.has(textOf(id)) || !['User', 'Group', 'Import'].includes(textOf(type))) continue;
    entries++;
    const key = `${textOf(type)} ${textOf(about)} ${textOf(action)}`;
    found.set(key, (found.get(key) ?? 0) + 1);
    if (textOf(type) !== 'User' || typeof version !== 'number') continue;
    // The newest comes first.
    const later = versions.get(textOf(about));
    if (later !== undefined && version >= later) faults.push(`${key} made version ${version}, and one behind it ${later}`);
    versions.set(textOf(about), version);
  }
  for (const key of new Set([...found.keys(), ...directory.audit.keys()])) {
    const [actual, expected] = [found.get(key) ?? 0, directory.audit.get(key) ?? 0];
    if (actual !== expected) faults.push(`${key}: ${actual} entries, not ${expected}`);
  }
  return { entries, faults };
}

/**
 * Each mail arrived once, but for those that a killed server had just sent; and of every leaver whose date came near the manager was told once.
 * @param kills how often the server was killed
 */
export async function compareMails({ site, directory }: World, mail: MailServer, kills: number): Promise<{ readonly mails: number; readonly again: number; readonly faults: readonly string[] }> {
  const copies = new Map<string, number>();
  for (const { id } of mail.received) copies.set(id, (copies.get(id) ?? 0) + 1);
  const faults: string[] = [];
  const notices = new Map<string, number>();
  let mails = 0;
  for await (const { _id, state, person, kind, about = [] } of site.store.collections.outbox.find({ t: site.tenant })) {
    mails++;
    const received = copies.get(`<${_id}@year.example>`) ?? 0;
    if (state === 'waiting' || state === 'givenUp' || state === 'refused') faults.push(`the mail ${_id} (${kind}) is ${state}`);
    if ((state === 'sent') !== received > 0) faults.push(`the mail ${_id} (${kind}) is ${state} and came ${received} times`);
    if (kind === 'leaveNotice') for (const leaver of about) notices.set(`${person ?? ''} ${leaver}`, (notices.get(`${person ?? ''} ${leaver}`) ?? 0) + 1);
  }
  const again = [...copies.values()].filter((count) => count > 1).length;
  if (again > kills) faults.push(`${again} mails came more than once, with ${kills} kills`);
  for (const key of new Set([...notices.keys(), ...directory.notices.keys()])) {
    if (key.split(' ').some((id) => !directory.people.has(id))) continue;
    const { sure, unsure } = directory.notices.get(key) ?? { sure: 0, unsure: 0 };
    const actual = notices.get(key) ?? 0;
    if (actual < sure || actual > sure + unsure) faults.push(`${key.replace(' ', ' was told of ')} ${actual} times, not ${sure}`);
  }
  return { mails, again, faults };
}

async function* logged(site: World['site']): AsyncGenerator<Json> {
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = objectOf(await site.ask('manager', 'GET', `/api/v1/audit?count=${PAGE}${cursor === '' ? '' : `&cursor=${cursor}`}`));
    const { entries, nextCursor } = page;
    if (Array.isArray(entries)) yield* entries;
    cursor = typeof nextCursor === 'string' ? encodeURIComponent(nextCursor) : undefined;
  }
}

async function* listed(site: World['site'], caller: Caller, path: string): AsyncGenerator<Json> {
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = objectOf(await site.ask(caller, 'GET', `${path}count=${PAGE}&cursor=${cursor}`));
    const { Resources, nextCursor } = page;
    if (Array.isArray(Resources)) yield* Resources;
    cursor = typeof nextCursor === 'string' ? encodeURIComponent(nextCursor) : undefined;
  }
}

