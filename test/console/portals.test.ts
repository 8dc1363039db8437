/** Portal users of a company, as administrators add and switch them and as they sign in themselves: P1 to P5, in Dutch. */
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { MINUTE, OTHER_PASSWORD, PASSWORD } from '../accounts/world.ts';
import { errorsOn, isOn } from '../browser/chromium.ts';
import { choosePassword, fillSignIn, REFUSED } from '../browser/site.ts';
import { unique } from '../helpers/app.ts';
import { companyWorld, PORTALS } from './company-world.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
const { company, portal, portalUser, get, found, enterAt } = await companyWorld(site);
await site.policy({ vocabulary: 'outsmart' });
t.beforeEach(() => site.advance(MINUTE));

const manager = await site.holder('portalUsers.manage');
const people = () => site.database.collection('users').countDocuments();
const userOf = async (address: string) => (await found(`userName eq "${address}"`))[0];

/** At the portal users of a company. */
async function atList(t: Test, id: string, name: string): Promise<Page> {
  const page = await site.desk(t, manager);
  await page.goto(`/console/companies/${id}`);
  await page.getByRole('link', { name: 'Portaalgebruikers' }).last().click();
  await isOn(t, page, `Portaalgebruikers van ${name}`);
  return page;
}

t.test('P1, P2: an address and a portal are asked for; saved without a password, and nothing is mailed', async (t) => {
  const [customer, place, address] = [unique('Klant '), unique('Portaal '), `${unique('p2')}@klant.example`];
  const [id, portalId] = [await company(customer), await portal(place)];
  const page = await atList(t, id, customer);
  await page.getByRole('link', { name: '+ Portaalgebruiker toevoegen' }).click();
  await isOn(t, page, '+ Portaalgebruiker toevoegen');
  const before = await people();
  await page.getByLabel('Adres').fill(address);
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, `Portaalgebruikers van ${customer}`);
  t.equal(await people(), before, 'Annuleren changes nothing');

  await page.getByRole('link', { name: '+ Portaalgebruiker toevoegen' }).click();
  await page.getByLabel('Adres').fill('geen adres');
  await page.getByRole('combobox', { name: 'Portaalconfiguratie' }).selectOption({ label: place });
  await page.getByRole('button', { name: 'Opslaan' }).click();
  t.same(await errorsOn(page), ['Dit is geen e-mailadres.']);
  await page.getByLabel('Adres').fill(address);
  await page.getByRole('button', { name: 'Opslaan' }).click();
  await isOn(t, page, `Portaalgebruikers van ${customer}`);
  await page.getByRole('row').filter({ hasText: address }).getByText(place).waitFor();
  t.match((await userOf(address))[PORTALS], { access: [{ portal: portalId, customer: id, enabled: true }] });
  t.same(await site.deliver(), []);
  t.equal((await enterAt(address, portalId)).status, 401, 'there is no password');
});

t.test('P2: with the tick the invitation goes out', async (t) => {
  const [customer, place, address] = [unique('Klant '), unique('Portaal '), `${unique('p2')}@klant.example`];
  const [id] = [await company(customer), await portal(place)];
  const page = await atList(t, id, customer);
  await page.getByRole('link', { name: '+ Portaalgebruiker toevoegen' }).click();
  await page.getByLabel('Adres').fill(address);
  await page.getByRole('combobox', { name: 'Portaalconfiguratie' }).selectOption({ label: place });
  await page.getByLabel('Uitnodiging versturen').check();
  await page.getByRole('button', { name: 'Opslaan' }).click();
  await page.getByRole('status').getByText(`Het account van ${address} is aangemaakt en de uitnodiging is onderweg.`).waitFor();
  t.match(await site.onlyMail(), { to: [address] });
});

t.test('P3, P4: one access is switched off and another added; the switch over all ends the rest', async (t) => {
  const [customer, one, two] = [unique('Klant '), unique('Portaal '), unique('Portaal ')];
  const [id, first, second] = [await company(customer), await portal(one), await portal(two)];
  const address = await portalUser([{ portal: first, customer: id }]);
  const page = await atList(t, id, customer);
  const edit = async () => {
    await page.getByRole('link', { name: address }).click();
    await page.getByRole('button', { name: 'Opslaan' }).waitFor();
  };
  const saved = async () => {
    await page.getByRole('button', { name: 'Opslaan' }).click();
    await isOn(t, page, `Portaalgebruikers van ${customer}`);
  };
  const entered = async () => [(await enterAt(address, first)).status, (await enterAt(address, second)).status];
  t.same(await entered(), [200, 401]);

  const before = await get(`/Users/${(await userOf(address)).id}`);
  await edit();
  await page.getByRole('group', { name: `${one}, voor ${customer}` }).getByLabel('Deze toegang is ingeschakeld').uncheck();
  await page.getByRole('link', { name: 'Annuleren' }).click();
  t.same(await get(`/Users/${before.id}`), before, 'Annuleren changes nothing');

  await edit();
  await page.getByRole('combobox', { name: 'Portaal toevoegen' }).selectOption({ label: two });
  await page.getByRole('group', { name: `${one}, voor ${customer}` }).getByLabel('Deze toegang is ingeschakeld').uncheck();
  await saved();
  site.advance(MINUTE);
  t.same(await entered(), [401, 200]);
  await edit();
  await page.getByLabel('Ingeschakeld', { exact: true }).uncheck();
  await saved();
  site.advance(MINUTE);
  t.same(await entered(), [401, 401]);
  await page.getByRole('row').filter({ hasText: address }).getByText('Uitgeschakeld').last().waitFor();
});

t.test('P5: the first password is chosen at the portal by "Wachtwoord vergeten?", in its name, and leads back to it', async (t) => {
  const [customer, place, address] = [unique('Klant '), unique('Portaal '), `${unique('p5')}@klant.example`];
  const [id, portalId] = [await company(customer), await portal(place)];
  const desk = await atList(t, id, customer);
  await desk.getByRole('link', { name: '+ Portaalgebruiker toevoegen' }).click();
  await desk.getByLabel('Adres').fill(address);
  await desk.getByRole('combobox', { name: 'Portaalconfiguratie' }).selectOption({ label: place });
  await desk.getByRole('button', { name: 'Opslaan' }).click();
  await isOn(t, desk, `Portaalgebruikers van ${customer}`);

  const page = await site.visitor(t);
  await page.goto(`/sign-in?portal=${portalId}`);
  await page.getByText(place).first().waitFor();
  await page.getByRole('link', { name: 'Wachtwoord vergeten?' }).click();
  await page.getByText(`een nieuw wachtwoord voor ${place} te kiezen`).waitFor();
  await page.getByLabel('Gebruikersnaam of e-mailadres').fill(address);
  await page.getByRole('button', { name: 'Link versturen' }).click();
  await isOn(t, page, 'Bekijk je e-mail');
  const mail = await site.onlyMail();
  t.match(mail, { to: [address], text: place });
  await page.goto(mail.link);
  await choosePassword(page, PASSWORD, 'Wachtwoord opslaan');
  await page.getByRole('link', { name: 'Inloggen' }).click();
  t.match(page.url(), `portal=${portalId}`);
  await fillSignIn(page, address, OTHER_PASSWORD);
  t.same(await errorsOn(page), [REFUSED]);
  await fillSignIn(page, address, PASSWORD);
  await isOn(t, page, 'Je account');
});
