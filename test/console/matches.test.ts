/** L5 and merging at the desk: people who come back are taken over or refused, and two records of one person become one. */
import t from 'tap';
import type { Page } from 'playwright-core';
import { MINUTE, PASSWORD, type Somebody } from '../accounts/world.ts';
import { DESK, fits, isOn, PHONE, screenshotPath } from '../browser/chromium.ts';
import { signIn } from '../browser/site.ts';
import { patchBody, unique, userBody } from '../helpers/app.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
t.beforeEach(() => site.advance(MINUTE));
const administrator = await site.administrator();
const desk = (t: Parameters<typeof site.desk>[0]) => site.desk(t, administrator);
const asking = await site.makeClient(site.tenants.own, { scopes: ['*'], settings: { signInMethod: 'none', populations: ['employee'], onRehire: 'ask' } });
const done = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();
const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const stateOf = async ({ id }: Somebody) => (await site.database.collection('matches').findOne({ person: id }))?.['state'] as string | undefined;
const isActive = async ({ id }: Somebody): Promise<boolean> => (await site.get(id)).active;
const people = () => site.database.collection('users').countDocuments();

/** Somebody deactivated, whom the connection has asked for. */
async function returner(givenName: string, externalId: string): Promise<Somebody> {
  const person = await site.person({ name: { givenName, familyName: 'Terug' } });
  await site.api('POST', `/users/${person.id}/deactivate`);
  const asked = await site.call('POST', '/Users', userBody({ userName: person.address, externalId }), { token: asking.token });
  if (asked.status !== 409) throw new Error(asked.text);
  return person;
}

t.test('L5 ask: what was asked and what is here; Annuleren changes nothing; taken over, or refused', async (t) => {
  const [wilma, hans] = [await returner('Wilma', 'hr-1'), await returner('Hans', 'hr-2')];
  await site.group('Salarisadministratie', { members: [wilma] });
  const page = await desk(t);
  await page.setViewportSize(DESK);
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Terugkeerders' }).click();
  await isOn(t, page, 'Terugkeerders');
  t.match(await row(page, 'Wilma Terug').innerText(), /gevonden aan gebruikersnaam[\s\S]*Te beslissen/);
  await page.screenshot({ path: screenshotPath('console matches'), fullPage: true });
  await page.setViewportSize(PHONE);
  t.ok(await fits(page));
  await page.screenshot({ path: screenshotPath('console matches phone'), fullPage: true });
  await page.getByRole('link', { name: 'Overnemen: Wilma Terug' }).click();
  await isOn(t, page, 'Is dit dezelfde persoon: Wilma Terug?');
  t.ok(await fits(page));
  await page.setViewportSize(DESK);
  t.match(await page.getByRole('region', { name: 'Wat is gevraagd, en wat hier is' }).innerText(), /Gedeactiveerd[\s\S]*Externe id tot nu toe[\s\S]*Gevraagde externe id\s+hr-1/);
  t.match(await page.getByRole('region', { name: 'Wat er terugkomt' }).innerText(), /Salarisadministratie/);
  await page.screenshot({ path: screenshotPath('console match'), fullPage: true });
  for (const act of ['Overnemen', 'Weigeren']) {
    await page.goto('/console/matches');
    await page.getByRole('link', { name: `${act}: Wilma Terug` }).click();
    if (act === 'Overnemen') t.equal(await page.evaluate<string>('document.activeElement.innerText'), 'Annuleren', 'the way back has the focus');
    await page.getByRole('link', { name: 'Annuleren' }).click();
    await isOn(t, page, 'Terugkeerders');
  }
  t.same([await stateOf(wilma), await isActive(wilma)], ['open', false], 'Annuleren decides nothing');
  await page.getByRole('link', { name: 'Overnemen: Wilma Terug' }).click();
  const tab = await desk(t);
  await tab.goto(page.url());
  await page.getByRole('button', { name: 'Overnemen' }).click();
  await done(page, 'Wilma Terug is overgenomen en weer actief.');
  t.same([await stateOf(wilma), await isActive(wilma)], ['adopted', true]);
  t.match(await row(page, 'Wilma Terug').innerText(), /Overgenomen/);
  t.equal(await page.getByRole('link', { name: 'Weigeren: Wilma Terug' }).count(), 0);
  const version = (await site.get(wilma.id)).meta.version;
  await tab.getByRole('button', { name: 'Overnemen' }).click();
  await tab.getByText('The match was decided meanwhile.').waitFor({ state: 'attached' });
  t.equal((await site.get(wilma.id)).meta.version, version, 'decided once');

  await page.getByRole('link', { name: 'Weigeren: Hans Terug' }).click();
  await isOn(t, page, 'Is dit iemand anders dan Hans Terug?');
  await page.getByRole('button', { name: 'Weigeren' }).click();
  await done(page, 'Het verzoek over Hans Terug is geweigerd.');
  t.match(await row(page, 'Hans Terug').innerText(), /Geweigerd\s+jij, 7 jan 2030/i);
  t.same([await stateOf(hans), await isActive(hans)], ['refused', false]);
});

