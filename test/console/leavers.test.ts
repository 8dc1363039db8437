/** Leavers and seats: J10, L4, J1. */
import t from 'tap';
import { actOnDates } from '../../src/accounts/leavers.ts';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { createLog } from '../../src/log.ts';
import { ACCOUNT, MINUTE } from '../accounts/world.ts';
import { DESK, errorsOn, fits, isOn, PHONE, screenshotPath } from '../browser/chromium.ts';
import { patchBody } from '../helpers/app.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
t.beforeEach(() => site.advance(MINUTE));
const dates = () => actOnDates({ store: site.store, registry: site.store.registry, behaviours: accountBehaviours, config: site.config, now: () => site.clock.now, log: createLog({ level: 'silent' }) });
const leaves = (id: string, day: string) => site.call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:leaveDate`, value: day }), site.as);
const named = (givenName: string) => site.person({ name: { givenName, familyName: 'Vertrek' } });

t.test('J10, L4: who leaves within thirty days, whose date was moved, and who is held', async (t) => {
  const [soon, late, moved] = [await named('Sanne'), await named('Lars'), await named('Mo')];
  await leaves(soon.id, '2030-01-20');
  await leaves(late.id, '2030-06-01');
  await leaves(moved.id, '2030-01-06');
  t.equal(await site.status(moved.id), 'deactivated', 'a date that is over acts at once');
  await leaves(moved.id, '2030-02-01');
  t.equal(await site.status(moved.id), 'deactivated', 'a date that moves revives nobody');
  const admin = await site.administrator({ name: { givenName: 'Laatste', familyName: 'Beheerder' } });
  const page = await site.desk(t, admin);
  await page.setViewportSize(DESK);
  await page.getByRole('link', { name: 'Vertrekkers' }).click();
  await isOn(t, page, 'Vertrekkers');
  const coming = page.getByRole('region', { name: 'Treden binnen 30 dagen uit' });
  t.match(await coming.innerText(), /Sanne Vertrek[\s\S]*zondag 20 januari 2030/);
  t.notMatch(await coming.innerText(), /Lars|Mo Vertrek/);
  t.equal(await page.getByRole('region', { name: 'De datum is bereikt' }).count(), 0);
  await page.screenshot({ path: screenshotPath('console leavers'), fullPage: true });
  await page.getByRole('link', { name: 'Opnieuw activeren: Mo Vertrek' }).click();
  await isOn(t, page, 'Mo Vertrek opnieuw activeren');
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'Mo Vertrek');
  t.equal(await site.status(moved.id), 'deactivated', 'Annuleren changes nothing');
  await page.goto('/console/leavers');
  await page.getByRole('link', { name: 'Opnieuw activeren: Mo Vertrek' }).click();
  await page.getByRole('button', { name: 'Opnieuw activeren' }).click();
  await page.getByRole('status').getByText('Mo Vertrek is weer actief.').waitFor();
  t.equal(await site.status(moved.id), 'active');

  // The last administrator is held: nobody would be left to give rights.
  await leaves(admin.id, '2030-01-07');
  site.clock.now = new Date('2030-01-08T01:00:00Z');
  await dates();
  t.equal(await site.status(admin.id), 'active');
  // Their session has ended meanwhile.
  const again = await site.desk(t, admin);
  await again.goto('/console/leavers');
  const held = again.getByRole('region', { name: 'De datum is bereikt' });
  t.match(await held.innerText(), /Laatste Beheerder[\s\S]*opnieuw geprobeerd vanaf/);
  await again.setViewportSize(PHONE);
  t.ok(await fits(again));
});

t.test('J1: seats now and by day, as a drawing and in a table', async (t) => {
  const page = await site.desk(t);
  await page.setViewportSize(DESK);
  const people = [await named('Een'), await named('Twee')];
  await site.api('POST', `/users/${people[0]?.id ?? ''}/deactivate`);
  await page.goto('/console/seats');
  await isOn(t, page, 'Plaatsen');
  t.ok((await page.content()).length < 60_000, 'light');
  const now = page.getByRole('region', { name: 'Nu' }).getByRole('row', { name: /^Medewerker/ });
  const billed = await site.api('GET', '/seats');
  t.match(await now.innerText(), new RegExp(`${String(billed.body.now.employee.billed)}\\s+${String(billed.body.now.employee.unbilled)}`), 'the numbers of the API');
  t.ok(await page.getByRole('img', { name: /^Gefactureerd per dag, van \d+ tot \d+$/ }).isVisible());
  await page.screenshot({ path: screenshotPath('console seats'), fullPage: true });
  await page.goto('/console/seats?population=external');
  await page.getByRole('heading', { name: 'Per dag: Externe gebruiker' }).waitFor();
  await page.goto('/console/seats?from=2030-02-01&to=2030-01-01');
  t.match(await errorsOn(page), [/^Dit is geen periode van hoogstens 400 dagen: from is 2030-02-01/]);
  await page.setViewportSize(PHONE);
  t.ok(await fits(page));
  await page.screenshot({ path: screenshotPath('console seats phone'), fullPage: true });
});

t.test('whoever reads the audit log counts people without seeing any', async (t) => {
  const page = await site.desk(t, await site.holder('audit.read'));
  await page.goto('/console/seats');
  await isOn(t, page, 'Plaatsen');
  t.notMatch(await page.content(), /Vertrek</);
  t.equal((await page.goto('/console/leavers'))?.status(), 403);
  const other = await site.desk(t, await site.holder('clients.manage'));
  t.equal(await other.getByRole('link', { name: 'Plaatsen' }).count() + await other.getByRole('link', { name: 'Vertrekkers' }).count(), 0);
  for (const path of ['/console/seats', '/console/leavers']) t.equal((await other.goto(path))?.status(), 403, path);
});
