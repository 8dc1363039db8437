/** The access review at the desk: who may do what through which group, who is dormant, by filter and as a file. */
import t from 'tap';
import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { MINUTE, PASSWORD } from '../accounts/world.ts';
import { DESK, errorsOn, fits, isOn, PHONE, screenshotPath } from '../browser/chromium.ts';
import { signIn } from '../browser/site.ts';
import { DAY_MS } from '../helpers/app.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
t.beforeEach(() => site.advance(MINUTE));
const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

t.test('rights with their groups, the last sign-in, who is dormant; the filter is in the address, and the file says the same', async (t) => {
  await site.person({ name: { givenName: 'Petra', familyName: 'Gewoon' } });
  const [clerk, gone] = [await site.person({ name: { givenName: 'Klaas', familyName: 'Klerk' }, roles: [{ value: 'planner' }] }), await site.person({ name: { givenName: 'Weg', familyName: 'Gegaan' } })];
  const group = await site.group('Personeelszaken', { rights: ['users.manage', 'audit.read'], members: [clerk, gone] });
  await site.api('POST', `/users/${gone.id}/deactivate`);
  site.advance(91 * DAY_MS);
  const page = await site.desk(t);
  await page.setViewportSize(DESK);
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Toegangsbeoordeling' }).click();
  await isOn(t, page, 'Toegangsbeoordeling');
  t.match(await row(page, 'Klaas Klerk').innerText(), /Actief[\s\S]*via Personeelszaken[\s\S]*via Personeelszaken[\s\S]*planner[\s\S]*Slapend/);
  t.notMatch(await row(page, 'Anna Beheer').innerText(), /Slapend/, 'whoever has just signed in');
  t.equal(await row(page, 'Petra Gewoon').count() + await row(page, 'Weg Gegaan').count(), 0);
  await page.screenshot({ path: screenshotPath('console review'), fullPage: true });
  await page.setViewportSize(PHONE);
  t.ok(await fits(page));
  await page.screenshot({ path: screenshotPath('console review phone'), fullPage: true });
  await page.setViewportSize(DESK);

  await page.getByRole('combobox', { name: 'Personen' }).selectOption({ label: 'Iedereen' });
  await page.getByLabel('Alleen slapende').check();
  await page.getByRole('button', { name: 'Tonen' }).click();
  await page.waitForURL(/people=all.*dormant=true/);
  t.equal(await row(page, 'Petra Gewoon').count() + await row(page, 'Klaas Klerk').count(), 2);
  t.equal(await row(page, 'Anna Beheer').count(), 0);
  await page.getByLabel('Slapend na dagen').fill('92');
  await page.getByRole('button', { name: 'Tonen' }).click();
  await page.getByText('Niemand gevonden').waitFor();
  await page.goto('/console/access-review?people=all&days=0');
  t.same(await errorsOn(page), ['De dagen moeten een heel getal van 1 tot 9999 zijn.']);

  await page.goto('/console/access-review?people=all&dormant=true');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Exporteer naar CSV' }).click()]);
  t.match(download.suggestedFilename(), /^access-review-2030-\d\d-\d\d\.csv$/);
  const lines = parse(readFileSync(await download.path(), 'utf8'), { bom: true });
  t.same(lines[0]?.slice(0, 3), ['Achternaam', 'Voornaam', 'E-mailadres']);
  t.same(lines.slice(1).map(([, name]) => name).sort(), ['Klaas', 'Petra']);
  await row(page, 'Klaas Klerk').getByRole('link', { name: 'Personeelszaken' }).first().click();
  await isOn(t, page, 'Personeelszaken');
  t.ok(page.url().endsWith(group));
});

t.test('whoever reads the audit log reviews everybody and can open nobody; without a right there is no screen', async (t) => {
  const auditor = await site.desk(t, await site.holder('audit.read'));
  await auditor.goto('/console/access-review');
  await isOn(t, auditor, 'Toegangsbeoordeling');
  t.equal(await row(auditor, 'Klaas Klerk').count(), 1);
  t.equal(await auditor.getByRole('main').getByRole('link', { name: 'Klaas Klerk' }).count(), 0);
  const page = await site.visitor(t);
  const { address } = await site.holder('clients.manage');
  await signIn(page, address, PASSWORD);
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const path of ['/console/access-review', '/console/access-review/export']) t.equal((await page.goto(path))?.status(), 403, path);
  t.equal(await page.getByRole('link', { name: 'Toegangsbeoordeling' }).count(), 0);
});
