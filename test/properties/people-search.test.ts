/** Whom a search finds is whom a plain look at everybody finds, for random names, terms, roles and statuses, page after page. */
import t from 'tap';
import fc from 'fast-check';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { STATUSES, type Status } from '../../src/accounts/facts.ts';
import { listPeople } from '../../src/accounts/people.ts';
import { TABS, type PeopleQuery } from '../../src/accounts/people-query.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { policyOf } from '../../src/policy.ts';
import { compareCodePoints } from '../../src/scim/fold.ts';
import type { Attributes } from '../../src/scim/schema.ts';
import { encodeAttributes } from '../../src/store/codec.ts';
import type { ResourceDocument } from '../../src/store/documents.ts';
import { startApp } from '../helpers/app.ts';
import { counterexample, seed } from '../helpers/arbitraries.ts';
import { ACCOUNT } from '../accounts/world.ts';

const app = await startApp(t, import.meta.url);
const { clock, config, registry, store, tenants } = app;
const type = registry.type('User');

const WORDS = ['Jan', 'JAN', 'jan', 'Ján', 'Ja\u0308n', 'Janneke', 'J', 'Berg', 'Bérg', 'bergen', 'van', 'der', 'Øster', 'oster', 'Straße', 'Łuk', 'Æsir', 'ΣΑΣ', 'σασα', 'İnci', 'ｊａｎ', '\u{1f600}', '\u{1f600}Jan', 'a.b', '(x', '[q', '*', '^J', '$', 'x|y', '\\d', 'O\'Brien', 'O’Brien', 'de-Jong', 'Vries-Jansen', 'Núñez', '한국', '山田', '\u0915\u093f', '\u0915\u093e', '1a', 'a\u200db', '\ufb01n'];
const INFIXES = ['van', 'van der', 'Van  Der', 'de', 'ø'];
const ROLES = ['Planner', 'Agent', 'Supervisor', 'Lead', 'HR', 'R.*', 'Rôle', 'PLANNER', 'x', 'y', 'z'];
const POPULATIONS = ['employee', 'external'] as const;

const word = fc.constantFrom(...WORDS);
const words = (most: number) => fc.array(word, { minLength: 1, maxLength: most }).chain((list) => fc.constantFrom(' ', '  ', ', ').map((gap) => list.join(gap)));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

interface Somebody {
  readonly id: string;
  readonly population: (typeof POPULATIONS)[number];
  readonly status: Status;
  readonly given: string | undefined;
  readonly infix: string | undefined;
  readonly family: string | undefined;
  readonly display: string | undefined;
  readonly addresses: readonly string[];
  readonly roles: readonly string[];
}

const people = fc.sample(fc.record({
  population: fc.constantFrom(...POPULATIONS),
  status: fc.constantFrom(...STATUSES),
  given: optional(words(2)),
  infix: optional(fc.constantFrom(...INFIXES)),
  family: optional(words(3)),
  display: optional(words(4)),
  addresses: fc.array(word.map((name) => `${name.replace(/[^\w.]/g, '')}x@Example.com`), { maxLength: 3 }),
  roles: fc.uniqueArray(fc.constantFrom(...ROLES), { maxLength: 9 }),
}), { numRuns: 400, seed }).map((one, n): Somebody => ({ ...one, id: `person-${String(n).padStart(3, '0')}` }));

const userNameOf = ({ id }: Somebody) => `U.${id}`;

function attributesOf(one: Somebody): Attributes {
  const { status, given, infix, family, display, addresses, roles } = one;
  const name = { ...(given === undefined ? {} : { givenName: given }), ...(family === undefined ? {} : { familyName: family }) };
  return {
    userName: userNameOf(one), active: status !== 'deactivated',
    ...(Object.keys(name).length > 0 ? { name } : {}),
    ...(display === undefined ? {} : { displayName: display }),
    ...(addresses.length > 0 ? { emails: addresses.map((value) => ({ value })) } : {}),
    ...(roles.length > 0 ? { roles: roles.map((value) => ({ value })) } : {}),
    [ACCOUNT]: { status, ...(infix === undefined ? {} : { familyNamePrefix: infix }), ...(status === 'active' ? { signInMethod: 'sso' } : {}) },
  };
}

const at = clock.now.toISOString();
const document = (one: Somebody, t: string): ResourceDocument => ({ _id: `${t === tenants.own ? '' : 'other-'}${one.id}`, t, v: 1, created: at, lastModified: at, ext: [], p: one.population, mr: 0, ...encodeAttributes(type, attributesOf(one)) });
await store.collections.resources(type).insertMany([...people.map((one) => document(one, tenants.own)), ...people.map((one) => document(one, tenants.other))]);

/** The same said again, in another way than `searchable` says it. */
function plain(text: string): string {
  const letters: Record<string, string> = { ø: 'o', ß: 'ss', ł: 'l', æ: 'ae', ς: 'σ', '’': '\'' };
  const bare = text.normalize('NFKD').toLowerCase().normalize('NFKD').replace(/[\u0300-\u036f\u200d]/g, '').normalize('NFC');
  return Array.from(bare, (letter) => letters[letter] ?? letter).join('').split(/[\s,]+/).filter((part) => part !== '').join(' ');
}

const isLetter = (text: string | undefined) => text !== undefined && /[\p{L}\p{N}\p{M}]/u.test(text);

/** Whether a word of the name begins with the term, or the name does. */
function nameBegins(name: string, term: string): boolean {
  const letters = Array.from(plain(name));
  return letters.some((letter, place) => {
    const isStart = place === 0 || letters[place - 1] === ' ' || (isLetter(letter) && !isLetter(letters[place - 1]));
    return isStart && letter !== ' ' && letters.slice(place).join('').startsWith(term);
  });
}

