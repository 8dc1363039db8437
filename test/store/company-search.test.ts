/** The people of a company among many: an index decides on them, whatever is asked of them, and for a caller who is limited to companies too. */
import t from 'tap';
import type { mongo } from 'mongoose';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { listCompanies } from '../../src/accounts/companies.ts';
import { listPeople } from '../../src/accounts/people.ts';
import type { PeopleQuery } from '../../src/accounts/people-query.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { policyOf } from '../../src/policy.ts';
import type { Attributes } from '../../src/scim/schema.ts';
import { encodeAttributes } from '../../src/store/codec.ts';
import type { Seen } from '../../src/store/audience.ts';
import type { ResourceDocument } from '../../src/store/documents.ts';
import { companyKey, searchKeys } from '../../src/store/search-keys.ts';
import { EXTERNAL, PORTALS } from '../accounts/company-world.ts';
import { ACCOUNT } from '../accounts/world.ts';
import { startApp } from '../helpers/app.ts';
import { openUnwatched } from '../helpers/store.ts';

const commands: mongo.CommandStartedEvent[] = [];
const app = await startApp(t, import.meta.url, {}, { monitor: (event) => commands.push(event) });
const { clock, config, registry, store, tenants } = app;
const database = await openUnwatched(t, store);
const [User, Company] = [registry.type('User'), registry.type('Company')];

/** `COMPANY_PEOPLE=100000` for the measurement in docs/decisions.md. */
const PEOPLE = Number(process.env['COMPANY_PEOPLE'] ?? 4000);
const COMPANIES = PEOPLE / 40;
const GIVEN = ['Jan', 'Piet', 'Anna', 'Eva', 'Sofie', 'Noor', 'Bram', 'Daan', 'Lars', 'Ingrid', 'Janneke', 'Jasper'];
const FAMILY = ['Berg', 'Vries', 'Jong', 'Bakker', 'Visser', 'Smit', 'Meijer'];
const at = clock.now.toISOString();
const companyOf = (n: number) => `company-${n % COMPANIES}`;
const kinds: readonly ((company: string) => { readonly p: string; readonly attributes: Attributes })[] = [
  (companyId) => ({ p: 'contact', attributes: { [EXTERNAL]: { company: { value: companyId }, companyId } } }),
  (companyId) => ({ p: 'external', attributes: { [EXTERNAL]: { company: { value: companyId }, companyId, registered: true, loginEnabled: true, role: 'Klant' }, [ACCOUNT]: { status: 'active' } } }),
  (companyId) => ({ p: 'external', attributes: { [EXTERNAL]: { company: { value: companyId }, companyId, registered: true, loginEnabled: false }, [ACCOUNT]: { status: 'none' } } }),
  (customer) => ({ p: 'portal', attributes: { [PORTALS]: { access: [{ portal: 'a', customer }, { portal: 'b', customer }, { portal: 'a', customer: `${customer}0` }] }, [ACCOUNT]: { status: 'active' } } }),
];
const documents = Array.from({ length: PEOPLE }, (_, n): ResourceDocument => {
  const { p, attributes } = (kinds[Math.floor(n / COMPANIES) % 4] ?? (() => ({ p: 'contact', attributes: {} })))(companyOf(n));
  return {
    _id: `many-${String(n).padStart(6, '0')}`, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p, mr: 0,
    ...encodeAttributes(User, { userName: `many${n}`, active: n % 50 !== 0, name: { givenName: GIVEN[Math.floor(n / COMPANIES) % 12] ?? '', familyName: `${FAMILY[n % 7]}${n % 50}` }, roles: [{ value: `Role ${n % 7}` }], ...attributes }),
  };
});
for (let start = 0; start < PEOPLE; start += 5000) await store.collections.resources(User).insertMany(documents.slice(start, start + 5000));
await store.collections.resources(Company).insertMany(Array.from({ length: COMPANIES }, (_, n): ResourceDocument => ({
  _id: `company-${n}`, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p: 'all', mr: 0, ...encodeAttributes(Company, { displayName: `${FAMILY[n % 7]} ${GIVEN[n % 12]} ${n}`, number: `K${n}`, active: n % 9 !== 0 }),
})));

const contextOf = (...audience: readonly Seen[]) => systemContext(
  { store, registry, behaviours: accountBehaviours, config, now: () => clock.now, log: store.log },
  { tenant: { id: tenants.own, name: 'default', policy: policyOf({}) }, actor: { kind: 'system', id: 'test' }, requestId: 'r', from: undefined, ...(audience.length > 0 ? { audience } : {}) },
);
const everybody = contextOf();
const limited = contextOf('all', 'external@company-7', 'contact@company-7', 'portal@company-7', 'portal@company-70');

/** What MongoDB looks at for the commands that were sent: keys and documents, for each that it returns. */
async function looked(collection: string) {
  const reads = commands.filter(({ commandName, command }) => commandName === 'find' && command['find'] === collection && command['hint'] !== undefined);
  return Promise.all(reads.map(async ({ command: { find, filter, sort, hint, limit, projection } }) => {
    const { executionStats: stats } = await database.command({ explain: { find, filter, ...(sort ? { sort } : {}), hint, ...(limit ? { limit } : { limit: 50 }), projection }, verbosity: 'executionStats' });
    return { returned: Number(stats.nReturned), keys: Number(stats.totalKeysExamined), documents: Number(stats.totalDocsExamined), stages: [...JSON.stringify(stats.executionStages).matchAll(/"stage":"(\w+)"/g)].map(([, stage = '']) => stage) };
  }));
}

