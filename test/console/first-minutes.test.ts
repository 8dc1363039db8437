/** The first minutes of somebody who has just typed `npm start`: from the printed link to a person who was invited, locked, unlocked and switched off. */
import t from 'tap';
import type { Page } from 'playwright-core';
import { isOn, startChromium } from '../browser/chromium.ts';
import { choosePassword, fillSignIn, REFUSED, signIn } from '../browser/site.ts';
import { dataDirectory, startServer } from '../helpers/start-server.ts';

const PASSWORD = 'correct horse battery';
const ADDRESS = 'eva@people.example';

const server = await startServer(t, { dataDir: await dataDirectory(t) });
const { visitor } = await startChromium(t, server.origin);
const status = (page: Page, text: string) => page.getByRole('main').getByText(text, { exact: true }).first().waitFor();

t.test('activated, somebody invited, the mail read in the mailbox, signed in, locked, unlocked, deactivated', async (t) => {
  const [, link = ''] = /^Administrator +(\S+)$/m.exec(server.stdout()) ?? [];
  t.match(server.stdout(), `Console         ${server.origin}/console`);
  const page = await visitor(t);
  await page.goto(link);
  await choosePassword(page, PASSWORD, 'Account activeren');
  await page.goto('/console');
  await fillSignIn(page, 'admin', PASSWORD);
  await isOn(t, page, 'Gebruikers');
  t.same(await page.getByRole('region', { name: 'Begin hier' }).getByRole('link').allInnerTexts().then((texts) => texts.map((text) => text.split('\n')[0])), ['Koppel een provider', 'Importeer CSV', 'Voeg iemand toe']);

  await page.getByRole('link', { name: '+ Gebruiker toevoegen' }).click();
  await page.getByLabel('Voornaam').fill('Eva');
  await page.getByLabel('Achternaam').fill('Eerste');
  await page.getByLabel('E-mailadres').fill(ADDRESS);
  await page.getByRole('button', { name: 'Bewaar en stop wijzigen' }).click();
  await page.getByRole('link', { name: 'Maak account aan' }).click();
  t.equal(await page.getByLabel('Gebruikersgroep').inputValue(), 'Medewerkers', 'the first group is made on the way');
  await page.getByRole('button', { name: 'OK' }).click();
  await isOn(t, page, 'Eva Eerste');
  await status(page, 'Uitgenodigd');

  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Postvak' }).click();
  const invitation = await page.getByRole('link', { name: /^Link volgen/ }).first().getAttribute('href');
  const eva = await visitor(t);
  await eva.goto(invitation ?? '');
  await choosePassword(eva, PASSWORD, 'Account activeren');
  await signIn(eva, ADDRESS, PASSWORD);
  await isOn(t, eva, 'Je account');
  await eva.getByRole('button', { name: 'Uitloggen' }).click();
  for (const guess of ['one wrong guess', 'another wrong guess', 'a third wrong guess']) {
    await signIn(eva, ADDRESS, guess);
    await eva.getByText(REFUSED).first().waitFor();
  }

  await page.goto('/console/users');
  await page.getByRole('link', { name: 'Eva Eerste' }).click();
  await status(page, 'Geblokkeerd');
  await page.getByRole('button', { name: 'Ontgrendel gebruiker' }).click();
  await status(page, 'Actief');
  await signIn(eva, ADDRESS, PASSWORD);
  await eva.getByRole('heading', { level: 1, name: 'Je account' }).waitFor();
  await page.getByRole('link', { name: 'Deactiveren' }).click();
  await page.getByRole('button', { name: 'OK' }).click();
  await status(page, 'Gedeactiveerd');
  await eva.reload();
  await eva.getByRole('heading', { level: 1, name: 'Inloggen' }).waitFor();
});
