/** Companies and their external users, as administrators see and use them, in the words of both manuals: X1 to X6. */
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { CHOICES } from '../../src/http/console/external.ts';
import { ACCOUNT, MINUTE, OTHER_PASSWORD, PASSWORD } from '../accounts/world.ts';
import { DESK, errorsOn, fits, isOn, PHONE, screenshotPath } from '../browser/chromium.ts';
import { unique } from '../helpers/app.ts';
import { companyWorld, EXTERNAL } from './company-world.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
const { company, contact, external, role, get, found } = await companyWorld(site);
await site.policy({ vocabulary: 'superoffice' });
await role('Klant');
await role('Partner');
t.beforeEach(() => site.advance(MINUTE));

const user = (id: string) => get(`/Users/${id}`);
const choose = (page: Page, name: string) => page.getByRole('radio', { name, exact: false }).check();
/** Not the list of rules, which has the same word in its name. */
const passwordOn = (page: Page, label: string) => page.getByLabel(label).and(page.locator('input'));
const enters = async (name: string, password = PASSWORD) => (await site.signIn(name, password)).status === 200;

/** The same row in both languages of the manual. */
const WORDS = {
  nl: {
    edit: 'Bewerken', remove: 'Verwijderen als externe gebruiker', removeLogin: 'Aanmelding verwijderen', userId: 'Gebruikers-ID', password: 'Wachtwoord', role: 'Rol',
    active: 'Actieve aanmelding', inactive: 'Inactieve aanmelding', save: 'Opslaan', cancel: 'Annuleren', show: 'Weergeven', apply: 'Toepassen', title: (name: string) => `Externe gebruiker: ${name}`, list: (name: string) => `Externe gebruikers van ${name}`,
    tab: 'Externe gebruikers', shown: ['Alle contactpersonen', 'Externe gebruikers', 'Actieve aanmelding', 'Inactieve aanmelding', 'Geen externe gebruikers'],
  },
  nb: {
    edit: 'Rediger', remove: 'Fjern som ekstern bruker', removeLogin: 'Fjern pålogging', userId: 'Bruker-ID', password: 'Passord', role: 'Rolle',
    active: 'Aktiv pålogging', inactive: 'Inaktiv pålogging', save: 'Lagre', cancel: 'Avbryt', show: 'Vis', apply: 'Bruk', title: (name: string) => `Ekstern bruker: ${name}`, list: (name: string) => `Eksterne brukere i ${name}`,
    tab: 'Eksterne brukere', shown: ['Alle kontaktpersoner', 'Eksterne brukere', 'Aktiv pålogging', 'Inaktiv pålogging', 'Ikke eksterne brukere'],
  },
} as const;
type Words = (typeof WORDS)[keyof typeof WORDS];

/** At the list of a company, in the language. */
async function atList(t: Test, language: keyof typeof WORDS, id: string): Promise<Page> {
  const page = await site.desk(t, await site.holder('externalUsers.manage'));
  await page.goto(`/console/companies/${id}?lang=${language}`);
  await page.getByRole('link', { name: WORDS[language].tab }).last().click();
  return page;
}

