/** Importing people from a CSV file at the desk: uploaded or pasted, its columns said, every line looked at, and only then done. */
import t from 'tap';
import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { importsOf } from '../accounts/imports.ts';
import { MINUTE, PASSWORD } from '../accounts/world.ts';
import { Browser } from '../accounts/browser.ts';
import { DESK, errorsOn, fits, isOn, PHONE, screenshotPath } from '../browser/chromium.ts';
import { signIn } from '../browser/site.ts';
import { unique } from '../helpers/app.ts';
import { startDesk } from './desk.ts';

const MEGABYTE = 1024 * 1024;
const site = await startDesk(t, import.meta.url, { limits: { ...DEFAULT_LIMITS, importBytes: 2 * MEGABYTE } });
const { work } = importsOf(site);
t.beforeEach(() => site.advance(MINUTE));
const administrator = await site.administrator();
const desk = (t: Parameters<typeof site.desk>[0], options?: Parameters<typeof site.desk>[2]) => site.desk(t, administrator, options);

const done = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();
const people = () => site.database.collection('users').countDocuments();
const stored = async () => ({ imports: await site.database.collection('imports').countDocuments({ state: { $ne: 'dropped' } }), people: await people() });
const file = (text: string, name = 'people.csv') => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const row = (page: Page, name: string | RegExp) => page.getByRole('row', { name });
const facts = (page: Page) => page.getByRole('region', { name: /^Wat deze import/ });

