/** The list of users and what is done with one of them, in the words of the manual of SMP: S1 to S11. */
import t from 'tap';
import type { Page } from 'playwright-core';
import { ACCOUNT, MINUTE, PASSWORD, type Somebody } from '../accounts/world.ts';
import { errorsOn, isOn } from '../browser/chromium.ts';
import { choosePassword, ORGANISATION, signIn } from '../browser/site.ts';
import { userBody } from '../helpers/app.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
const administrator = await site.administrator();
const desk = (t: Parameters<typeof site.desk>[0]) => site.desk(t, administrator);
// The throttle counts addresses, and all of these browsers have the same one.
t.beforeEach(() => site.advance(MINUTE));

const done = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();
const open = (page: Page, { id }: Somebody) => page.goto(`/console/users/${id}`);
const named = (givenName: string, familyName: string) => ({ name: { givenName, familyName } });
const people = () => site.database.collection('users').countDocuments();

t.test('S1: who has no right sees no screen and nothing in the menu', async (t) => {
  const nobody = await site.person();
  const page = await site.visitor(t);
  await signIn(page, nobody.address);
  await isOn(t, page, 'Je account');
  for (const path of ['/console', '/console/users', '/console/users/new', `/console/users/${nobody.id}`]) {
    const answer = await page.goto(path);
    t.equal(answer?.status(), 403, path);
    t.equal(await page.getByRole('navigation', { name: 'Menu' }).count(), 0);
  }
  const stranger = await site.visitor(t);
  await stranger.goto('/console/users');
  await isOn(t, stranger, 'Inloggen');
  await signIn(stranger, administrator.address);
});

t.test('S2, S2u: a user is added with an infix; an address that is taken is refused with what was typed', async (t) => {
  const page = await desk(t);
  await page.getByRole('link', { name: '+ Gebruiker toevoegen' }).click();
  await isOn(t, page, 'Gebruiker toevoegen');
  await page.getByLabel('Voornaam').fill('Jan');
  await page.getByLabel('Tussenvoegsel (optioneel)').fill('van der');
  await page.getByLabel('Achternaam').fill('Berg');
  await page.getByLabel('E-mailadres').fill('jan.van.der.berg@people.example');
  await page.getByRole('button', { name: 'Bewaar en stop wijzigen' }).click();
  await isOn(t, page, 'Jan van der Berg');
  await done(page, 'Toegevoegd: Jan van der Berg.');
  t.equal(await page.getByText('Geen account', { exact: true }).count(), 1);
  const found = await site.call('GET', `/Users?filter=${encodeURIComponent('userName eq "jan.van.der.berg@people.example"')}`, undefined, site.as);
  t.match(found.body.Resources, [{ name: { givenName: 'Jan', familyName: 'Berg' }, [ACCOUNT]: { familyNamePrefix: 'van der' } }]);
  await page.reload();
  t.equal(await page.getByText('Toegevoegd').count(), 0, 'told once');

  const person = await site.person();
  await page.goto('/console/users/new');
  await page.getByLabel('Voornaam').fill('Karel');
  await page.getByLabel('Achternaam').fill('Tweede');
  await page.getByLabel('E-mailadres').fill(person.address.toUpperCase());
  const before = await people();
  await page.getByRole('button', { name: 'Bewaar en stop wijzigen' }).click();
  t.same(await errorsOn(page), ['Dit e-mailadres is al aan een andere gebruiker gekoppeld. Elk e-mailadres moet uniek zijn.']);
  t.equal(await page.getByLabel('Voornaam').inputValue(), 'Karel');
  t.equal(await people(), before);
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'Gebruikers');
});