for (const [language, words] of Object.entries(WORDS) as ['nl' | 'nb', Words][]) {
  t.test(`X3 (${language}): a contact is selected and registered: user id, password, role and login in one commit`, async (t) => {
    const name = unique('Firma ');
    const id = await company(name);
    const person = await contact(id);
    const userId = unique('x3.');
    const page = await atList(t, language, id);
    await isOn(t, page, words.list(name));
    t.ok(await page.getByRole('button', { name: words.edit }).isDisabled(), 'nobody is selected');
    await choose(page, person.name);
    t.same([await page.getByRole('button', { name: words.remove }).isDisabled(), await page.getByRole('button', { name: words.removeLogin }).isDisabled()], [true, true], 'there is nothing to remove');
    await page.getByRole('button', { name: words.edit }).click();
    await isOn(t, page, words.title(person.name));
    await page.getByLabel(words.userId).fill(userId);
    await passwordOn(page, words.password).fill(PASSWORD);
    await page.getByRole('link', { name: words.cancel }).click();
    await isOn(t, page, words.list(name));
    t.notOk((await user(person.id))[EXTERNAL].registered, 'the way back changes nothing');
    await choose(page, person.name);
    await page.getByRole('button', { name: words.edit }).click();
    await page.getByLabel(words.userId).fill(userId);
    await passwordOn(page, words.password).fill(PASSWORD);
    await page.getByRole('combobox', { name: words.role }).selectOption('Klant');
    t.ok(await page.getByLabel(words.active, { exact: true }).isChecked());
    await page.screenshot({ path: screenshotPath(`console external edit ${language}`), fullPage: true });
    await page.getByRole('button', { name: words.save }).click();
    await isOn(t, page, words.list(name));
    t.match(await user(person.id), { userName: userId, [EXTERNAL]: { registered: true, loginEnabled: true, role: 'Klant' }, [ACCOUNT]: { population: 'external' } });
    t.equal(await site.audit(person.id, 'patch'), 1, 'one commit');
    t.ok(await enters(userId));
    t.same(await site.deliver(), [], 'nobody is told');
    await choose(page, person.name);
    await page.getByRole('button', { name: words.edit }).click();
    t.equal(await page.getByLabel(words.userId).inputValue(), userId);
    await page.getByRole('combobox', { name: words.role }).selectOption('Partner');
    await page.getByLabel(words.inactive, { exact: true }).check();
    await page.getByRole('button', { name: words.save }).click();
    await isOn(t, page, words.list(name));
    t.match((await user(person.id))[EXTERNAL], { registered: true, loginEnabled: false, role: 'Partner' });
    t.notOk(await enters(userId), 'inactive is registered and cannot sign in');
    await choose(page, person.name);
    await page.getByRole('button', { name: words.edit }).click();
    await page.getByLabel(words.active, { exact: true }).check();
    await page.getByRole('button', { name: words.save }).click();
    await isOn(t, page, words.list(name));
    t.ok(await enters(userId), 'an empty password was no change');
  });

  t.test(`X4 (${language}): removed as external user, still a contact; the user id is free`, async (t) => {
    const name = unique('Firma ');
    const id = await company(name);
    const person = await external(id);
    const page = await atList(t, language, id);
    await page.getByLabel(words.show, { exact: true }).selectOption({ label: words.shown[1] });
    await page.getByRole('button', { name: words.apply, exact: true }).click();
    await choose(page, person.name);
    await page.getByRole('button', { name: words.remove }).click();
    await page.getByRole('link', { name: words.cancel }).click();
    t.ok((await user(person.id))[EXTERNAL].registered, 'the way back changes nothing');
    await choose(page, person.name);
    await page.getByRole('button', { name: words.remove }).click();
    await page.getByRole('button', { name: words.remove }).click();
    await isOn(t, page, words.list(name));
    t.equal(await page.getByRole('radio').count(), 0, 'leaves the list of external users');
    const after = await user(person.id);
    t.match(after, { userName: `contact-${person.id}`, [EXTERNAL]: { companyId: id }, [ACCOUNT]: { population: 'contact' } });
    t.notOk(after[EXTERNAL].role ?? after[EXTERNAL].registered);
    t.notOk(await enters(person.userName));
    await page.getByLabel(words.show, { exact: true }).selectOption({ label: words.shown[0] });
    await page.getByRole('button', { name: words.apply, exact: true }).click();
    await page.getByRole('radio', { name: person.name }).waitFor();
  });

  t.test(`X5 (${language}): the login is removed; still an external user, with user id and role`, async (t) => {
    const id = await company();
    const person = await external(id);
    const { headers } = await site.signIn(person.userName, PASSWORD);
    const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
    t.ok(await site.sessionLives(cookie));
    const page = await atList(t, language, id);
    await choose(page, person.name);
    await page.getByRole('button', { name: words.removeLogin }).click();
    await page.getByRole('link', { name: words.cancel }).click();
    await page.getByRole('radio').waitFor();
    t.ok(await site.sessionLives(cookie), 'the way back changes nothing');
    await choose(page, person.name);
    await page.getByRole('button', { name: words.removeLogin }).click();
    await page.getByRole('button', { name: words.removeLogin }).click();
    await page.getByRole('row', { name: person.name }).getByText(words.inactive).waitFor();
    t.match(await user(person.id), { userName: person.userName, [EXTERNAL]: { registered: true, loginEnabled: false, role: 'Klant' } });
    t.notOk(await site.sessionLives(cookie), 'the session ends at once');
    await choose(page, person.name);
    t.same([await page.getByRole('button', { name: words.removeLogin }).isDisabled(), await page.getByRole('button', { name: words.remove }).isDisabled()], [true, false]);
  });

  t.test(`X6 (${language}): the list box filters by status`, async (t) => {
    const id = await company();
    const [plain, on, off] = [await contact(id), await external(id), await external(id, { loginEnabled: false })];
    await external(await company());
    const page = await atList(t, language, id);
    const expected = [[plain, on, off], [on, off], [on], [off], [plain]];
    for (const [index, label] of words.shown.entries()) {
      await page.getByLabel(words.show, { exact: true }).selectOption({ label });
      await Promise.all([page.waitForURL(new RegExp(`show=${CHOICES[index] ?? ''}`)), page.getByRole('button', { name: words.apply, exact: true }).click()]);
      await page.waitForLoadState();
      const names = await page.getByRole('rowheader').locator('label').allInnerTexts();
      t.same([...names].sort(), (expected[index] ?? []).map((one) => one.name).sort(), label);
    }
  });
}

