/**
 * What a page of the list of users costs: how many commands it sends to MongoDB besides those of the session and the rights of whoever looks, and
 * its weight. Neither depends on how many people there are, so that some of them say it for a million; `npm run bench` measures those.
 */
import t from 'tap';
import type { mongo } from 'mongoose';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { setAdministrator } from '../../src/accounts/administrators.ts';
import { withFacts, factsOf } from '../../src/accounts/facts.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { policyOf } from '../../src/policy.ts';
import { encodeAttributes } from '../../src/store/codec.ts';
import type { ResourceDocument } from '../../src/store/documents.ts';
import { ACCOUNT, PASSWORD, startWorld } from '../accounts/world.ts';
import { EXTERNAL, PORTALS } from './company-world.ts';

const commands: mongo.CommandStartedEvent[] = [];
const world = await startWorld(t, import.meta.url, {}, { monitor: (event) => commands.push(event) });
const { store, config, clock, tenants } = world;
const User = store.registry.type('User');

const administrator = await world.active({ name: { givenName: 'Anna', familyName: 'Beheer' } });
await setAdministrator(systemContext({ store, registry: store.registry, behaviours: accountBehaviours, config, now: () => clock.now, log: store.log },
  { tenant: { id: tenants.own, name: 'default', policy: policyOf({}) }, actor: { kind: 'system', id: 'test' }, requestId: 'test', from: undefined }), administrator.id, true);
const browser = world.browser();
await browser.post('/sign-in', { name: administrator.address, password: PASSWORD });

/** Enough for searches that find more than what is sorted and more than what is counted. */
const PEOPLE = 1100;
const at = clock.now.toISOString();
const FAMILY = ['Berg', 'Vries', 'Jong', 'Bakker', 'Visser'];
const facts = { ...factsOf({ active: true }), invitation: { sentAt: at, expiresAt: at } };
/** Every third is invited, every third active, and long names make heavy rows. */
const personOf = (n: number) => withFacts(
  { userName: `someone.with.a.long.name.${n}@a-long-department.people.example`, name: { givenName: 'Jan Willem Alexander', familyName: `${FAMILY[n % 5] ?? ''}-van Hohenlohe ${n}` }, emails: [{ value: `someone.with.a.long.name.${n}@a-long-department.people.example` }], roles: [{ value: `Role ${n % 7}` }, { value: 'Planner' }], [ACCOUNT]: { familyNamePrefix: 'van der' } },
  n % 3 === 0 ? facts : n % 3 === 1 ? { ...facts, activatedAt: at } : { ...facts, invitation: undefined },
);
const documents = Array.from({ length: PEOPLE }, (_, n): ResourceDocument => ({ _id: `many-${String(n).padStart(4, '0')}`, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p: 'employee', mr: 0, ...encodeAttributes(User, personOf(n)) }));
await store.collections.resources(User).insertMany(documents);