t.test('S3, S4, S5: an account is made with an edited mail; the request is sent again; the link makes it active', async (t) => {
  await site.group('Medewerkers S3');
  const person = await site.somebody(named('Ellen', 'Invite'));
  const page = await desk(t);
  await open(page, person);
  await page.getByRole('link', { name: 'Maak account aan' }).click();
  await isOn(t, page, 'Maak een account aan voor Ellen Invite');
  await page.getByRole('combobox', { name: 'Gebruikersgroep' }).selectOption({ label: 'Medewerkers S3' });
  await page.getByLabel('Onderwerp').fill('Welkom, {{name}}');
  await page.getByLabel('E-mailtekst').fill('Geen link hierin.');
  await page.getByRole('button', { name: 'OK' }).click();
  t.same(await errorsOn(page), ['Die plaatshouder bestaat niet, of de link ontbreekt: {{link}}.']);
  t.same(await site.deliver(), []);
  t.equal(await site.status(person.id), 'none');
  await page.getByLabel('E-mailtekst').fill('Kom erbij:\n\n{{link}}');
  await page.getByRole('button', { name: 'Voorbeeld' }).click();
  await page.getByRole('heading', { name: 'Voorbeeld' }).waitFor();
  t.match(await page.getByRole('region', { name: 'Voorbeeld' }).innerText(), /Welkom, Ellen Invite[\s\S]*Kom erbij:/);
  t.same(await site.deliver(), [], 'a preview sends nothing');
  t.equal(await page.getByRole('combobox', { name: 'Gebruikersgroep' }).inputValue().then((value) => value !== ''), true, 'what was chosen stays');
  await page.getByRole('button', { name: 'OK' }).click();
  await done(page, 'Het account van Ellen Invite is aangemaakt en de uitnodiging is onderweg.');
  const first = await site.onlyMail();
  t.match(first, { to: [person.address], subject: 'Welkom, Ellen Invite' });
  t.equal(await page.getByRole('link', { name: 'Maak account aan' }).count(), 0, 'there is one');

  await page.getByRole('link', { name: 'Verstuur bevestigingsverzoek' }).click();
  await page.getByRole('link', { name: 'Annuleren' }).click();
  t.same(await site.deliver(), []);
  await page.getByRole('link', { name: 'Verstuur bevestigingsverzoek' }).click();
  t.same([await page.getByLabel('Onderwerp').inputValue(), await page.getByLabel('E-mailtekst').inputValue()], ['Welkom, {{name}}', 'Kom erbij:\n\n{{link}}'], 'as it was edited');
  await page.getByLabel('E-mailtekst').fill('Nog een keer:\n\n{{link}}');
  await page.getByRole('button', { name: 'OK' }).click();
  await done(page, 'Een nieuw bevestigingsverzoek aan Ellen Invite is onderweg');
  const second = await site.onlyMail();
  t.match([second.subject, second.text], ['Welkom, Ellen Invite', 'Nog een keer:']);
  const owner = await site.visitor(t);
  await owner.goto(first.link);
  await owner.getByRole('heading', { level: 1 }).waitFor();
  t.equal(await owner.getByLabel('Nieuw wachtwoord').count(), 0, 'the first link is dead');
  await owner.goto(second.link);
  await choosePassword(owner, PASSWORD, 'Account activeren');
  await open(page, person);
  t.equal(await page.getByText('Actief', { exact: true }).count(), 1);
  t.equal(await page.getByRole('link', { name: 'Verstuur bevestigingsverzoek' }).count(), 0);
});

t.test('S8: the data are changed, and SCIM shows them with another version', async (t) => {
  const person = await site.person(named('Ans', 'Oud'));
  const before = await site.get(person.id);
  const page = await desk(t);
  await open(page, person);
  await page.getByRole('link', { name: 'Wijzigen', exact: true }).click();
  await isOn(t, page, 'Gegevens van Ans Oud wijzigen');
  await page.getByLabel('Achternaam').fill('Nieuw');
  await page.getByRole('link', { name: 'Annuleren' }).click();
  t.same(await site.get(person.id), before);
  await page.getByRole('link', { name: 'Wijzigen', exact: true }).click();
  await page.getByLabel('Achternaam').fill('Nieuw');
  await page.getByLabel('Tijdzone').fill('Mars/Noord');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  t.same(await errorsOn(page), ['Deze tijdzone bestaat niet.', OVERRIDE_WANTED]);
  await page.getByLabel('Tijdzone').fill('Europe/Oslo');
  await page.getByLabel('Toch wijzigen').check();
  await page.getByRole('combobox', { name: 'Taal' }).selectOption('nb');
  await page.getByLabel('Rollen').fill('planner, kassa');
  await page.getByLabel('Twee-factor-authenticatie verplicht').check();
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await isOn(t, page, 'Ans Nieuw');
  const after = await site.get(person.id);
  t.match(after, { name: { givenName: 'Ans', familyName: 'Nieuw' }, preferredLanguage: 'nb', timezone: 'Europe/Oslo', roles: [{ value: 'planner' }, { value: 'kassa' }], [ACCOUNT]: { twoFactorRequired: true, status: 'active' } });
  t.not(after.meta.version, before.meta.version);
});

