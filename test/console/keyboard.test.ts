/** The rows of the manuals without a mouse, in Dutch, by what is read on the screen: S2, S3, S5, J10, J11, X3 to X5, P2. */
import t, { type Test } from 'tap';
import type { Page } from 'playwright-core';
import { ACCOUNT, MINUTE, PASSWORD } from '../accounts/world.ts';
import { DESK } from '../browser/chromium.ts';
import { unique } from '../helpers/app.ts';
import { companyWorld, EXTERNAL, PORTALS } from './company-world.ts';
import { startDesk } from './desk.ts';
import { focusComesTo, focused, press, reach, type } from './keys.ts';

const site = await startDesk(t, import.meta.url);
const { company, contact, portal, role, get, found } = await companyWorld(site);
await role('Klant');
await role('Partner');
const administrator = await site.administrator();
t.beforeEach(() => site.advance(MINUTE));

/** What axe says of it is in accessibility.test.ts. */
async function at(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  await page.waitForLoadState('load');
}
const named = (givenName: string, familyName: string) => ({ name: { givenName, familyName } });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
/** Not the list of rules, which has the same word in its name. */
const password = (page: Page) => page.getByLabel('Wachtwoord').and(page.locator('input'));

async function desk(t: Test, vocabulary: 'smp' | 'superoffice' | 'outsmart' = 'smp'): Promise<Page> {
  await site.policy({ vocabulary });
  const page = await site.desk(t, administrator, { viewport: DESK });
  await at(page, 'Gebruikers');
  return page;
}

/** What was done is told where the focus is: read out at once, and the next Tab goes on from there. */
const told = (page: Page, text: string): Promise<void> => focusComesTo(page, page.getByRole('status').getByText(text));

t.test('the skip link is the first stop and leads past the menu; / searches; ? helps, and Escape goes back', async (t) => {
  const page = await desk(t);
  await page.keyboard.press('Tab');
  const skip = link(page, 'Naar de inhoud');
  t.ok(await focused(page, skip));
  t.same(await skip.evaluate((element) => element.getBoundingClientRect().top >= 0), true, 'it is seen');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  t.equal(await page.getByRole('main').locator(':focus').count(), 1, 'in what the screen is about');
  t.equal(await page.getByRole('navigation', { name: 'Menu' }).locator(':focus').count(), 0);

  await page.keyboard.press('/');
  const search = page.getByRole('searchbox');
  t.ok(await focused(page, search));
  t.equal(await search.inputValue(), '', 'the key itself is not typed');
  await page.keyboard.type('a/b?');
  t.equal(await search.inputValue(), 'a/b?', 'in a field these are letters');
  t.equal(await page.getByRole('dialog', { name: 'Toetsen' }).count(), 0);

  const add = link(page, '+ Gebruiker toevoegen');
  await reach(t, page, add, 'Shift+Tab');
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Toetsen' });
  await help.waitFor();
  t.equal(await help.locator(':focus').count(), 1, 'the focus is in the help');
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
  t.ok(await focused(page, add), 'and back where it was');
  await page.keyboard.press('?');
  await press(t, page, button(page, 'Sluiten'), 'Space');
  await help.waitFor({ state: 'hidden' });
  t.ok(await focused(page, add));
});

t.test('arrows go from person to person, the menu of whoever is signed in opens and closes', async (t) => {
  await site.somebody(named('Aad', 'Pijltoets'));
  await site.somebody(named('Bep', 'Pijltoets'));
  const page = await desk(t);
  await page.keyboard.press('/');
  await page.keyboard.type('pijltoets');
  await page.keyboard.press('Enter');
  await page.getByText('2 gebruikers gevonden').waitFor();
  const rows = page.getByRole('row').getByRole('link', { name: /Pijltoets/ });
  await reach(t, page, rows.first());
  await page.keyboard.press('ArrowDown');
  t.ok(await focused(page, rows.nth(1)));
  await page.keyboard.press('ArrowDown');
  t.ok(await focused(page, rows.nth(1)), 'the last one');
  await page.keyboard.press('ArrowUp');
  t.ok(await focused(page, rows.first()));
  const who = page.getByRole('button', { name: /Anna Beheer/ });
  await press(t, page, who, 'Space', 'Shift+Tab');
  await reach(t, page, button(page, 'Uitloggen'));
  await page.keyboard.press('Escape');
  await button(page, 'Uitloggen').waitFor({ state: 'hidden' });
  t.ok(await focused(page, who));
});