t.test('X2: a company is found by search and as opened last, and its card lists its contacts; the same list for the whole tenant', async (t) => {
  const [name, other] = [unique('Noorderlicht '), unique('Zuiderzon ')];
  const [id, second] = [await company(name), await company(other)];
  const [person, elsewhere] = [await external(id), await external(second)];
  const page = await site.desk(t, undefined, { viewport: DESK });
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Bedrijven' }).click();
  await isOn(t, page, 'Bedrijven');
  t.equal(await page.getByText('Laatst geopend').count(), 0);
  await page.getByLabel('Zoek bedrijven').fill(name.toLowerCase());
  await page.getByRole('button', { name: 'Zoeken' }).click();
  await page.getByText('1 gevonden').waitFor();
  await page.getByRole('link', { name }).click();
  await isOn(t, page, name);
  await page.getByText('1 contactpersoon').waitFor();
  await page.screenshot({ path: screenshotPath('console company'), fullPage: true });
  await page.getByRole('link', { name: 'Externe gebruikers' }).last().click();
  await isOn(t, page, `Externe gebruikers van ${name}`);
  await page.getByRole('radio', { name: person.name }).waitFor();
  t.equal(await page.getByText(elsewhere.name).count(), 0);
  await page.goto('/console/companies');
  t.same(await page.getByRole('list', { name: 'Laatst geopend' }).getByRole('link').allInnerTexts(), [name]);
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Externe gebruikers' }).click();
  await isOn(t, page, 'Externe gebruikers');
  t.match(await page.getByRole('row', { name: elsewhere.name }).innerText(), other);
  await page.getByLabel('Zoek contactpersonen').fill(person.name.split(' ')[1] ?? '');
  await page.getByRole('button', { name: 'Zoeken' }).click();
  await page.getByText('1 contactpersoon', { exact: true }).waitFor();
  await page.screenshot({ path: screenshotPath('console external'), fullPage: true });
  await choose(page, person.name);
  await page.getByRole('button', { name: 'Aanmelding verwijderen' }).click();
  await page.getByRole('button', { name: 'Aanmelding verwijderen' }).click();
  await page.getByRole('status').getByText(`De aanmelding van ${person.name} is verwijderd`).waitFor();
  await isOn(t, page, 'Externe gebruikers');
  t.notOk((await user(person.id))[EXTERNAL].loginEnabled);
  await page.setViewportSize(PHONE);
  await isOn(t, page, 'Externe gebruikers');
  t.ok(await fits(page));
  await page.screenshot({ path: screenshotPath('console external phone'), fullPage: true });
  await page.setViewportSize(DESK);
});

