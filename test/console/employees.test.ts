/** Accounts of employees, in the words of the manual of injixo: J1 to J12. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Page } from 'playwright-core';
import { ACCOUNT, MINUTE, OTHER_PASSWORD, type Somebody } from '../accounts/world.ts';
import { errorsOn, isOn } from '../browser/chromium.ts';
import { unique, userBody } from '../helpers/app.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
await site.policy({ vocabulary: 'injixo' });
const administrator = await site.administrator();
const desk = (t: Parameters<typeof site.desk>[0]) => site.desk(t, administrator);
// The throttle counts addresses, and all of these browsers have the same one.
t.beforeEach(() => site.advance(MINUTE));

const done = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();
const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const open = (page: Page, { id }: Somebody) => page.goto(`/console/users/${id}`);
const named = (givenName: string, familyName: string) => ({ name: { givenName, familyName } });

t.test('J1, J2, J3: tabs with counts, terms with commas, roles in the head of their column', async (t) => {
  await site.somebody(named('Noor', 'Zoekterm'));
  await site.somebody({ ...named('Zoë', 'Çelik'), roles: [{ value: 'zoeker' }] });
  const gone = await site.somebody(named('Wim', 'Zoekterm'));
  await site.api('POST', `/users/${gone.id}/deactivate`, {});
  const page = await desk(t);
  const tab = (name: string) => page.getByRole('navigation', { name: 'Gebruikers' }).getByRole('link', { name });
  const { body: { now } } = await site.api('GET', '/seats');
  t.same([await tab('Gefactureerde gebruikers').first().innerText(), await tab('Niet gefactureerde gebruikers').innerText()].map((text) => text.replace(/\D+/g, '')), [String(now.employee.billed), String(now.employee.unbilled)]);
  await page.keyboard.press('/');
  await page.keyboard.type('zoekterm, , celik');
  await page.keyboard.press('Enter');
  await page.getByText('2 gebruikers gevonden').waitFor();
  t.same(await page.getByRole('row').count(), 3);
  await tab('Niet gefactureerde gebruikers').click();
  await page.getByText('1 gebruiker gevonden').waitFor();
  t.equal(await row(page, 'Wim Zoekterm').getByText('Gedeactiveerd').count(), 1, 'the search goes along');
  await tab('Gefactureerde gebruikers').first().click();
  await page.getByRole('columnheader').getByRole('button', { name: 'Gebruikersrollen' }).click();
  await page.getByRole('dialog').getByLabel('zoeker').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Toepassen' }).click();
  await page.getByText('1 gebruiker gevonden').waitFor();
  t.equal(await row(page, 'Zoë Çelik').count(), 1);
  t.match(page.url(), /search=.*role=zoeker/, 'an address that can be sent to somebody');
  await page.getByRole('link', { name: 'Filter wissen' }).click();
  await page.getByRole('searchbox').fill('niemand-heet-zo');
  await page.getByRole('button', { name: 'Zoeken' }).click();
  await page.getByText('Niemand gevonden').waitFor();
});

t.test('J4: made here, seen over SCIM at once; made over SCIM, seen here at once', async (t) => {
  const address = `${unique('j4')}@people.example`;
  const page = await desk(t);
  await page.getByRole('link', { name: 'Gebruiker aanmaken' }).click();
  await isOn(t, page, 'Gebruiker toevoegen');
  await page.getByLabel('Voornaam').fill('Joke');
  await page.getByLabel('Achternaam').fill('Overal');
  await page.getByLabel('E-mailadres').fill(address);
  await page.getByRole('button', { name: 'Aanmaken' }).click();
  await isOn(t, page, 'Joke Overal');
  const found = await site.call('GET', `/Users?filter=${encodeURIComponent(`userName eq "${address}"`)}`, undefined, site.as);
  t.match(found.body, { totalResults: 1, Resources: [{ active: true, [ACCOUNT]: { status: 'none' } }] });

  const made = await site.call('POST', '/Users', userBody({ userName: unique('elsewhere'), ...named('Karel', 'Overal') }), site.as);
  t.equal(made.status, 201);
  await page.goto('/console/users?search=overal');
  t.same([await row(page, 'Joke Overal').count(), await row(page, 'Karel Overal').count()], [1, 1]);
});

t.test('J5: language, time zone, roles, second factor and dates of employment; Annuleren changes nothing', async (t) => {
  const person = await site.person({ ...named('Daan', 'Gegevens'), timezone: 'Europe/Amsterdam' });
  const before = await site.get(person.id);
  const page = await desk(t);
  const fill = async () => {
    await page.getByRole('link', { name: 'Bewerken', exact: true }).click();
    await isOn(t, page, 'Gegevens van Daan Gegevens wijzigen');
    await page.getByRole('combobox', { name: 'Taal' }).selectOption('nb');
    await page.getByLabel('Tijdzone').fill('Europe/Oslo');
    await page.getByLabel('Rollen').fill('planner, kassa');
    await page.getByLabel('Twee-factor-authenticatie verplicht').check();
    await page.getByLabel('Datum van uittrede').fill('2030-12-31');
    await page.getByLabel('Toch wijzigen').check();
  };
  await open(page, person);
  await fill();
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'Daan Gegevens');
  t.same(await site.get(person.id), before);
  await fill();
  await page.getByRole('button', { name: 'Opslaan', exact: true }).click();
  await isOn(t, page, 'Daan Gegevens');
  t.match(await site.get(person.id), { preferredLanguage: 'nb', timezone: 'Europe/Oslo', roles: [{ value: 'planner' }, { value: 'kassa' }], [ACCOUNT]: { twoFactorRequired: true, leaveDate: '2030-12-31', leavesAt: '2030-12-31T23:00:00.000Z' } });
});

t.test('J6: admin access is given and taken; the last administrator stays', async (t) => {
  const person = await site.person(named('Bea', 'Baas'));
  const page = await desk(t);
  await open(page, person);
  await page.getByLabel('Geef admin-toegang').check();
  await page.getByRole('button', { name: 'Admin-toegang opslaan' }).click();
  await page.getByText('Deze gebruiker heeft admin-toegang.').waitFor();
  const second = await site.desk(t, person);
  await open(second, administrator);
  await second.getByLabel('Geef admin-toegang').uncheck();
  await second.getByRole('button', { name: 'Admin-toegang opslaan' }).click();
  await second.getByText('Deze gebruiker heeft geen admin-toegang.').waitFor();
  t.equal((await page.goto('/console/users'))?.status(), 403, 'at the next request');
  await open(second, person);
  await second.getByLabel('Geef admin-toegang').uncheck();
  await second.getByRole('button', { name: 'Admin-toegang opslaan' }).click();
  await second.getByRole('heading', { level: 1, name: 'Dat is niet gelukt' }).waitFor();
  await open(second, administrator);
  await second.getByLabel('Geef admin-toegang').check();
  await second.getByRole('button', { name: 'Admin-toegang opslaan' }).click();
  await second.getByText('Deze gebruiker heeft admin-toegang.').waitFor();
});

t.test('J7, J8: three mistakes, a yellow lock, Ontgrendel gebruiker, and a new password that nobody mails', async (t) => {
  const person = await site.person(named('Lotte', 'Slot'));
  await site.wrong(person, 3);
  const page = await desk(t);
  await page.goto('/console/users?search=lotte+slot');
  t.equal(await row(page, 'Lotte Slot').getByRole('img', { name: 'Geblokkeerd' }).count(), 1);
  await page.getByRole('link', { name: 'Lotte Slot' }).click();
  await page.getByRole('region', { name: 'Beveiliging' }).getByRole('button', { name: 'Ontgrendel gebruiker' }).click();
  await done(page, 'Lotte Slot is ontgrendeld. Het is raadzaam een nieuw wachtwoord in te stellen.');
  t.equal(await page.getByRole('button', { name: 'Ontgrendel gebruiker' }).count(), 0);
  const cookie = await site.session(person);
  await page.getByRole('link', { name: 'Stel nieuw wachtwoord in' }).click();
  await page.getByText('Gebruikers worden niet over wachtwoordwijzigingen geïnformeerd').waitFor();
  await page.getByLabel('Nieuw wachtwoord').fill('kort');
  await page.getByRole('button', { name: 'Opslaan', exact: true }).click();
  t.match(await errorsOn(page), [/^Het wachtwoord voldoet niet aan deze eisen: /]);
  t.equal(await site.sessionLives(cookie), true);
  await page.getByLabel('Nieuw wachtwoord').fill(OTHER_PASSWORD);
  await page.getByRole('button', { name: 'Opslaan', exact: true }).click();
  await done(page, 'De gebruiker krijgt geen bericht');
  t.same([await site.sessionLives(cookie), await site.deliver()], [false, []]);
  await site.session(person, OTHER_PASSWORD);
});

t.test('J10: a date of leaving by Verwijderen and Medewerkers, and Opnieuw activeren with what comes back', async (t) => {
  const person = await site.person(named('Vera', 'Vertrek'));
  await site.group('Planning', { members: [person] });
  const page = await desk(t);
  await open(page, person);
  await page.getByRole('link', { name: 'Verwijderen' }).click();
  await isOn(t, page, 'Vera Vertrek verwijderen');
  await page.getByLabel('Datum van uittrede').fill('2030-12-31');
  await page.getByRole('button', { name: 'Medewerkers' }).click();
  await done(page, 'De datum van uittrede van Vera Vertrek is opgeslagen.');
  t.match(await site.account(person.id), { leaveDate: '2030-12-31', status: 'active' });
  await page.getByRole('link', { name: 'Verwijderen' }).click();
  await page.getByLabel('Datum van uittrede').fill('2030-01-01');
  await page.getByRole('button', { name: 'Medewerkers' }).click();
  await done(page, 'De datum van uittrede van Vera Vertrek is opgeslagen.');
  t.equal(await site.status(person.id), 'deactivated', 'a day that is over acts at once');
  await page.getByRole('link', { name: 'Opnieuw activeren' }).click();
  await isOn(t, page, 'Vera Vertrek opnieuw activeren');
  t.match(await page.getByRole('main').innerText(), /Planning[\s\S]*De datum van uittrede wordt gewist\./);
  await page.getByRole('button', { name: 'Opnieuw activeren' }).click();
  await done(page, 'Vera Vertrek is weer actief.');
  const account = await site.account(person.id);
  t.same([account.status, account.leaveDate], ['active', undefined]);
});

t.test('J10: what comes back is said with its roles, and a lock is lifted in the same commit', async (t) => {
  const person = await site.person({ ...named('Rob', 'Retour'), roles: [{ value: 'planner' }] });
  await site.wrong(person, 3);
  await site.api('POST', `/users/${person.id}/deactivate`, {});
  const before = await site.audit(person.id, 'unlock');
  const page = await desk(t);
  await page.goto(`/console/users/${person.id}/reactivate`);
  t.match(await page.getByRole('main').innerText(), /Rollen\s+planner[\s\S]*Het account is ook geblokkeerd\./);
  await page.getByLabel('Ook ontgrendelen').check();
  await page.getByRole('button', { name: 'Opnieuw activeren' }).click();
  await done(page, 'Rob Retour is weer actief.');
  t.same([await site.status(person.id), await site.audit(person.id, 'reactivate'), await site.audit(person.id, 'unlock')], ['active', 1, before]);
});

t.test('J11: gone for good, and only after its tick', async (t) => {
  const person = await site.person(named('Wis', 'Mij'));
  const page = await desk(t);
  await open(page, person);
  await page.getByRole('link', { name: 'Verwijderen' }).click();
  const erase = page.getByRole('region', { name: 'Permanent verwijderen' });
  await erase.getByText('Je kunt een verwijderd gebruikersaccount niet opnieuw activeren.').waitFor();
  t.equal(await erase.getByRole('button', { name: 'Verwijderen' }).isDisabled(), true);
  await erase.getByLabel(`Ik begrijp dat het gebruikersprofiel en alle planningsgegevens voor ${person.address} zullen worden verwijderd`).check();
  await erase.getByRole('link', { name: 'Annuleren' }).click();
  t.equal((await site.get(person.id)).id, person.id);
  await page.getByRole('link', { name: 'Verwijderen' }).click();
  await erase.getByLabel('Ik begrijp dat').check();
  await erase.getByRole('button', { name: 'Verwijderen' }).click();
  await done(page, 'De gebruiker is definitief verwijderd.');
  t.equal((await site.call('GET', `/Users/${person.id}`, undefined, site.as)).status, 404);
  t.equal((await open(page, person))?.status(), 404);
});

t.test('J11: without a script the server asks for the tick', async (t) => {
  const person = await site.person(named('Wis', 'Niet'));
  const page = await site.desk(t, administrator, { scripts: false });
  await page.goto(`/console/users/${person.id}/delete`);
  await page.getByRole('region', { name: 'Permanent verwijderen' }).getByRole('button', { name: 'Verwijderen' }).click();
  await page.getByText('Vink aan dat je het begrijpt: er is niets verwijderd.').waitFor();
  t.equal((await site.get(person.id)).id, person.id);
});

t.test('J12: Exporteer naar CSV gives every row of the filter, not of the page', async (t) => {
  await site.somebody({ name: { givenName: '=cmd()', familyName: 'Exportnaam' }, [ACCOUNT]: { familyNamePrefix: 'van der' } });
  const page = await desk(t);
  await page.goto('/console/users?search=exportnaam');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Exporteer naar CSV' }).click()]);
  const text = readFileSync(await file.path(), 'utf8');
  t.match(file.suggestedFilename(), /\.csv$/);
  t.match(text, /^\ufeffAchternaam,Voornaam,E-mailadres\r\n"Exportnaam, van der",'=cmd\(\),p-\d+-\d+@people\.example\r\n$/);
});