const QUERIES: Readonly<Record<string, PeopleQuery & { readonly of: number }>> = {
  'the contact persons of a company': { shown: 'contacts', company: 'company-7', of: 30 },
  'its external users': { shown: 'external', company: 'company-7', of: 20 },
  'those with an active login': { shown: 'loginEnabled', company: 'company-7', of: 10 },
  'those with an inactive one': { shown: 'loginDisabled', company: 'company-7', of: 10 },
  'those who are no external users': { shown: 'notExternal', company: 'company-7', of: 10 },
  'its portal users': { shown: 'portal', company: 'company-7', of: 10 },
  'a term in it': { shown: 'contacts', company: 'company-7', search: 'jan', of: 0 },
  'terms, a role and a status in it': { shown: 'contacts', company: 'company-7', search: 'jan, anna, many', roles: ['Role 0', 'Role 1', 'Role 2', 'Role 3', 'Role 4', 'Role 5', 'Role 6'], statuses: ['none', 'active'], of: 30 },
  'a term among its portal users': { shown: 'portal', company: 'company-7', search: 'm', of: 10 },
  'another company': { shown: 'contacts', company: 'company-8', of: 30 },
};

for (const [what, { of, ...query }] of Object.entries(QUERIES)) {
  t.test(`X2, X6: ${what} among ${PEOPLE} people are found by an index: at most ten times as many keys as are returned`, async (t) => {
    for (const context of [everybody, limited]) {
      commands.length = 0;
      const answer = await listPeople(context, query, { count: 100 });
      const isSeen = context === everybody || query.company === 'company-7';
      if (query.search !== 'jan') t.equal(answer.people.length, isSeen ? of : 0);
      else t.ok(answer.people.length > 0);
      const plans = await looked('users');
      t.ok(plans.length > 0);
      for (const { returned, keys, documents: read, stages } of plans) {
        t.ok(stages.includes('IXSCAN') && !stages.includes('COLLSCAN'), stages.join());
        // Of each population and status one key is looked at to see that there is nobody.
        if (isSeen) t.ok(keys <= 10 * Math.max(returned, 1) + 40 && read <= 10 * Math.max(returned, 1), `${keys} keys and ${read} documents for ${returned}`);
        t.comment(`${what}: ${keys} keys and ${read} documents for ${returned}`);
      }
    }
  });
}

t.test('X6: external users of all companies, a page after the other', async (t) => {
  for (const query of [{ shown: 'loginDisabled' }, { shown: 'external', statuses: ['active'] }, { shown: 'portal' }] satisfies PeopleQuery[]) {
    let cursor: string | undefined;
    for (let page = 0; page < 3; page++) {
      commands.length = 0;
      ({ cursor } = await listPeople(everybody, query, { count: 50, cursor }));
      for (const { returned, keys, documents: read, stages } of await looked('users')) {
        t.notOk(stages.includes('SORT'), 'in the order of the index');
        t.ok(keys <= 10 * returned && read <= 10 * returned, `${JSON.stringify(query)}: ${keys} keys and ${read} documents for ${returned}`);
      }
    }
  }
});

t.test('X2: companies by their names', async (t) => {
  for (const search of ['berg jan', 'jan', 'k1', undefined]) {
    commands.length = 0;
    const { companies } = await listCompanies(everybody, search, { count: 10 });
    t.ok(companies.length > 0);
    for (const { returned, documents: read, stages } of await looked('companies')) t.ok(read <= 10 * returned && !stages.includes('COLLSCAN'), `${search}: ${read} for ${returned}`);
  }
  t.same((await listCompanies(limited, undefined, { count: 10 })).companies.map(({ id }) => id), ['company-7', 'company-70'].filter((id) => Number(id.slice(8)) < COMPANIES));
});

t.test('whatever somebody has access to, the keys have an end', async (t) => {
  const access = Array.from({ length: 500 }, (_, n) => ({ portal: 'a', customer: `c${n}` }));
  const keys = searchKeys(User, { userName: 'jan', [PORTALS]: { access }, [EXTERNAL]: { company: { value: 'c1' }, companyId: 'c1' } });
  t.match(keys?.s, [/^\*jan/, /^#jan/]);
  t.equal(keys?.s.length, 2);
  t.ok(keys?.r.includes(companyKey('portal', 'c499')) && keys.r.includes(companyKey('contacts', 'c1')) && !keys.r.includes(companyKey('external', 'c1')));
  const address = 'many-customers';
  await store.collections.resources(User).insertOne({ _id: address, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p: 'portal', mr: 0, ...encodeAttributes(User, { userName: 'zzcustomers', [PORTALS]: { access } }) });
  t.same((await listPeople(everybody, { shown: 'portal', company: 'c77', search: 'zzc' }, { count: 10 })).people.map(({ id }) => id), [address]);
  t.same((await listPeople(everybody, { shown: 'portal', company: 'elsewhere', search: 'zzc' }, { count: 10 })).people, []);
});
