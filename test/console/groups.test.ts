/** Groups as administrators see and use them: S12, and the groups' side of S1, S9 and J6. */
import t from 'tap';
import { MINUTE, type Somebody } from '../accounts/world.ts';
import { CONTACT } from '../browser/site.ts';
import { DESK, errorsOn, fits, isOn, PHONE, screenshotPath } from '../browser/chromium.ts';
import { patchBody, unique } from '../helpers/app.ts';
import { RIGHTS_OF_GROUP, startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
t.beforeEach(() => site.advance(MINUTE));
const named = (givenName: string, familyName: string) => site.somebody({ name: { givenName, familyName } });
const groupOf = async (id: string) => (await site.call('GET', `/Groups/${id}`, undefined, { token: site.grant })).body;
const membersOf = async (id: string): Promise<readonly string[]> => ((await groupOf(id)).members ?? []).map(({ value }: Somebody & { value: string }) => value);

t.test('S12: the rights of each group in words, with whom to ask', async (t) => {
  const [planning, extern, plain] = [unique('Planning '), unique('Contactcentrum '), unique('Kantine ')];
  await site.group(planning, { rights: ['users.manage', 'audit.read'] });
  await site.group(extern, { rights: ['externalUsers.manage'], userGroup: false });
  await site.group(plain, { userGroup: false });
  const page = await site.desk(t, undefined, { viewport: DESK });
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Groepen' }).click();
  await isOn(t, page, 'Groepen');
  t.match(await page.getByRole('row', { name: planning }).innerText(), /Gebruikers beheren; Auditlogboek inzien/);
  await page.screenshot({ path: screenshotPath('console groups'), fullPage: true });
  await page.getByRole('link', { name: 'Rechten per groep' }).click();
  await isOn(t, page, 'Rechten per groep');
  t.match(await page.getByRole('row', { name: extern }).innerText(), /Beheren van externe gebruikers toestaan[\s\S]*hun aanmelding aan- en uitzetten/);
  t.match(await page.getByRole('main').innerText(), CONTACT);
  t.equal(await page.getByText(plain).count(), 0);
  t.ok(await page.getByRole('button', { name: 'Afdrukken' }).isVisible());
  await page.screenshot({ path: screenshotPath('console groups rights'), fullPage: true });
  await page.emulateMedia({ media: 'print' });
  t.notOk(await page.getByRole('navigation', { name: 'Menu' }).isVisible(), 'on paper there is no menu');
  t.ok(await page.getByText(CONTACT).isVisible());
  await page.emulateMedia({ media: 'screen' });
  await page.setViewportSize(PHONE);
  await isOn(t, page, 'Rechten per groep');
  t.ok(await fits(page));
  await page.screenshot({ path: screenshotPath('console groups rights phone'), fullPage: true });
  await page.setViewportSize(DESK);
});

t.test('a group inside one that gives rights gives them too', async (t) => {
  const [outer, inner] = [unique('Buiten '), unique('Binnen ')];
  const inside = await site.group(inner, { userGroup: false });
  const holding = await site.group(outer, { rights: ['clients.manage'], userGroup: false });
  await site.call('PATCH', `/Groups/${holding}`, patchBody({ op: 'add', path: 'members', value: [{ value: inside }] }), { token: site.grant });
  const page = await site.desk(t);
  await page.goto('/console/groups/rights');
  t.match(await page.getByRole('row', { name: inner }).innerText(), 'Koppelingen beheren');
  await page.getByRole('link', { name: inner }).click();
  await isOn(t, page, inner);
  t.match(await page.getByRole('main').innerText(), /Deze groep geeft geen rechten\.[\s\S]*in andere groepen zit[\s\S]*Koppelingen beheren/);
});

t.test('a group is made, found by the beginning of its name, changed and deleted', async (t) => {
  const name = unique('Roosterbureau ');
  const page = await site.desk(t);
  await page.goto('/console/groups');
  await page.getByRole('link', { name: '+ Groep toevoegen' }).click();
  await isOn(t, page, '+ Groep toevoegen');
  await page.getByLabel('Naam van de groep').fill(name);
  await page.getByLabel('Auditlogboek inzien').check();
  await page.getByLabel('Gebruikersgroep').check();
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await isOn(t, page, name);
  const id = page.url().split('/').at(-1) ?? '';
  t.match(await groupOf(id), { displayName: name, [RIGHTS_OF_GROUP]: { rights: ['audit.read'], userGroup: true } }, 'over SCIM at once');
  await page.goto('/console/groups');
  await page.getByLabel('Zoek groepen').fill(name.slice(0, -1).toUpperCase());
  await page.getByRole('button', { name: 'Zoeken' }).click();
  await page.getByText('1 groep gevonden').waitFor();
  await page.getByRole('link', { name }).click();
  await page.getByRole('link', { name: 'Wijzigen' }).click();
  await isOn(t, page, `Groep ${name} wijzigen`);
  await page.getByLabel('Auditlogboek inzien').uncheck();
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, name);
  t.match(await groupOf(id), { [RIGHTS_OF_GROUP]: { rights: ['audit.read'] } }, 'Annuleren changes nothing');
  await page.getByRole('link', { name: 'Wijzigen' }).click();
  await page.getByLabel('Auditlogboek inzien').uncheck();
  await page.getByLabel('Koppelingen beheren').check();
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await page.getByRole('status').getByText(`Opgeslagen: ${name}`).waitFor();
  t.same((await groupOf(id))[RIGHTS_OF_GROUP], { rights: ['clients.manage'], userGroup: true });
  await page.getByRole('link', { name: 'Groep verwijderen' }).click();
  await isOn(t, page, `Groep ${name} verwijderen`);
  await page.getByRole('link', { name: 'Annuleren' }).click();
  t.equal((await groupOf(id)).displayName, name);
  await page.getByRole('link', { name: 'Groep verwijderen' }).click();
  await page.getByRole('button', { name: 'Groep verwijderen' }).click();
  await isOn(t, page, 'Groepen');
  t.equal((await groupOf(id)).status, '404');
});

