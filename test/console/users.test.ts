/** The list of users and one of them, as administrators see and use them: S1 to S11, J1 to J12. */
import t from 'tap';
import { isOn, screenshotPath } from '../browser/chromium.ts';
import { MINUTE } from '../accounts/world.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
t.beforeEach(() => site.advance(MINUTE));

t.test('look', async (t) => {
  await site.group('Medewerkers');
  for (const [given, family, more] of [['Jan', 'Berg', {}], ['Sofie', 'Jansen', { roles: [{ value: 'planner' }] }], ['Zoë', 'Çelik', {}]] as const) await site.somebody({ name: { givenName: given, familyName: family }, ...more });
  const locked = await site.person({ name: { givenName: 'Lotte', familyName: 'Slot' } });
  await site.wrong(locked, 3);
  const page = await site.desk(t);
  const shot = (name: string) => page.screenshot({ path: screenshotPath(`console ${name}`), fullPage: true });
  await isOn(t, page, 'Gebruikers');
  await shot('users');
  await page.getByRole('link', { name: '+ Gebruiker toevoegen' }).click();
  await isOn(t, page, 'Gebruiker toevoegen');
  await page.getByLabel('Voornaam').fill('Piet');
  await page.getByLabel('Tussenvoegsel').fill('van der');
  await page.getByRole('button', { name: 'Bewaar en stop wijzigen' }).click();
  await page.waitForLoadState();
  await shot('add');
  await page.getByLabel('Achternaam').fill('Meer');
  await page.getByLabel('E-mailadres').fill('piet@people.example');
  await page.getByRole('button', { name: 'Bewaar en stop wijzigen' }).click();
  await isOn(t, page, 'Piet van der Meer');
  await shot('user');
  await page.getByRole('link', { name: 'Maak account aan' }).click();
  await isOn(t, page, 'Maak een account aan voor Piet van der Meer');
  await page.getByRole('button', { name: 'Voorbeeld' }).click();
  await page.getByRole('heading', { name: 'Voorbeeld' }).waitFor();
  await shot('invite');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('/console/users');
  await shot('users phone');
});
