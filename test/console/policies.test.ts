/** Policies: each by its type, what a stricter one would do before it holds; and the texts of mails. */
import t from 'tap';
import { ACCOUNT, MINUTE } from '../accounts/world.ts';
import { DAY_MS } from '../helpers/app.ts';
import { DESK, errorsOn, isOn, screenshotPath } from '../browser/chromium.ts';
import { policyOf } from '../../src/policy.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
t.beforeEach(() => site.advance(MINUTE));
const policy = async () => policyOf((await site.store.collections.tenants.findOne({ _id: site.tenants.own }))?.policy ?? {});

t.test('a stricter rule is shown before it holds, and Annuleren changes nothing', async (t) => {
  await site.person();
  const gone = await site.person();
  await site.api('POST', `/users/${gone.id}/deactivate`);
  site.advance(40 * DAY_MS);
  const page = await site.desk(t);
  await page.setViewportSize(DESK);
  await page.getByRole('link', { name: 'Beleid' }).click();
  await isOn(t, page, 'Beleid');
  await page.screenshot({ path: screenshotPath('console policies'), fullPage: true });
  await page.getByRole('link', { name: 'Wijzigen: Wachtwoorden' }).click();
  await isOn(t, page, 'Wachtwoorden');
  const days = page.getByLabel('Dagen waarna het vernieuwd moet worden');
  await days.fill('30');
  const before = await policy();
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'Beleid');
  t.same(await policy(), before, 'Annuleren changes nothing');
  await page.getByRole('link', { name: 'Wijzigen: Wachtwoorden' }).click();
  await days.fill('30');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await page.getByText('1 persoon moet het wachtwoord vernieuwen bij de volgende keer inloggen.').waitFor();
  await page.screenshot({ path: screenshotPath('console policies dry run'), fullPage: true });
  t.same(await policy(), before, 'shown first, saved by nobody yet');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await page.getByRole('status').getByText('Opgeslagen: Wachtwoorden.').waitFor();
  t.same(await policy(), { ...before, passwordDays: 30 }, 'that one alone');
});

t.test('J10, L6: what would be lost for good, or at once, is shown before it is', async (t) => {
  const hiding = (await site.makeClient(site.tenants.own, { scopes: ['*'], settings: { onDelete: 'hide' } })).token;
  const hidden = await site.somebody({}, hiding);
  t.equal((await site.call('DELETE', `/Users/${hidden.id}`, undefined, { token: hiding })).status, 204);
  site.advance(20 * DAY_MS);
  const leaver = await site.person({ timezone: 'UTC', [ACCOUNT]: { leaveDate: site.clock.now.toISOString().slice(0, 10) } });
  const page = await site.desk(t);
  await page.goto('/console/policies/leaving');
  const before = await policy();
  await page.getByLabel('Een datum van uittrede is').selectOption({ label: 'De eerste dag zonder toegang' });
  await page.getByLabel('Dagen waarin wie verborgen is').fill('10');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await page.getByText('1 persoon verliest meteen de toegang.').waitFor();
  await page.getByText('1 verwijderde gebruiker wordt voorgoed gewist en kan niet meer worden hersteld.').waitFor();
  t.same(await policy(), before);
  await page.goto('/console/policies/keeping');
  await page.getByLabel('Dagen dat het koppelingslogboek').fill('10');
  await page.getByRole('button', { name: 'Eerst bekijken wat het doet' }).click();
  await page.getByText(/regels? van de logboeken word(en|t) gewist\./).waitFor();
  t.same(await policy(), before, 'looked at, and saved by nobody');
  t.equal(await site.status(leaver.id), 'active');
  t.equal(await site.store.collections.hidden.countDocuments({ _id: hidden.id, t: site.tenants.own }), 1);
});

t.test('wrong values are told beside their fields; a form that is out of date overwrites nothing', async (t) => {
  const page = await site.desk(t);
  await page.goto('/console/policies/appearance');
  await isOn(t, page, 'Naam en taal');
  const before = await policy();
  await page.getByLabel('Kleur van pagina').fill('blauw');
  await page.getByLabel('Tijdzone van wie er geen heeft').fill('Mars/Olympus');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  t.same(await errorsOn(page), ['Dit kan hier niet staan. Een kleur zoals #1f4e79.', 'Dit kan hier niet staan. Een tijdzone zoals Europe/Amsterdam.']);
  t.same(await policy(), before);
  await page.goto('/console/policies/leaving');
  await site.policy({ hiddenDays: 10 });
  await page.getByLabel('Dagen ervoor waarop leidinggevenden').fill('3');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await page.getByRole('group', { name: 'Dat is niet gelukt' }).waitFor();
  t.match(await policy(), { hiddenDays: 10, leaveNoticeDays: before.leaveNoticeDays });
});