function partsOf({ given = '', infix = '', family = '' }: Somebody) {
  const begins = infix !== '' && plain(family).startsWith(`${plain(infix)} `);
  const core = begins ? plain(family).slice(plain(infix).length + 1) : plain(family);
  return { given: plain(given), infix: core === '' ? '' : plain(infix), core, alone: plain(infix) };
}

function hasName(one: Somebody, term: string): boolean {
  const { given, core, alone } = partsOf(one);
  const whole = [given, alone, core].filter((part) => part !== '').join(' ');
  return [whole, one.display ?? ''].some((name) => nameBegins(name, term)) || [userNameOf(one), ...one.addresses].some((text) => plain(text).startsWith(term));
}

const fold = (role: string) => role.normalize('NFKC').toLowerCase();

function isMeant(one: Somebody, { populations = ['employee'], tab, search = '', roles = [], statuses }: PeopleQuery): boolean {
  const terms = search.split(',').map(plain).filter((term) => term !== '');
  return populations.includes(one.population)
    && (tab === undefined || (one.status === 'deactivated') === (tab === 'unbilled'))
    && (!statuses || statuses.includes(one.status))
    && (roles.length === 0 || roles.some((role) => one.roles.some((own) => fold(own) === fold(role))))
    && (terms.length === 0 || terms.some((term) => hasName(one, term)));
}

/** Pieces of what there is, whole words, and what nobody has. */
const term = fc.oneof(
  { weight: 3, arbitrary: word }, { weight: 2, arbitrary: words(2).map((text) => text.replaceAll(',', ' ')) }, { weight: 1, arbitrary: fc.constantFrom('', ' ', 'zz', 'u.person-1', '.', 'example') },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...people), fc.nat(9)).map(([one, length]) => Array.from(one.display ?? one.family ?? one.given ?? userNameOf(one)).slice(0, length + 1).join('').replaceAll(',', ' ')) },
);
const query: fc.Arbitrary<PeopleQuery> = fc.record({
  populations: fc.subarray([...POPULATIONS], { minLength: 1 }),
  tab: optional(fc.constantFrom(...TABS)),
  search: optional(fc.array(term, { maxLength: 4 }).map((terms) => terms.join(','))),
  roles: fc.uniqueArray(fc.oneof(fc.constantFrom(...ROLES), fc.constant('nobody')), { maxLength: 3 }),
}).chain((rest) => optional(fc.subarray([...STATUSES], { minLength: 1 })).map((statuses) => ({ ...rest, ...(statuses ? { statuses } : {}) })));

const contextOf = (policy = {}) => systemContext(
  { store, registry, behaviours: accountBehaviours, config, now: () => clock.now, log: store.log },
  { tenant: { id: tenants.own, name: 'default', policy: policyOf(policy) }, actor: { kind: 'system', id: 'test' }, requestId: 'r', from: undefined },
);

async function walk(asked: PeopleQuery, count: number, policy = {}): Promise<{ readonly ids: readonly string[]; readonly total: number | undefined }> {
  const ids: string[] = [];
  let cursor: string | undefined;
  let total: number | undefined;
  do {
    const page = await listPeople(contextOf(policy), asked, { count, cursor });
    ids.push(...page.people.map(({ id }) => id));
    ({ cursor, total } = page);
  } while (cursor !== undefined);
  return { ids, total };
}

t.test('the search finds whom a look at everybody finds, each once, on pages of any size', async (t) => {
  let hits = 0;
  // More than ten pages are read in the order of keys.
  t.equal(await counterexample(fc.asyncProperty(query, fc.constantFrom(1, 3, 12, 15), async (asked, pages) => {
    const wanted = people.filter((one) => isMeant(one, asked)).map(({ id }) => id);
    hits += wanted.length;
    const { ids, total } = await walk(asked, Math.max(Math.floor(wanted.length / pages), 1));
    if (JSON.stringify(ids.toSorted()) !== JSON.stringify(wanted)) throw new Error(`found ${JSON.stringify(ids.toSorted())}\nwanted ${JSON.stringify(wanted)}`);
    if (total !== wanted.length) throw new Error(`counted ${total} of ${wanted.length}`);
  }), 200), undefined);
  t.ok(hits > 1000, 'something is found');
});

t.test('without terms the order is that of family name, given name and id, or of the infix', async (t) => {
  t.equal(await counterexample(fc.asyncProperty(query, fc.boolean(), async (asked, byInfix) => {
    const { search, ...others } = asked;
    const place = (one: Somebody) => {
      const { given, infix, core } = partsOf(one);
      if (core === '') return [plain(one.display ?? '') || [given, partsOf(one).alone].filter((part) => part !== '').join(' ') || plain(userNameOf(one)), ''];
      return [byInfix ? `${infix} ${core}`.trim() : core, given];
    };
    const byPlace = (one: Somebody, other: Somebody) => {
      const [a, b] = [place(one), place(other)];
      return compareCodePoints(a[0] ?? '', b[0] ?? '') || compareCodePoints(a[1] ?? '', b[1] ?? '') || compareCodePoints(one.id, other.id);
    };
    const wanted = people.filter((one) => isMeant(one, others)).sort(byPlace).map(({ id }) => id);
    const { ids } = await walk(others, 60, byInfix ? { infixSorting: 'infix' } : {});
    const wrong = ids.findIndex((id, place) => id !== wanted[place]);
    if (wrong >= 0 || ids.length !== wanted.length) throw new Error(`at ${wrong}: found ${JSON.stringify(people.find(({ id }) => id === ids[wrong]))}, wanted ${JSON.stringify(people.find(({ id }) => id === wanted[wrong]))}`);
  }), 40), undefined);
});