t.test('S2: a user is added', async (t) => {
  const address = `${unique('toets')}@people.example`;
  const page = await desk(t);
  await press(t, page, link(page, '+ Gebruiker toevoegen'));
  await at(page, 'Gebruiker toevoegen');
  await type(t, page, field(page, 'Voornaam'), 'Tess');
  await type(t, page, field(page, 'Tussenvoegsel (optioneel)'), 'van');
  await type(t, page, field(page, 'Achternaam'), 'Bord');
  await type(t, page, field(page, 'E-mailadres'), 'geen adres');
  await page.keyboard.press('Enter');
  const summary = page.getByRole('group', { name: 'Dit vraagt je aandacht' });
  // What is wrong is read out first, and leads to its field.
  await focusComesTo(page, summary);
  await press(t, page, summary.getByRole('link'));
  t.ok(await focused(page, field(page, 'E-mailadres')));
  await type(t, page, field(page, 'E-mailadres'), address);
  await press(t, page, button(page, 'Bewaar en stop wijzigen'), 'Space');
  await at(page, 'Tess van Bord');
  await told(page, 'Toegevoegd: Tess van Bord.');
  const people = await found(`userName eq "${address}"`);
  t.match(people, [{ name: { givenName: 'Tess', familyName: 'Bord' }, [ACCOUNT]: { familyNamePrefix: 'van' } }]);
});

t.test('S3, S5: an account with its group and mail, and the request once more', async (t) => {
  await site.group('Toetsgroep');
  await site.group('Andere groep');
  const person = await site.somebody(named('Iris', 'Invoer'));
  const page = await desk(t);
  await page.goto(`/console/users/${person.id}`);
  await press(t, page, link(page, 'Maak account aan'));
  await at(page, 'Maak een account aan voor Iris Invoer');
  await reach(t, page, page.getByRole('combobox', { name: 'Gebruikersgroep' }));
  await page.keyboard.type('Toets');
  await type(t, page, field(page, 'Onderwerp'), 'Welkom, {{name}}');
  await type(t, page, field(page, 'E-mailtekst'), 'Kom erbij: {{link}}');
  await press(t, page, button(page, 'Voorbeeld'), 'Space');
  await page.getByRole('region', { name: 'Voorbeeld' }).waitFor();
  t.same(await site.deliver(), [], 'a preview sends nothing');
  await press(t, page, button(page, 'OK'));
  await told(page, 'Het account van Iris Invoer is aangemaakt en de uitnodiging is onderweg.');
  t.match(await site.onlyMail(), { to: [person.address], subject: 'Welkom, Iris Invoer' });
  t.match((await site.get(person.id)).groups, [{ display: 'Toetsgroep' }]);

  await press(t, page, link(page, 'Verstuur bevestigingsverzoek'));
  await field(page, 'Onderwerp').waitFor();
  await press(t, page, link(page, 'Annuleren'));
  await at(page, 'Iris Invoer');
  t.same(await site.deliver(), []);
  await press(t, page, link(page, 'Verstuur bevestigingsverzoek'));
  await field(page, 'Onderwerp').waitFor();
  await press(t, page, button(page, 'OK'));
  await told(page, 'Een nieuw bevestigingsverzoek aan Iris Invoer is onderweg');
  t.match(await site.onlyMail(), { to: [person.address] });
});

t.test('S11: a dangerous page has the focus on Annuleren: Enter alone changes nothing', async (t) => {
  const person = await site.person(named('Dirk', 'Doorklik'));
  const page = await desk(t);
  for (const [path, name] of [['deactivate', 'OK'], ['delete', 'Verwijderen']] as const) {
    const before = await site.get(person.id);
    await page.goto(`/console/users/${person.id}/${path}`);
    await focusComesTo(page, link(page, 'Annuleren'));
    t.ok(await button(page, name).count() > 0);
    await page.keyboard.press('Enter');
    await at(page, 'Dirk Doorklik');
    t.same(await site.get(person.id), before, path);
  }
  await press(t, page, link(page, 'Deactiveren'));
  await at(page, 'Weet je zeker dat je het account wil deactiveren?');
  await press(t, page, button(page, 'OK'), 'Space', 'Shift+Tab');
  await told(page, 'Dirk Doorklik is gedeactiveerd en overal afgemeld.');
  t.equal(await site.status(person.id), 'deactivated');
});

t.test('J10: a date of leaving', async (t) => {
  const person = await site.person(named('Vera', 'Voorgoed'));
  const page = await desk(t);
  await page.goto(`/console/users/${person.id}`);
  await press(t, page, link(page, 'Verwijderen'));
  await at(page, 'Vera Voorgoed verwijderen');
  await reach(t, page, page.getByLabel('Datum van uittrede'), 'Shift+Tab');
  // Going backwards the year comes first; day and month are the same, whichever of them the browser puts first.
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('12122030');
  t.equal(await page.getByLabel('Datum van uittrede').inputValue(), '2030-12-12');
  await press(t, page, button(page, 'Medewerkers'), 'Space');
  await told(page, 'De datum van uittrede van Vera Voorgoed is opgeslagen.');
  t.match(await site.account(person.id), { leaveDate: '2030-12-12', status: 'active' });
});