t.test('from the list of users: uploaded, columns mapped, every line shown, confirmed, done; Annuleren changes nothing', async (t) => {
  const known = await site.person({ name: { givenName: 'Jan', familyName: 'Berg' }, title: 'Planner' });
  const address = `${unique('eva')}@people.example`;
  const page = await desk(t);
  await page.setViewportSize(DESK);
  await page.goto('/console/users');
  await page.getByRole('link', { name: 'CSV importeren' }).click();
  await isOn(t, page, 'Nieuwe import');
  await page.screenshot({ path: screenshotPath('console import new'), fullPage: true });
  const before = await stored();
  await page.getByRole('region', { name: 'Een bestand' }).getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'Importeren');
  t.same(await stored(), before);
  await page.getByRole('link', { name: 'Nieuwe import' }).click();
  await page.getByRole('button', { name: 'Uploaden' }).click();
  t.same(await errorsOn(page), ['Kies een bestand.']);
  t.same(await stored(), before, 'nothing is stored of a form without a file');

  const text = `Voornaam;Achternaam;E-mail;Baan;Lievelingsdier\r\nJan;Berg;${known.address};Agent;hond\r\nÉva;Núñez;${address};Chef;kat\r\nNiemand;Adres;geen adres;;\r\n`;
  await page.getByLabel('CSV-bestand').setInputFiles(file(text));
  await page.getByRole('button', { name: 'Uploaden' }).click();
  await isOn(t, page, 'Kolommen aangeven');
  t.equal(await page.getByLabel('Wat er in Voornaam staat').inputValue(), 'firstName');
  t.equal(await page.getByLabel('Wat er in E-mail staat').inputValue(), 'email');
  t.equal(await page.getByLabel('Wat er in Baan staat').inputValue(), '', 'what nobody knows is left out');
  t.match(await row(page, /^Baan/).innerText(), /Niet herkend[\s\S]*Agent[\s\S]*Chef/);
  await page.screenshot({ path: screenshotPath('console import columns'), fullPage: true });
  await page.setViewportSize(PHONE);
  t.ok(await fits(page));
  await page.screenshot({ path: screenshotPath('console import columns phone'), fullPage: true });
  await page.setViewportSize(DESK);
  await page.getByLabel('Wat er in Baan staat').selectOption({ label: 'Voornaam' });
  await page.getByRole('button', { name: 'Regels controleren' }).click();
  t.same(await errorsOn(page), ['Voornaam staat al in kolom 1.']);
  await page.getByLabel('Wat er in Baan staat').selectOption({ label: 'Functie' });
  await page.getByLabel('Wat er in E-mail staat').selectOption({ label: 'Niet overnemen' });
  await page.getByLabel('Personen herkennen aan').selectOption({ label: 'De eerste hiervan die er is' });
  await page.getByRole('button', { name: 'Regels controleren' }).click();
  t.same(await errorsOn(page), ['Geen kolom zegt over wie een regel gaat: daar is een gebruikersnaam, een e-mailadres of een id voor nodig.']);
  await page.getByLabel('Wat er in E-mail staat').selectOption({ label: 'E-mailadres' });
  await page.getByRole('button', { name: 'Regels controleren' }).click();
  await page.getByText('0 van 3 regels gecontroleerd.').waitFor();
  await work();
  await page.getByRole('link', { name: 'Vernieuwen' }).or(page.getByText('Er is nog niets gewijzigd.')).first().waitFor();
  await page.reload();
  await done(page, 'Er is nog niets gewijzigd.');
  t.match((await facts(page).innerText()).replace(/\s+/g, ' '), /Toe te voegen 1 Te wijzigen 1 Al zo 0 Geweigerd 1/);
  t.match(await row(page, /^2 /).innerText(), /Jan Berg[\s\S]*Wijzigen\s+Functie/);
  t.match(await row(page, /^3 /).innerText(), /Éva Núñez[\s\S]*Toevoegen\s+E-mailadres, Voornaam, Achternaam, Functie/);
  t.match(await row(page, /^4 /).innerText(), /Niemand Adres[\s\S]*Geweigerd\s+Dit is geen e-mailadres\.\s+kolom 3, ‘E-mail’/);
  await page.screenshot({ path: screenshotPath('console import report'), fullPage: true });
  await page.setViewportSize(PHONE);
  t.ok(await fits(page));
  await page.screenshot({ path: screenshotPath('console import report phone'), fullPage: true });
  await page.setViewportSize(DESK);
  await page.getByRole('list', { name: 'Uitkomst' }).getByRole('link', { name: 'Geweigerd' }).click();
  await page.waitForURL(/outcome=refuse/);
  t.equal(await page.getByRole('row').count(), 2, 'the head and one line');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Rapport als CSV' }).click()]);
  const report = readFileSync(await download.path(), 'utf8');
  t.match(parse(report, { bom: true }), [['line', 'outcome', 'column', 'reason', 'changed', 'Voornaam', 'Achternaam', 'E-mail', 'Baan', 'Lievelingsdier'], ['4', 'refuse', '3', /address/, '', 'Niemand', 'Adres', 'geen adres', '', '']]);

  await page.getByRole('main').getByRole('link', { name: 'Importeren', exact: true }).last().click();
  await isOn(t, page, 'Deze regels importeren?');
  const unchanged = await stored();
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await page.getByRole('heading', { name: /^Import van / }).waitFor();
  await work();
  t.same(await stored(), unchanged, 'Annuleren imports nobody');
  t.equal((await site.get(known.id)).title, 'Planner');
  await page.getByRole('main').getByRole('link', { name: 'Importeren', exact: true }).last().click();
  t.match(await page.getByRole('main').innerText(), /1 regel wordt overgeslagen/);
  await page.getByRole('button', { name: 'Importeren' }).click();
  await done(page, 'De import is begonnen.');
  await page.getByText('0 van 3 regels geïmporteerd.').waitFor();
  await work();
  // The script opens the page again by itself.
  await done(page, 'De import is klaar.');
  t.match((await facts(page).innerText()).replace(/\s+/g, ' '), /Toegevoegd 1 Gewijzigd 1 Al zo 0 Geweigerd 1/);
  t.equal((await site.get(known.id)).title, 'Agent');
  t.same(await site.deliver(), [], 'nobody is mailed');
  await page.screenshot({ path: screenshotPath('console import done'), fullPage: true });
  await page.getByRole('link', { name: /^Éva Núñez/ }).click();
  await isOn(t, page, 'Éva Núñez');

  await page.goto('/console/imports');
  await page.screenshot({ path: screenshotPath('console imports'), fullPage: true });
  t.match(await row(page, /Geïmporteerd/).innerText(), /jij[\s\S]*Toevoegen: 1, Wijzigen: 1, Geweigerd: 1/i);
  await page.getByRole('row', { name: /Geïmporteerd/ }).getByRole('link').click();
  await page.getByRole('link', { name: 'Import verwijderen' }).click();
  await isOn(t, page, 'Deze import verwijderen?');
  await page.getByRole('link', { name: 'Annuleren' }).click();
  t.equal((await stored()).imports, before.imports + 1);
  await page.getByRole('link', { name: 'Import verwijderen' }).click();
  await page.getByRole('button', { name: 'Import verwijderen' }).click();
  await done(page, 'De import is verwijderd.');
  t.same(await stored(), { imports: before.imports, people: before.people + 1 }, 'whoever was imported stays');
});

