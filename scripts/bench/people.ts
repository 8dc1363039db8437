/**
 * People in the shape that the application writes, in batches past it: names as they are spread in a country, roles and statuses as an employer has
 * them, contact persons and portal users of companies. The same number is always the same people.
 */
import { v7 as uuid } from 'uuid';
import { factsOf, withFacts, type Facts } from '../../src/accounts/facts.ts';
import type { Attributes, ResourceType } from '../../src/scim/schema.ts';
import { ACCOUNT_EXTENSION, EXTERNAL_EXTENSION, PORTAL_EXTENSION, SCHEMA } from '../../src/scim/urns.ts';
import type { OutboxDocument } from '../../src/store/account-documents.ts';
import { encodeAttributes } from '../../src/store/codec.ts';
import type { ResourceDocument } from '../../src/store/documents.ts';
import type { Store } from '../../src/store/store.ts';

/** The first ones are those of many: with `1 / (place + 2)` every fourth of a few dozen names is one of the first three. */
const GIVEN = words('Jan Maria Johannes Anna Peter Eva Sofie Noor Bram Daan Lars Ingrid Janneke Jasper Emma Lotte Thijs Sem Ruben Fatima Mohamed Sanne Kees Willem Hendrik Joke Marloes Pieter Tess Zoë Øyvind Kari Ola Nils Åse Li Ada Bo');
const FAMILY = words('Jong Jansen Vries Berg Bakker Dijk Visser Janssen Smit Meijer Boer Mulder Groot Bos Vos Peters Hendriks Leeuwen Dekker Brink Wit Dijkstra Smits Graaf Meer Linden Kok Jacobs Haan Vermeulen Heuvel Veen Broek Bruijn Schouten Beek Hansen Johansen Olsen Nilsen El-Amrani Yılmaz Çelik Nguyen');
const INFIX = ['', '', '', 'de', 'van', 'van der', 'van den', 'ter'];
const ROLES = ['Medewerker', 'Planner', 'Manager', 'Administratie', 'Keurmeester', ...Array.from({ length: 40 }, (_, n) => `Team ${n + 1}`)];
const DEPARTMENTS = words('Beheer Bouw Burgerzaken Financiën Inkoop Juridisch Onderwijs Personeel Toezicht Verkoop');
const STATUSES = [['active', 76], ['none', 10], ['deactivated', 8], ['invited', 5], ['locked', 1]] as const;
const POPULATIONS = [['employee', 90], ['external', 5], ['contact', 3], ['portal', 2]] as const;

/** Of employees those with names of their own: the tail of a register, of which nobody knows two. */
const RARE = 0.4;
const SYLLABLES = words('al ber dam el fen gor hul ij kam lo mar nes oud pol rie sta tol uit wes zon');
const BATCH = 2000;
const PEOPLE_OF_A_COMPANY = 40;

function words(text: string): readonly string[] {
  return text.split(' ');
}

/** mulberry32: of one seed always the same. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const even = <T>(values: readonly T[], at: number, otherwise: T): T => values[Math.floor(at * values.length)] ?? otherwise;
const skewed = (values: readonly string[], at: number): string => even(values, at ** 2.5, '');

function weighted<T extends string>(values: readonly (readonly [T, number])[], at: number, otherwise: T): T {
  let left = at * 100;
  return values.find(([, weight]) => (left -= weight) < 0)?.[0] ?? otherwise;
}

export interface Made {
  readonly population: string;
  readonly attributes: Attributes;
}

const at = new Date('2026-11-01T08:00:00.000Z');

/** @param people how many there are in all */
export function person(n: number, people: number): Made {
  const next = chance(n);
  const given = skewed(GIVEN, next());
  const family = next() < RARE ? rare(next) : skewed(FAMILY, next());
  const infix = even(INFIX, next(), '');
  const population = weighted(POPULATIONS, next(), 'employee');
  const status = weighted(STATUSES, next(), 'active');
  const address = `${given}.${infix}${family}.${n}@example.com`.toLowerCase().replaceAll(/[^\p{L}\p{N}.@-]/gu, '');
  const roles = [...new Set([skewed(ROLES, next()), ...(next() < 0.3 ? [even(ROLES, next(), '')] : [])])];
  const company = `company-${Math.floor(next() * companiesOf(people))}`;
  return {
    population,
    attributes: {
      userName: address, name: { givenName: given, familyName: family }, displayName: [given, infix, family].filter((part) => part !== '').join(' '),
      emails: [{ value: address, type: 'work', primary: true }], roles: roles.map((value) => ({ value })), preferredLanguage: 'nl', active: status !== 'deactivated',
      ...(population === 'employee' ? { title: `Medewerker ${n % 90}`, [SCHEMA.enterpriseUser]: { employeeNumber: String(n), department: even(DEPARTMENTS, next(), '') } } : {}),
      ...(population === 'external' ? { [EXTERNAL_EXTENSION]: { company: { value: company }, companyId: company, registered: true, loginEnabled: next() < 0.8 } } : {}),
      ...(population === 'contact' ? { [EXTERNAL_EXTENSION]: { company: { value: company }, companyId: company } } : {}),
      ...(population === 'portal' ? { [PORTAL_EXTENSION]: { enabled: true, access: [{ portal: 'portal-1', customer: company, enabled: true }] } } : {}),
      ...loginOf(status, infix),
    },
  };
}