t.test('J11: gone for good, by its tick and not before', async (t) => {
  const person = await site.person(named('Wim', 'Wissen'));
  const page = await desk(t);
  await page.goto(`/console/users/${person.id}`);
  await press(t, page, link(page, 'Verwijderen'));
  const erase = page.getByRole('region', { name: 'Permanent verwijderen' });
  const remove = erase.getByRole('button', { name: 'Verwijderen' });
  await focusComesTo(page, erase.getByRole('link', { name: 'Annuleren' }));
  await page.keyboard.press('Shift+Tab');
  const tick = erase.getByRole('checkbox', { name: /^Ik begrijp dat/ });
  t.ok(await focused(page, tick), 'no stop at a button that waits for its tick');
  await page.keyboard.press('Enter');
  t.equal((await site.get(person.id)).id, person.id, 'Enter in the form does not send it');
  await page.keyboard.press('Space');
  await press(t, page, remove);
  await told(page, 'De gebruiker is definitief verwijderd.');
  t.equal((await site.call('GET', `/Users/${person.id}`, undefined, site.as)).status, 404);
});

t.test('X3, X5, X4: an external user is registered and edited, loses the login, and is none any more', async (t) => {
  const name = unique('Firma ');
  const id = await company(name);
  const person = await contact(id);
  await contact(id);
  const userId = unique('toets.');
  const page = await desk(t, 'superoffice');
  const choose = async () => {
    await at(page, `Externe gebruikers van ${name}`);
    const wanted = page.getByRole('radio', { name: person.name });
    // One stop for all of them; arrows choose.
    await reach(t, page, page.getByRole('radio'));
    await page.keyboard.press('Space');
    if (!(await wanted.isChecked())) await page.keyboard.press('ArrowDown');
    t.ok(await wanted.isChecked());
  };
  await page.goto(`/console/companies/${id}`);
  await press(t, page, link(page, 'Externe gebruikers').last());
  await choose();
  await press(t, page, button(page, 'Bewerken'));
  await at(page, `Externe gebruiker: ${person.name}`);
  await type(t, page, field(page, 'Gebruikers-ID'), userId);
  await type(t, page, password(page), PASSWORD);
  await reach(t, page, page.getByRole('combobox', { name: 'Rol' }));
  await page.keyboard.type('Klant');
  await press(t, page, button(page, 'Opslaan'), 'Space');
  await choose();
  t.match(await get(`/Users/${person.id}`), { userName: userId, [EXTERNAL]: { registered: true, loginEnabled: true, role: 'Klant' } });
  t.equal((await site.signIn(userId, PASSWORD)).status, 200);

  await press(t, page, button(page, 'Bewerken'));
  await at(page, `Externe gebruiker: ${person.name}`);
  await reach(t, page, page.getByRole('combobox', { name: 'Rol' }));
  await page.keyboard.type('Partner');
  await press(t, page, button(page, 'Opslaan'));
  await choose();
  t.match((await get(`/Users/${person.id}`))[EXTERNAL], { loginEnabled: true, role: 'Partner' });

  for (const [act, after] of [['Aanmelding verwijderen', { registered: true, loginEnabled: false }], ['Verwijderen als externe gebruiker', { companyId: id }]] as const) {
    await press(t, page, button(page, act), 'Space');
    await focusComesTo(page, link(page, 'Annuleren'));
    await press(t, page, button(page, act), 'Enter', 'Shift+Tab');
    await choose();
    t.match((await get(`/Users/${person.id}`))[EXTERNAL], after, act);
    t.not((await site.signIn(userId, PASSWORD)).status, 200);
  }
  t.match((await get(`/Users/${person.id}`))[ACCOUNT], { population: 'contact' });
});

t.test('P2: a portal user is added with a portal, and nobody is told', async (t) => {
  const name = unique('Klant ');
  const place = unique('Poort');
  const [id, portalId] = [await company(name), await portal(place)];
  const address = `${unique('toets')}@klant.example`;
  const page = await desk(t, 'outsmart');
  await page.goto(`/console/companies/${id}`);
  await press(t, page, link(page, 'Portaalgebruikers'));
  await at(page, `Portaalgebruikers van ${name}`);
  await press(t, page, link(page, '+ Portaalgebruiker toevoegen'));
  await at(page, '+ Portaalgebruiker toevoegen');
  await type(t, page, field(page, 'Adres'), address);
  await reach(t, page, page.getByRole('combobox', { name: 'Portaalconfiguratie' }));
  await page.keyboard.type(place);
  await press(t, page, page.getByText('Naam (optioneel)'), 'Enter');
  await type(t, page, field(page, 'Achternaam'), 'Toets');
  await press(t, page, button(page, 'Opslaan'));
  await at(page, `Portaalgebruikers van ${name}`);
  await told(page, `Toegevoegd: ${address}.`);
  t.match(await found(`userName eq "${address}"`), [{ name: { familyName: 'Toets' }, [PORTALS]: { access: [{ portal: portalId, customer: id, enabled: true }] } }]);
  t.same(await site.deliver(), []);
});