t.test('without a script: pasted, stopped while it is checked, checked again, imported, with a link to look again', async (t) => {
  const address = `${unique('plak')}@people.example`;
  const page = await desk(t, { scripts: false });
  await page.goto('/console/imports/new');
  await page.getByRole('button', { name: 'Deze regels gebruiken' }).click();
  await page.getByRole('link', { name: 'Plak hier regels.' }).waitFor();
  await page.getByRole('textbox', { name: 'Regels' }).fill(`Name\tE-mail\nPlakker\t${address}`);
  await page.getByRole('button', { name: 'Deze regels gebruiken' }).click();
  await page.getByLabel('Wat er in Name staat').selectOption({ label: 'Weergavenaam' });
  await page.getByRole('button', { name: 'Regels controleren' }).click();
  await page.getByText('0 van 1 regels gecontroleerd.').waitFor();
  await page.getByRole('button', { name: 'Stoppen' }).click();
  await done(page, 'De import is gestopt.');
  await work();
  await page.reload();
  t.equal(await page.getByText('Gestopt', { exact: true }).count(), 1, 'nobody goes on with it');
  await page.getByRole('link', { name: 'Kolommen aangeven' }).click();
  await page.getByRole('button', { name: 'Regels controleren' }).click();
  await work();
  await page.getByRole('link', { name: 'Vernieuwen' }).click();
  await done(page, 'Er is nog niets gewijzigd.');
  await page.getByRole('main').getByRole('link', { name: 'Importeren', exact: true }).last().click();
  await page.getByRole('button', { name: 'Importeren' }).click();
  await page.getByRole('button', { name: 'Stoppen' }).click();
  const before = await people();
  await work();
  t.equal(await people(), before, 'stopped before its first line');
  await page.reload();
  t.match((await facts(page).innerText()).replace(/\s+/g, ' '), /Nog niet gedaan 1/);
  await page.getByRole('link', { name: 'Verdergaan' }).click();
  await page.getByRole('button', { name: 'Verdergaan' }).click();
  await work();
  await page.getByRole('link', { name: 'Vernieuwen' }).click();
  await done(page, 'De import is klaar.');
  t.equal(await people(), before + 1);
});

t.test('a file that is none is refused with where it is wrong, and leaves nothing', async (t) => {
  const page = await desk(t);
  await page.goto('/console/imports/new');
  const before = await stored();
  await page.getByLabel('CSV-bestand').setInputFiles(file('E-mail,Naam\n"a@people.example,niet gesloten'));
  await page.getByRole('button', { name: 'Uploaden' }).click();
  await page.getByText('Line 2, column 1: a quote is opened here that nothing closes.').waitFor({ state: 'attached' });
  await page.getByLabel('CSV-bestand').setInputFiles(file(''));
  await page.getByRole('button', { name: 'Uploaden' }).click();
  await page.getByText('Line 1, column 1: the file is empty').waitFor({ state: 'attached' });
  await page.getByLabel('CSV-bestand').setInputFiles(file(`E-mail\n${'somebody@people.example\n'.repeat(60_000)}"open`));
  await page.getByRole('button', { name: 'Uploaden' }).click();
  await page.getByText('Line 60002, column 1: a quote is opened here that nothing closes.').waitFor({ state: 'attached' });
  // Refused after all of it has come: a browser does not listen before.
  await page.getByText('hoogstens 2 MB').waitFor();
  await page.getByLabel('CSV-bestand').setInputFiles(file(`E-mail\n${'x'.repeat(3 * MEGABYTE)}`));
  const [refused] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), page.getByRole('button', { name: 'Uploaden' }).click()]);
  t.equal(refused.status(), 413);
  await page.getByRole('textbox', { name: 'Regels' }).fill(`E-mail\n${'x'.repeat(MEGABYTE)}`);
  await page.getByRole('button', { name: 'Deze regels gebruiken' }).click();
  await page.getByRole('link', { name: 'Dit is te veel om te plakken: upload het als bestand.' }).waitFor();
  t.same(await stored(), before);
});