t.test('X1: without the right there is no menu entry and no screen; with it alone, only external users', async (t) => {
  const id = await company();
  const person = await external(id);
  const [outsider, insider] = [await site.holder('portalUsers.manage'), await site.holder('externalUsers.manage')];
  const page = await site.desk(t, outsider);
  t.equal(await page.getByRole('link', { name: 'Externe gebruikers' }).count(), 0);
  for (const path of ['/console/external-users', `/console/companies/${id}/external`, `/console/companies/${id}/external/new`, `/console/companies/${id}/external/${person.id}/edit`]) t.equal((await page.goto(path))?.status(), 403, path);
  await page.goto(`/console/companies/${id}`);
  t.equal(await page.getByRole('link', { name: 'Externe gebruikers' }).count(), 0, 'nor a tab');
  await page.context().clearCookies();
  await page.goto('/sign-in');
  await page.getByLabel('Gebruikersnaam of e-mailadres').fill(insider.address);
  await page.getByLabel('Wachtwoord', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Inloggen' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.goto('/console');
  t.same(await page.getByRole('navigation', { name: 'Menu' }).getByRole('link').allInnerTexts(), ['Bedrijven', 'Externe gebruikers']);
  for (const path of ['/console/users', '/console/portals', '/console/companies/new', `/console/companies/${id}/edit`, `/console/companies/${id}/portal`]) t.equal((await page.goto(path))?.status(), 403, path);
  const employee = await site.person();
  t.equal((await page.goto(`/console/companies/${id}/external/${employee.id}/edit`))?.status(), 404, 'employees are not theirs to see');
});

t.test('X3: what is missing, broken or taken is told beside the field, and nothing is stored', async (t) => {
  const id = await company();
  const [person, other] = [await contact(id), await external(id)];
  const page = await site.desk(t);
  await page.goto(`/console/companies/${id}/external/${person.id}/edit`);
  await page.getByLabel('Gebruikers-ID').fill(other.userName.toUpperCase());
  await passwordOn(page, 'Wachtwoord').fill('kort');
  await page.getByRole('button', { name: 'Opslaan' }).click();
  t.match(await errorsOn(page), [/^Het wachtwoord voldoet niet aan deze eisen: /]);
  t.equal(await page.getByLabel('Gebruikers-ID').inputValue(), other.userName.toUpperCase(), 'what was typed is kept');
  t.equal(await passwordOn(page, 'Wachtwoord').inputValue(), '', 'but for the password');
  await passwordOn(page, 'Wachtwoord').fill(OTHER_PASSWORD);
  await page.getByRole('button', { name: 'Opslaan' }).click();
  t.same(await errorsOn(page), ['Deze gebruikers-ID is al in gebruik.']);
  t.notOk((await user(person.id))[EXTERNAL].registered);
  t.equal(await site.audit(person.id, 'patch'), 0);
});

t.test('without scripts: a button without somebody selected says so, and the rest works', async (t) => {
  const id = await company();
  const person = await contact(id);
  const page = await site.desk(t, undefined, { scripts: false });
  await page.goto(`/console/companies/${id}/external/pick?act=edit`);
  await page.getByText('Selecteer eerst een contactpersoon in de lijst.').waitFor();
  await choose(page, person.name);
  await page.getByRole('button', { name: 'Verwijderen als externe gebruiker' }).click();
  await page.getByText('Dat kan nu niet').waitFor();
  t.equal(await site.audit(person.id, 'patch'), 0);
});

t.test('a contact person is added to a company', async (t) => {
  const id = await company();
  const family = unique('Nieuw');
  const page = await site.desk(t);
  await page.goto(`/console/companies/${id}/external`);
  await page.getByRole('link', { name: 'Contactpersoon toevoegen' }).click();
  await isOn(t, page, 'Contactpersoon toevoegen');
  await page.getByLabel('Voornaam').fill('Noor');
  await page.getByLabel('Achternaam').fill(family);
  await page.getByRole('button', { name: 'Opslaan' }).click();
  await page.getByRole('radio', { name: `Noor ${family}` }).waitFor();
  const [made, ...others] = await found(`name.familyName eq "${family}"`);
  t.same(others, []);
  t.match(made, { userName: /^contact-/, [EXTERNAL]: { companyId: id }, [ACCOUNT]: { population: 'contact' } });
});

t.test('a company is added and changed; closed it lets none of its external users in', async (t) => {
  const name = unique('Waterkant ');
  const page = await site.desk(t);
  await page.goto('/console/companies/new');
  await isOn(t, page, '+ Bedrijf toevoegen');
  await page.getByLabel('Naam').fill(name);
  await page.getByLabel('Nummer').fill('K-1001');
  await page.getByRole('button', { name: 'Opslaan' }).click();
  await isOn(t, page, name);
  const id = page.url().split('/').at(-1) ?? '';
  t.match(await get(`/Companies/${id}`), { displayName: name, number: 'K-1001', active: true });
  const person = await external(id);
  t.ok(await enters(person.userName));
  await page.getByRole('link', { name: 'Sluiten' }).click();
  await page.getByRole('button', { name: 'Sluiten' }).click();
  await page.getByRole('status').getByText(`${name} is gesloten en alle aanmeldingen ervan staan uit.`).waitFor();
  t.notOk(await enters(person.userName));
  t.ok((await user(person.id))[EXTERNAL].loginEnabled, 'nothing of the person is changed');
  await page.getByRole('link', { name: 'Verwijderen' }).click();
  await page.getByText('1 contactpersoon').waitFor();
  t.equal(await page.getByRole('button', { name: 'Verwijderen' }).count(), 0);
  await page.goto('/console/companies');
  await page.getByLabel('Zoek bedrijven').fill('k-1001');
  await page.getByRole('button', { name: 'Zoeken' }).click();
  await page.getByRole('link', { name }).waitFor();
});