const OVERRIDE_WANTED = 'Je hebt iets gewijzigd wat een koppeling beheert. Vink ‘Toch wijzigen’ aan of zet het terug.';

t.test('L2: what a connection manages is said to be its own, and changed with a tick that the audit log tells of', async (t) => {
  const hr = await site.makeClient(site.tenants.own, { settings: { signInMethod: 'none' } });
  await site.store.collections.clients.updateOne({ _id: hr.client, t: site.tenants.own }, { $set: { name: 'Personeel & Co' } });
  const made = await site.call('POST', '/Users', userBody({ ...named('Bea', 'Heerd'), title: 'Kok' }), { token: hr.token });
  const actions = () => site.database.collection('audit').distinct('action', { 'on.id': made.body.id });
  const page = await desk(t);
  await open(page, made.body);
  t.match(await page.getByRole('region', { name: 'Gegevens' }).innerText(), /Functie\s+Kok \(beheerd door Personeel & Co\)/);
  await page.getByRole('link', { name: 'Wijzigen', exact: true }).click();
  await page.getByLabel('Afdeling').fill('Keuken');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await isOn(t, page, 'Bea Heerd');
  t.same(await actions(), ['create', 'patch'], 'nobody manages the department');
  t.match(await page.getByRole('region', { name: 'Gegevens' }).innerText(), /Afdeling\s+Keuken\s/);
  const before = await site.get(made.body.id);
  await page.getByRole('link', { name: 'Wijzigen', exact: true }).click();
  await page.getByLabel('Functie').fill('Bakker');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  t.same(await errorsOn(page), [OVERRIDE_WANTED]);
  t.same(await site.get(made.body.id), before);
  await page.getByLabel('Toch wijzigen').check();
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await isOn(t, page, 'Bea Heerd');
  t.match(await page.getByRole('region', { name: 'Gegevens' }).innerText(), /Functie\s+Bakker\s+Afdeling/, 'it is the administrator\'s now');
  t.same(await actions(), ['create', 'override', 'patch']);
  await page.getByText('Gewijzigd wat een koppeling beheert').waitFor();
});

t.test('S9: another user group, and the others stay', async (t) => {
  const person = await site.person(named('Gert', 'Groep'));
  const [one] = [await site.group('Verkoop', { members: [person] }), await site.group('Inkoop')];
  const club = await site.group('Kantoor', { userGroup: false, members: [person] });
  const page = await desk(t);
  await open(page, person);
  await page.getByRole('link', { name: 'Gebruikersgroep wijzigen' }).click();
  t.equal(await page.getByRole('combobox', { name: 'Gebruikersgroep' }).inputValue(), one);
  await page.getByRole('combobox', { name: 'Gebruikersgroep' }).selectOption({ label: 'Inkoop' });
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await done(page, 'Gert Groep zit nu in een andere gebruikersgroep.');
  const groups = (await site.get(person.id)).groups.map(({ display }: { display: string }) => display).sort();
  t.same(groups, ['Inkoop', 'Kantoor']);
  t.ok(club);
});

t.test('S10: a new address waits for its link, and the old one counts until then', async (t) => {
  const person = await site.person(named('Ada', 'Adres'));
  const page = await desk(t);
  await open(page, person);
  await page.getByRole('link', { name: 'Wijzigen e-mailadres' }).click();
  await isOn(t, page, 'E-mailadres van Ada Adres wijzigen');
  await page.getByLabel('Nieuw e-mailadres').fill('geen adres');
  await page.getByRole('button', { name: 'OK' }).click();
  t.same(await errorsOn(page), ['Dit is geen e-mailadres.']);
  const taken = await site.person();
  await page.getByLabel('Nieuw e-mailadres').fill(taken.address);
  await page.getByRole('button', { name: 'OK' }).click();
  t.same(await errorsOn(page), ['Dit e-mailadres is al aan een andere gebruiker gekoppeld. Elk e-mailadres moet uniek zijn.']);
  t.same(await site.deliver(), []);
  await page.getByLabel('Nieuw e-mailadres').fill('ada.nieuw@people.example');
  await page.getByRole('button', { name: 'OK' }).click();
  await done(page, 'Er is een link gestuurd naar ada.nieuw@people.example.');
  t.match(await page.getByRole('region', { name: 'Gegevens' }).innerText(), /Nieuw adres, nog niet bevestigd\s+ada\.nieuw@people\.example/);
  t.match(await site.onlyMail(), { to: ['ada.nieuw@people.example'] });
});