t.test('why a line is refused is said in the language of whoever looks', async (t) => {
  const [one, two] = [await site.person(), await site.person()];
  await site.group('Dubbel', { members: [] });
  const head = 'Id;Gebruikersnaam;E-mailadres;Taal;Tijdzone;Datum van uittrede;Populatie;Groepen';
  const name = () => `${unique('n')}@people.example`;
  const twice = name();
  const lines = [
    `${one.id};;geen adres;;;;;`, `${two.id};;;klingon-!;;;;`, `;${name()};;;Mars/Phobos;;;`, `;${name()};;;;morgen;;`, `;${name()};;;;;iedereen;`, `;${name()};;;;;;Geen groep`,
    '00000000-0000-7000-8000-000000000000;;;;;;;', `;;;nl;;;;`, `;${twice};;;;;;`, `;${twice};;;;;;`, `;${one.address};;;;;;`, 'te;kort', `;${name()};;n\u0001l;;;;`,
  ];
  const page = await desk(t);
  await page.goto('/console/imports/new');
  await page.getByRole('textbox', { name: 'Regels' }).fill([head, ...lines].join('\n'));
  await page.getByRole('button', { name: 'Deze regels gebruiken' }).click();
  await isOn(t, page, 'Kolommen aangeven');
  await page.getByRole('button', { name: 'Regels controleren' }).click();
  await work();
  await page.goto(`${page.url()}?outcome=refuse`);
  const said = [
    'Dit is geen e-mailadres.', 'Dit moet een taal zijn zoals nl of en-GB.', 'Dit moet een tijdzone zijn zoals Europe/Amsterdam.', 'Dit moet een dag zijn zoals 2030-12-31.', 'Dit moet een van deze zijn: employee',
    'Er is geen groep "Geen groep".', 'Er is niemand met deze id.', 'Een nieuwe persoon heeft een gebruikersnaam of een e-mailadres nodig.', 'Regel 10 gaat over dezelfde persoon.', 'Iemand anders heeft dit al.', 'De regel heeft 2 cellen, en de eerste regel 8.', 'In de cel staat een teken dat in geen tekst hoort.',
  ];
  const table = await page.getByRole('table').innerText();
  for (const text of said) t.ok(table.includes(text), text);
  t.equal(await page.getByRole('table').locator('[lang=en]').count(), 0, table);
});

t.test('a form of another page, and whoever has no right, are refused before anything is stored', async (t) => {
  const send = async (browser: Browser, parts: readonly (readonly [string, string])[], headers: Record<string, string> = {}) => {
    const body = parts.map(([head, value]) => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`).join('');
    return browser.postRaw('/console/imports/new', `${body}--b--\r\n`, { 'content-type': 'multipart/form-data; boundary=b', 'origin': site.origin, ...headers });
  };
  const csv = ['name="file"; filename="a.csv"\r\nContent-Type: text/csv', `E-mail\r\n${unique('x')}@people.example`] as const;
  const signedIn = async (address: string) => {
    const browser = new Browser(site.app, '127.0.0.1');
    await browser.get('/sign-in');
    await browser.postRaw('/sign-in', new URLSearchParams({ csrf: browser.cookies.get('csrf') ?? '', name: address, password: PASSWORD }).toString(), { origin: site.origin });
    return { browser, csrf: ['name="csrf"', browser.cookies.get('csrf') ?? ''] as const };
  };
  const { browser, csrf } = await signedIn(administrator.address);
  const clerk = await signedIn((await site.holder('audit.read')).address);
  const before = await stored();
  t.equal((await browser.get('/console/imports/new')).status, 200);
  t.equal((await send(browser, [csv])).status, 400, 'without a token');
  t.equal((await send(browser, [csv, csrf])).status, 400, 'a token behind the file is none');
  t.equal((await send(browser, [['name="csrf"', 'x'.repeat(43)], csv])).status, 400);
  t.equal((await send(browser, [csrf, csv], { origin: 'https://elsewhere.example' })).status, 400);
  t.equal((await browser.postRaw('/console/imports/new', '--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nnever closed', { 'content-type': 'multipart/form-data; boundary=b', 'origin': site.origin })).status, 400);
  t.equal((await browser.postRaw('/console/imports/new', '--b--\r\n', { 'content-type': 'multipart/form-data', 'origin': site.origin })).status, 400);
  t.same(await stored(), before);
  t.equal((await send(clerk.browser, [clerk.csrf, csv])).status, 403);
  const stranger = new Browser(site.app, '127.0.0.1');
  await stranger.get('/sign-in');
  t.equal((await send(stranger, [['name="csrf"', stranger.cookies.get('csrf') ?? ''], csv])).status, 303, 'to the sign-in');
  t.same(await stored(), before);
  const sent = await send(browser, [csrf, csv]);
  t.match([sent.status, sent.location], [303, /\/console\/imports\/[0-9a-f-]{36}\/columns$/]);
  t.same(await stored(), { ...before, imports: before.imports + 1 });

  const page = await site.visitor(t);
  const { address } = await site.holder('clients.manage');
  await signIn(page, address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const path of ['/console/imports', '/console/imports/new', sent.location.replace(/\/columns$/, ''), sent.location]) t.equal((await page.goto(path))?.status(), 403, path);
  // Whoever does not see everybody sees their own imports alone.
  const manager = await site.desk(t, await site.holder('users.manage'));
  t.equal((await manager.goto(sent.location))?.status(), 404);
  await manager.goto('/console/imports');
  await isOn(t, manager, 'Importeren');
  t.equal(await manager.getByText('Er is nog niets geïmporteerd').count(), 1);
});