/** What is sent for a page that reads nothing of its own: who looks, and what they may. */
async function sentFor(path: string): Promise<{ readonly names: readonly string[]; readonly text: string; readonly hints: readonly boolean[] }> {
  await store.settled();
  commands.length = 0;
  const { status, text } = await browser.get(path);
  if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 300)}`);
  const names = commands.map(({ commandName, command }) => `${commandName} ${String(command[commandName])}`);
  // People whom a list finds; those that are known by their ids need none.
  const lists = commands.filter(({ command }) => (command['find'] === 'users' && command['filter']._id?.$in === undefined && typeof command['filter']._id !== 'string') || command['aggregate'] === 'users');
  const hints = lists.map(({ command }) => command['hint'] !== undefined);
  await store.settled();
  return { names, text, hints };
}

const MOST_COMMANDS = 3;
const MOST_BYTES = 150_000;
await sentFor('/console/users');
const bare = await sentFor('/console/users/new');

const next = (text: string) => /href="[^"]*(\/console\/users\?[^"]+)" rel="next"/.exec(text)?.[1]?.replaceAll('&amp;', '&');

/** Goes on from one status to the next. */
const EVERY_PAGE = 'search=jan,berg,some';
const SEARCHES: Readonly<Record<string, string>> = {
  'the list as it opens': '',
  'the other tab': 'tab=unbilled',
  'a status': 'status=invited',
  'two roles': 'role=Planner&role=Role+3',
  'a term that finds many': 'search=jan',
  'a term that finds one': 'search=someone.with.a.long.name.77%40',
  'three terms that find many': EVERY_PAGE,
  'a name and its parts': 'search=van der,der,willem',
  'three terms, two roles and a status': 'search=jan,berg,some&role=Planner&role=Role+3&status=invited',
  'twenty terms': `search=${Array.from({ length: 20 }, (_, n) => `someone.with.a.long.name.${n + 10}`).join()}`,
  'nobody': 'search=zzz,yyy,xxx',
};

for (const [what, query] of Object.entries(SEARCHES)) {
  t.test(`J1, J2, J3: ${what}: a page in at most ${MOST_COMMANDS} commands, and light`, async (t) => {
    let path: string | undefined = `/console/users${query === '' ? '' : `?${query}`}`;
    for (let page = 1; path !== undefined && page <= (query === EVERY_PAGE ? Infinity : 3); page++) {
      const { names, text } = await sentFor(path);
      t.ok(names.length - bare.names.length <= MOST_COMMANDS, `page ${page}: ${names.join(', ')} beside ${bare.names.join(', ')}`);
      t.ok(Buffer.byteLength(text) < MOST_BYTES, `page ${page}: ${Buffer.byteLength(text)} bytes`);
      path = next(text);
    }
  });
}

t.test('rights by a group that is in no other group take two commands', async (t) => {
  t.same(bare.names.filter((name) => /members|groups/.test(name)), ['find members', 'find groups']);
});

t.test('X2, X6, P2: the lists of the people of companies read the indexes of lists', async (t) => {
  const type = store.registry.type('Company');
  const portal = store.registry.type('Portal');
  const named = (of: typeof type, _id: string): ResourceDocument => ({ _id, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p: 'all', mr: 0, ...encodeAttributes(of, { displayName: _id, active: true }) });
  await store.collections.resources(type).insertOne(named(type, 'company-1'));
  await store.collections.resources(portal).insertOne(named(portal, 'portal-1'));
  await store.collections.resources(User).insertMany(Array.from({ length: 120 }, (_, n): ResourceDocument => {
    const extension = n % 2 === 0 ? { [EXTERNAL]: { company: { value: 'company-1' }, companyId: 'company-1', registered: true, loginEnabled: n % 4 === 0 } } : { [PORTALS]: { access: [{ portal: 'portal-1', customer: 'company-1', enabled: true }] } };
    return { _id: `theirs-${n}`, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p: n % 2 === 0 ? 'external' : 'portal', mr: 0, ...encodeAttributes(User, { userName: `theirs${n}@company.example`, name: { familyName: `Relatie ${n}` }, active: true, ...extension }) };
  }));
  for (const [path, found] of [['/console/external-users?', 50], ['/console/external-users?show=loginDisabled', 30], ['/console/companies/company-1/external?search=relatie', 50], ['/console/companies/company-1/external?search=nobody,xxx', 0], ['/console/companies/company-1/portal?', 50]] as const) {
    let next: string | undefined = path;
    for (let page = 1; next !== undefined && page <= 3; page++) {
      const { names, text, hints } = await sentFor(next);
      t.ok(names.length - bare.names.length <= MOST_COMMANDS + 1, `${next}: ${names.join(', ')}`);
      t.ok(Buffer.byteLength(text) < MOST_BYTES, `${Buffer.byteLength(text)} bytes`);
      t.ok(hints.length > 0 && hints.every(Boolean), `${next}: every list has its index`);
      if (page === 1) t.equal([...text.matchAll(/Relatie \d+<\/bdi>/g)].length, found, next);
      next = /href="([^"]+)" rel="next"/.exec(text)?.[1]?.replaceAll('&amp;', '&').replace(/^https?:\/\/[^/]+/, '');
    }
  }
});