t.test('S11: Annuleren changes nothing, OK ends every session at once', async (t) => {
  const person = await site.person(named('Dirk', 'Dicht'));
  const cookie = await site.session(person);
  const page = await desk(t);
  await open(page, person);
  const before = await site.get(person.id);
  await page.getByRole('link', { name: 'Deactiveren' }).click();
  await isOn(t, page, 'Weet je zeker dat je het account wil deactiveren?');
  t.equal(await page.locator(':focus').textContent(), 'Annuleren');
  await page.getByRole('link', { name: 'Annuleren' }).click();
  t.same([await site.get(person.id), await site.sessionLives(cookie)], [before, true]);
  await page.getByRole('link', { name: 'Deactiveren' }).click();
  await page.getByRole('button', { name: 'OK' }).click();
  await done(page, 'Dirk Dicht is gedeactiveerd en overal afgemeld.');
  t.same([await site.status(person.id), await site.sessionLives(cookie)], ['deactivated', false]);
});

t.test('several at once, each with its result', async (t) => {
  const [one, two] = [await site.person(named('Meer', 'Samen')), await site.somebody(named('Mies', 'Samen'))];
  const page = await desk(t);
  await page.goto('/console/users?search=samen');
  await page.getByLabel('Selecteer alles op deze pagina').check();
  await page.getByRole('combobox', { name: 'Met de geselecteerde gebruikers' }).selectOption({ label: 'Ontgrendelen' });
  await page.getByRole('button', { name: 'Verder' }).click();
  await isOn(t, page, 'Ontgrendelen');
  await page.getByRole('button', { name: 'Ontgrendelen' }).click();
  await page.getByText('0 gedaan, 2 niet gedaan.').waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Terug naar de lijst' }).click();
  await page.getByLabel('Selecteer Meer Samen').check();
  await page.getByLabel('Selecteer Mies Samen').check();
  await page.getByRole('combobox', { name: 'Met de geselecteerde gebruikers' }).selectOption({ label: 'Deactiveren' });
  await page.getByRole('button', { name: 'Verder' }).click();
  t.equal(await page.locator(':focus').textContent(), 'Annuleren');
  await page.getByRole('link', { name: 'Annuleren' }).click();
  t.same([await site.status(one.id), (await site.get(two.id)).active], ['active', true]);
  await page.getByLabel('Selecteer Meer Samen').check();
  await page.getByRole('combobox', { name: 'Met de geselecteerde gebruikers' }).selectOption({ label: 'Deactiveren' });
  await page.getByRole('button', { name: 'Verder' }).click();
  await page.getByRole('button', { name: 'Deactiveren' }).click();
  await page.getByText('1 gedaan, 0 niet gedaan.').waitFor();
  t.same([await site.status(one.id), (await site.get(two.id)).active], ['deactivated', true]);
});

t.test('nobody deactivates or deletes themselves, and other sites send no forms', async (t) => {
  const page = await desk(t);
  await open(page, administrator);
  await page.getByText('Dit is je eigen account').waitFor();
  t.equal(await page.getByRole('link', { name: 'Deactiveren' }).count(), 0);
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  for (const origin of ['https://evil.example', site.origin]) {
    const answer = await fetch(`${site.origin}/console/users/${administrator.id}/deactivate`, { method: 'POST', redirect: 'manual', headers: { cookie: cookies, origin, 'content-type': 'application/x-www-form-urlencoded' }, body: 'csrf=' });
    t.equal(answer.status, 400, origin);
  }
  t.equal(await site.status(administrator.id), 'active');
  t.match(await page.title(), ORGANISATION);
});