t.test('two records become one: searched, compared, which stays is chosen, and merged after the question', async (t) => {
  const name = unique('Dubbel').replace(/\W|\d/g, 'x');
  const first = await site.somebody({ name: { givenName: 'Dora', familyName: name }, title: 'Planner' });
  const second = await site.person({ name: { givenName: 'Dora', familyName: name }, roles: [{ value: 'bakker' }] });
  const group = await site.group('Bakkerij', { userGroup: false, members: [first] });
  await site.call('PATCH', `/Users/${first.id}`, patchBody({ op: 'replace', path: 'externalId', value: 'hr-77' }), { token: asking.token });
  const page = await desk(t);
  await page.setViewportSize(DESK);
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Samenvoegen' }).click();
  await isOn(t, page, 'Samenvoegen');
  const search = async () => {
    await page.getByLabel('Zoek op naam of e-mailadres').fill(`Dora ${name}`);
    await page.getByRole('button', { name: 'Zoeken' }).click();
  };
  await search();
  await page.getByRole('link', { name: `Kiezen Dora ${name} ${first.address}` }).click();
  await page.getByRole('heading', { name: `Wat is het andere record van Dora ${name} (${first.address})?` }).waitFor();
  await search();
  t.equal(await page.getByRole('link', { name: /^Kiezen / }).count(), 1, 'not the same once more');
  await page.getByRole('link', { name: /^Kiezen / }).click();
  await isOn(t, page, 'Naast elkaar');
  t.ok(await page.getByRole('radio', { name: second.address }).isChecked(), 'the one with a login stays');
  t.match(await row(page, 'Functie').innerText(), /verschilt\s+–[\s\S]*Planner/);
  t.notMatch(await row(page, 'Status').first().innerText(), /x/);
  const takes = page.getByRole('region', { name: 'Wat het record dat blijft overneemt' });
  t.match(await takes.innerText(), /Bakkerij[\s\S]*hr-77/);
  await page.screenshot({ path: screenshotPath('console merge'), fullPage: true });
  await page.setViewportSize(PHONE);
  t.ok(await fits(page));
  await page.screenshot({ path: screenshotPath('console merge phone'), fullPage: true });
  await page.setViewportSize(DESK);
  await page.getByRole('radio', { name: first.address }).check();
  await page.getByRole('button', { name: 'Voorbeeld' }).click();
  await page.getByRole('region', { name: 'Deze twee kunnen zo niet worden samengevoegd' }).waitFor();
  t.equal(await takes.count(), 0, 'nothing to go on to');
  await page.getByRole('radio', { name: second.address }).check();
  await page.getByRole('button', { name: 'Voorbeeld' }).click();
  await takes.getByRole('link', { name: 'Samenvoegen' }).click();
  await isOn(t, page, `Samenvoegen tot Dora ${name}?`);
  const before = await people();
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'Naast elkaar');
  t.same([await people(), (await site.get(first.id)).title], [before, 'Planner'], 'Annuleren merges nothing');
  await takes.getByRole('link', { name: 'Samenvoegen' }).click();
  await page.getByRole('button', { name: 'Samenvoegen' }).click();
  await isOn(t, page, `Dora ${name}`);
  await done(page, `De twee records zijn er nu één: Dora ${name}.`);
  t.equal(await people(), before - 1);
  t.equal((await site.call('GET', `/Users/${first.id}`, undefined, site.as)).status, 404);
  t.match(await site.get(second.id), { groups: [{ value: group }], roles: [{ value: 'bakker' }] });
  const found = await site.call('GET', `/Users/${second.id}`, undefined, { token: asking.token });
  t.equal(found.body.externalId, 'hr-77');
  t.same(await site.deliver().then((mails) => mails.filter(({ to }) => to.includes(second.address))), [], 'nobody is mailed about it');
});

t.test('without the right there is neither screen', async (t) => {
  const page = await site.visitor(t);
  const { address } = await site.holder('audit.read', 'clients.manage');
  const person = await returner('Nog', 'hr-3');
  const match = await site.database.collection('matches').findOne({ person: person.id });
  await signIn(page, address, PASSWORD);
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const path of ['/console/matches', `/console/matches/${String(match?._id)}/adopt`, '/console/merge', `/console/merge?one=${person.id}&two=${administrator.id}`, `/console/merge/confirm?one=${person.id}&two=${administrator.id}`]) {
    t.equal((await page.goto(path))?.status(), 403, path);
  }
  t.equal(await stateOf(person), 'open');
});