t.test('a name that is taken is told beside the field, with what was typed kept', async (t) => {
  const name = unique('Dubbel ');
  await site.group(name);
  const page = await site.desk(t);
  await page.goto('/console/groups/new');
  await page.getByLabel('Naam van de groep').fill(name.toUpperCase());
  await page.getByLabel('Auditlogboek inzien').check();
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  t.same(await errorsOn(page), ['Er is al een groep met deze naam.']);
  t.equal(await page.getByLabel('Naam van de groep').inputValue(), name.toUpperCase());
  t.ok(await page.getByLabel('Auditlogboek inzien').isChecked());
});

t.test('somebody is found and joins, and is taken out again', async (t) => {
  const [name, family] = [unique('Ploeg '), unique('Zoekman')];
  const [one, other] = [await named('Ada', family), await named('Bo', family)];
  const id = await site.group(name, { members: [other] });
  const page = await site.desk(t);
  await page.goto(`/console/groups/${id}`);
  await isOn(t, page, name);
  await page.getByRole('link', { name: '+ Lid toevoegen' }).click();
  await page.getByLabel('Zoek op naam of e-mailadres').fill(`Ada ${family}`);
  await page.getByRole('button', { name: 'Zoeken' }).click();
  await isOn(t, page, `Iemand toevoegen aan ${name}`);
  await page.getByRole('button', { name: `Toevoegen Ada ${family}` }).click();
  await page.getByRole('status').getByText(`Ada ${family} zit nu in de groep.`).waitFor();
  t.same([...(await membersOf(id))].sort(), [one.id, other.id].sort());
  await page.getByRole('link', { name: `Uit de groep verwijderen Ada ${family}` }).click();
  await isOn(t, page, `Ada ${family} verwijderen uit ${name}`);
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, name);
  t.equal((await membersOf(id)).length, 2, 'Annuleren changes nothing');
  await page.getByRole('link', { name: `Uit de groep verwijderen Ada ${family}` }).click();
  await page.getByRole('button', { name: 'Uit de groep verwijderen' }).click();
  await page.getByRole('status').getByText(`Weggehaald: Ada ${family}`).waitFor();
  t.same(await membersOf(id), [other.id]);
  t.equal((await page.goto(`/console/groups/${id}/members/${one.id}/remove`))?.status(), 404, 'who is no member cannot be taken out');
});

t.test('members come a page after the other', async (t) => {
  const family = unique('Pagina');
  const members = await Promise.all(Array.from({ length: 51 }, (_one, index) => named(`Lid${index}`, family)));
  const id = await site.group(unique('Groot '), { members });
  const page = await site.desk(t);
  await page.goto(`/console/groups/${id}`);
  const links = () => page.getByRole('table').getByRole('link', { name: new RegExp(`^Lid\\d+ ${family}$`) }).allInnerTexts();
  const first = await links();
  t.equal(first.length, 50);
  await page.getByRole('link', { name: 'Volgende pagina' }).click();
  await page.getByText('1 van 51 op deze pagina').waitFor();
  t.equal(new Set([...first, ...(await links())]).size, 51);
  t.equal(await page.getByRole('link', { name: 'Volgende pagina' }).count(), 0);
});

t.test('J6: who may not give rights sees them and cannot change them, nor who has them', async (t) => {
  const rights = await site.group(unique('Met recht '), { rights: ['audit.read'] });
  const somebody = await named('Cas', unique('Zonder'));
  const page = await site.desk(t, await site.holder('users.manage'));
  await page.goto(`/console/groups/${rights}`);
  t.match(await page.getByRole('main').innerText(), /Auditlogboek inzien[\s\S]*Alleen beheerders die rechten mogen geven/);
  await page.getByRole('link', { name: 'Wijzigen' }).click();
  await page.getByText('Alleen beheerders die rechten mogen geven').waitFor();
  t.equal(await page.getByRole('checkbox').count(), 0);
  const name = unique('Nieuwe naam ');
  await page.getByLabel('Naam van de groep').fill(name);
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await isOn(t, page, name);
  t.same((await groupOf(rights))[RIGHTS_OF_GROUP], { rights: ['audit.read'], userGroup: true }, 'the name alone');
  await page.goto(`/console/groups/${rights}/add?search=Cas`);
  await page.getByRole('button', { name: /^Toevoegen Cas/ }).click();
  await page.getByText('Je rechten zijn hiervoor niet genoeg').waitFor();
  await page.goto(`/console/groups/${rights}/delete`);
  await page.getByRole('button', { name: 'Groep verwijderen' }).click();
  await page.getByText('Je rechten zijn hiervoor niet genoeg').waitFor();
  t.same(await membersOf(rights), []);
  t.ok(somebody.id);
});

t.test('S1: who does not manage users has no groups', async (t) => {
  const page = await site.desk(t, await site.holder('externalUsers.manage'));
  t.equal(await page.getByRole('link', { name: 'Groepen' }).count(), 0);
  for (const path of ['/console/groups', '/console/groups/rights', '/console/groups/new']) t.equal((await page.goto(path))?.status(), 403, path);
});