t.test('S3: the organisation has its own words for an invitation, by language; they are what every form and mail begins with', async (t) => {
  const page = await site.desk(t);
  await page.goto('/console/mails');
  await page.getByRole('link', { name: 'Wijzigen hoe een uitnodiging begint' }).click();
  await isOn(t, page, 'Uitnodigingen en adressen');
  const [subjects, texts] = [page.getByRole('group', { name: 'Onderwerp van een uitnodiging' }), page.getByRole('group', { name: 'Tekst van een uitnodiging' })];
  await subjects.getByLabel('Nederlands').fill('Welkom bij {{organisation}}');
  await texts.getByLabel('Nederlands').fill('Fijn dat je er bent, {{name}}.');
  const before = await policy();
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  t.same(await errorsOn(page), ['Die plaatshouder bestaat niet, of de link ontbreekt: {{link}}.']);
  t.same(await policy(), before);
  await texts.getByLabel('Nederlands').fill('Fijn dat je er bent, {{name}}.\n\n{{link}}');
  await page.screenshot({ path: screenshotPath('console invitation words'), fullPage: true });
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await page.getByRole('status').getByText('Opgeslagen: Uitnodigingen en adressen.').waitFor();
  await page.goto('/console/mails?language=nl');
  t.match(await page.getByRole('region', { name: 'Uitnodiging', exact: true }).innerText(), /Welkom bij [\s\S]*Fijn dat je er bent, Jan van der Berg\./);

  const [dutch, norwegian] = [await site.somebody({ preferredLanguage: 'nl' }), await site.somebody({ preferredLanguage: 'nb' })];
  await page.goto(`/console/users/${dutch.id}/account`);
  t.equal(await page.getByLabel('Onderwerp').inputValue(), 'Welkom bij {{organisation}}');
  for (const { id } of [dutch, norwegian]) t.equal((await site.api('POST', `/users/${id}/invitation`, {})).status, 204);
  const [[own], [shipped]] = [await site.mailsTo(dutch), await site.mailsTo(norwegian)];
  t.match(own, { subject: /^Welkom bij /, text: /Fijn dat je er bent, / });
  t.notMatch(shipped?.text, /Fijn dat je er bent/);
  t.equal((await site.deliver()).length, 2);
});

t.test('every mail in every language, as text and as a page that can do nothing', async (t) => {
  const page = await site.desk(t);
  await page.goto('/console/mails');
  await isOn(t, page, 'Mailteksten');
  t.equal(await page.getByRole('link', { name: 'Zoals mensen het zien' }).count(), 13);
  t.ok(await page.getByText('Hallo Jan van der Berg,').first().isVisible());
  await page.getByRole('combobox', { name: 'Taal' }).selectOption('Noors');
  await page.getByRole('button', { name: 'Tonen' }).click();
  await page.waitForURL(/language=nb/);
  t.match(await page.getByRole('region', { name: 'Wachtwoord gewijzigd' }).innerText(), /passord/i);
  const answer = await page.goto('/console/mails/recovery?language=nb');
  t.match(answer?.headers()['content-security-policy'], /default-src 'none'; .*sandbox$/);
  t.match(await page.content(), /link\.example/);
  await page.screenshot({ path: screenshotPath('console mail'), fullPage: true });
  t.equal((await page.goto('/console/mails/nothing'))?.status(), 404);
  t.same(await site.deliver(), [], 'nothing was sent');
});

t.test('without the right there is no menu entry and no screen', async (t) => {
  const page = await site.desk(t, await site.holder('users.manage'));
  t.equal(await page.getByRole('link', { name: 'Beleid' }).count(), 0);
  for (const path of ['', '/passwords']) t.equal((await page.goto(`/console/policies${path}`))?.status(), 403, path);
  t.equal((await (await site.desk(t, await site.holder('audit.read'))).goto('/console/mails'))?.status(), 403);
});
