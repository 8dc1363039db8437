/** Whatever people are called: their export imports again and changes nobody, and what an import has made is what the next one finds. */
import fc from 'fast-check';
import t from 'tap';
import { POPULATIONS } from '../../src/store/audience.ts';
import { importsOf } from '../accounts/imports.ts';
import { ACCOUNT, startWorld } from '../accounts/world.ts';
import { ENTERPRISE, unique } from '../helpers/app.ts';

const world = await startWorld(t, import.meta.url);
const { call } = world;
const COLUMNS = 'lastName,firstName,email,userName,displayName,status,roles,population,employeeNumber,department,title,language,leaveDate,id';

/** What spreadsheets, quotes, separators and line breaks make trouble of. */
const piece = fc.constantFrom('=', '+', '-', '@', '\'', '"', ',', ';', '\t', '\n', '\r', '\r\n', ' ', 'a', 'Z', '0', 'é', '研', '😀', '＝', 'van der', '\u00a0', '\u200b');
const text = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('')).filter((one) => one.trim() !== '');
const maybe = fc.option(text, { nil: undefined });
const people = fc.array(fc.record({
  givenName: maybe, familyName: maybe, infix: maybe, displayName: maybe, title: maybe, department: maybe, employeeNumber: maybe,
  roles: fc.uniqueArray(text, { maxLength: 2, selector: (role) => role.normalize('NFKC').toLowerCase() }), named: text, population: fc.option(fc.constantFrom(...POPULATIONS), { nil: undefined }), hasAddress: fc.boolean(),
}), { minLength: 1, maxLength: 12 });

const exported = async (token: string, language: string, columns: string) =>
  (await world.app.inject({ url: `/api/v1/users/export?language=${language}&columns=${columns}&bom=true${POPULATIONS.map((one) => `&population=${one}`).join('')}`, headers: { authorization: `Bearer ${token}` } })).body;

t.test('an export imports again and changes nobody', async (t) => {
  const imports = importsOf(world);
  await fc.assert(fc.asyncProperty(people, fc.constantFrom('nl', 'nb', 'en'), async (made, language) => {
    for (const { givenName, familyName, infix, displayName, title, department, employeeNumber, roles, named, population, hasAddress } of made) {
      const body = {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `${named}${unique('p')}`, displayName, title,
        name: { givenName, familyName }, roles: roles.map((value) => ({ value })), [ENTERPRISE]: { department, employeeNumber },
        [ACCOUNT]: { familyNamePrefix: infix, population }, ...(hasAddress ? { emails: [{ value: `${unique('p')}@people.example` }] } : {}),
      };
      await call('POST', '/Users', JSON.parse(JSON.stringify(body)), world.as);
    }
    const file = await exported(world.manager, language, COLUMNS);
    const { id, planned, lines } = await imports.checked(file);
    const changed = (await imports.call('GET', `/${id}/lines?outcome=change`)).body.lines;
    const refused = (await imports.call('GET', `/${id}/lines?outcome=refuse`)).body.lines;
    t.same([planned, changed, refused], [{ create: 0, change: 0, same: lines, refuse: 0 }, [], []]);
    await imports.call('DELETE', `/${id}`);
    return planned.same === lines;
  }), { numRuns: 12 });
});