export const companiesOf = (people: number) => Math.max(1, Math.floor(people / PEOPLE_OF_A_COMPANY));

const rare = (next: () => number) => {
  const name = Array.from({ length: 3 }, () => even(SYLLABLES, next(), '')).join('');
  return name.charAt(0).toUpperCase() + name.slice(1);
};

function loginOf(status: string, infix: string): Attributes {
  const instant = at.toISOString();
  const expires = new Date(at.getTime() + 7 * 86_400_000).toISOString();
  const invited: Partial<Facts> = { signInMethod: 'password', invitation: { sentAt: instant, expiresAt: expires } };
  const activated: Partial<Facts> = { ...invited, activatedAt: instant, passwordChangedAt: instant };
  const facts: Readonly<Record<string, Partial<Facts>>> = { none: {}, invited, active: activated, deactivated: activated, locked: { ...activated, lockedAt: instant } };
  const none = factsOf({ active: status !== 'deactivated' });
  return withFacts(infix === '' ? {} : { [ACCOUNT_EXTENSION]: { familyNamePrefix: infix } }, { ...none, ...facts[status] });
}

/** Adds people to a tenant that has none. The indexes of the store are there again behind it. */
export async function makePeople(store: Store, tenant: string, count: number, told: (made: number) => void): Promise<void> {
  const type = store.registry.type('User');
  const collection = store.collections.resources(type);
  const counts = new Map<string, { billed: number; unbilled: number }>();
  for (let start = 0; start < count; start += BATCH) {
    const made = Array.from({ length: Math.min(BATCH, count - start) }, (_, place) => person(start + place, count));
    const documents = made.map((one) => documentOf(type, tenant, one));
    for (const { p, a } of documents) {
      const seats = counts.get(p) ?? { billed: 0, unbilled: 0 };
      counts.set(p, seats);
      seats[a['active'] === false ? 'unbilled' : 'billed']++;
    }
    const mails = documents.filter(({ k }) => statusIn(k) === 'invited').map((document) => mailOf(tenant, document._id));
    await Promise.all([collection.insertMany(documents, { ordered: false }), ...(mails.length > 0 ? [store.collections.outbox.insertMany(mails, { ordered: false })] : [])]);
    told(start + made.length);
  }
  const company = store.registry.type('Company');
  const companies = Array.from({ length: companiesOf(count) }, (_, n) => documentOf(company, tenant, { population: 'all', attributes: { displayName: `${even(FAMILY, chance(n)(), '')} ${n}`, number: `K${n}`, active: true } }, `company-${n}`));
  for (let start = 0; start < companies.length; start += BATCH) await store.collections.resources(company).insertMany(companies.slice(start, start + BATCH), { ordered: false });
  const role = store.registry.type('Role');
  await store.collections.resources(role).insertMany(ROLES.map((displayName) => documentOf(role, tenant, { population: 'all', attributes: { displayName } })), { ordered: false });
  await store.collections.seats.updateOne({ _id: tenant, t: tenant }, { $set: { counts: Object.fromEntries(counts), since: at.toISOString() } }, { upsert: true });
}

const statusIn = (k: ResourceDocument['k']): unknown => (typeof k['_search'] === 'object' && 'st' in k['_search'] ? k['_search'].st : undefined);

function documentOf(type: ResourceType, t: string, { population, attributes }: Made, id: string = uuid()): ResourceDocument {
  const instant = at.toISOString();
  return { _id: id, t, v: 1, created: instant, lastModified: instant, ext: [], p: population, mr: 0, ...encodeAttributes(type, attributes) };
}

const mailOf = (t: string, person: string): OutboxDocument => ({
  _id: uuid(), t, person, kind: 'invitation', to: { name: '', address: '' }, language: 'nl', subject: '', text: '', html: '', created: at, state: 'sent', attempts: 1, due: at, done: at,
});
