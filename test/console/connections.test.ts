/** Connections: from the first question to the token, and everything that is decided about one afterwards. */
import t from 'tap';
import { errorsOn, fits, isOn, PHONE, screenshotPath } from '../browser/chromium.ts';
import { HOUR, MINUTE } from '../accounts/world.ts';
import { patchBody, userBody, groupBody } from '../helpers/app.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
t.beforeEach(() => site.advance(MINUTE));

const client = async (name: string, settings: Readonly<Record<string, unknown>> = {}) => {
  const made = await site.makeClient(site.tenants.own, { settings });
  await site.store.collections.clients.updateOne({ _id: made.client, t: site.tenants.own }, { $set: { name } });
  return made;
};
const stored = (id: string) => site.store.collections.clients.findOne({ _id: id, t: site.tenants.own });

t.test('a system is connected, its token shown once, and what arrives is ticked off', async (t) => {
  const page = await site.desk(t);
  const shot = (name: string) => page.screenshot({ path: screenshotPath(`console ${name}`), fullPage: true });
  await page.getByRole('link', { name: 'Koppelingen' }).click();
  await isOn(t, page, 'Koppelingen');
  await page.getByRole('link', { name: 'Systeem koppelen' }).click();
  await isOn(t, page, 'Systeem koppelen');
  await shot('connect');
  await page.getByRole('button', { name: 'Koppelen en token tonen' }).click();
  t.equal(await site.store.collections.clients.countDocuments({ t: site.tenants.own, name: 'Entra' }), 0, 'nothing without a name');
  await page.getByLabel('Naam').fill('Entra');
  for (const box of ['Personen: lezen', 'Personen: toevoegen, wijzigen en verwijderen', 'Groepen: lezen', 'Groepen: toevoegen, wijzigen en verwijderen']) await page.getByLabel(box).uncheck();
  await page.getByRole('button', { name: 'Koppelen en token tonen' }).click();
  t.match(await errorsOn(page), ['Kies er ten minste één.']);
  for (const box of ['Personen: lezen', 'Personen: toevoegen, wijzigen en verwijderen', 'Groepen: lezen', 'Groepen: toevoegen, wijzigen en verwijderen']) await page.getByLabel(box).check();
  await page.getByLabel('Hoe loggen de mensen in').selectOption('Helemaal niet');
  await page.getByLabel('Wat betekent DELETE?').selectOption({ label: 'De persoon verbergen, een tijd lang te herstellen' });
  await page.getByRole('button', { name: 'Koppelen en token tonen' }).click();
  await isOn(t, page, 'Het token van Entra');
  const token = await page.getByLabel('Token', { exact: true }).inputValue();
  t.match(await page.getByLabel('SCIM-adres').inputValue(), /\/scim\/v2\?aadOptscim062020$/);
  t.match(token, /^\w{3,}/);
  t.ok(await page.getByText('Tenant URL: het SCIM-adres.').isVisible());
  await shot('token');
  const shown = page.url();
  await page.reload();
  await isOn(t, page, 'Het token van Entra');
  t.notOk((await page.content()).includes(token), 'not a second time');
  t.equal(await page.getByLabel('Token', { exact: true }).count(), 0);
  t.match((await page.context().cookies()).map(({ name }) => name).filter((name) => name.endsWith('token')), []);

  await page.goto(shown.replace(/\/token$/, ''));
  await isOn(t, page, 'Entra');
  t.ok(await page.getByText('Wacht op de eerste aanroep').isVisible());
  t.equal(await page.getByText('nog niet', { exact: true }).count(), 5, 'nothing is ticked, and no token was used');
  const person = (await site.call('POST', '/Users', userBody(), { token })).body.id;
  await site.call('POST', '/Groups', groupBody(), { token });
  await site.call('PATCH', `/Users/${person}`, patchBody({ op: 'replace', path: 'active', value: false }), { token });
  await page.getByRole('link', { name: 'Opnieuw kijken' }).click();
  await page.reload();
  await page.getByText('In gebruik').waitFor();
  t.equal(await page.getByRole('region', { name: 'Wat er is aangekomen' }).getByText('nog niet').count(), 0, 'all four');
  t.notOk((await page.content()).includes(token));
  await shot('connection');
  await page.setViewportSize(PHONE);
  t.ok(await fits(page));
  await shot('connection phone');
});

t.test('settings: each by its type, what is wrong beside it, and Annuleren changes nothing', async (t) => {
  const { client: id } = await client('HR-systeem');
  const page = await site.desk(t);
  const before = await stored(id);
  await page.goto(`/console/connections/${id}/settings`);
  await isOn(t, page, 'Instellingen van HR-systeem');
  await page.screenshot({ path: screenshotPath('console connection settings'), fullPage: true });
  await page.getByLabel('Product').selectOption({ label: 'Een HR-systeem' });
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'HR-systeem');
  t.same(await stored(id), before, 'Annuleren changes nothing');
  await page.goto(`/console/connections/${id}/settings`);
  await page.getByLabel('Adressen waar de verzoeken vandaan mogen komen').fill('203.0.113.0/24\nhet kantoor');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  t.match(await errorsOn(page), ['Dit kan hier niet staan. Eén per regel.']);
  t.equal(await page.getByLabel('Adressen waar de verzoeken vandaan mogen komen').inputValue(), '203.0.113.0/24\nhet kantoor', 'what was typed is still there');
  t.same(await stored(id), before);
  await page.getByLabel('Adressen waar de verzoeken vandaan mogen komen').fill('203.0.113.0/24');
  await page.getByLabel('Verzoeken per seconde').fill('25');
  await page.getByLabel('Naam').fill('HR');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await isOn(t, page, 'HR');
  t.match(await stored(id), { name: 'HR', settings: { networks: ['203.0.113.0/24'], requestsPerSecond: 25 } });
  t.match(await site.store.collections.audit.findOne({ t: site.tenants.own, action: 'client.change', 'on.id': id }), { changed: ['name', 'networks', 'requestsPerSecond'] });
});

t.test('a form that is out of date does not take back what somebody else has decided', async (t) => {
  const { client: id } = await client('Twee tegelijk');
  const page = await site.desk(t);
  await page.goto(`/console/connections/${id}/settings`);
  await site.store.collections.clients.updateOne({ _id: id, t: site.tenants.own }, { $set: { 'settings.enabled': false } });
  await page.getByLabel('Verzoeken per seconde').fill('7');
  await page.getByRole('button', { name: 'Bewaren en stop wijzigen' }).click();
  await page.getByRole('group', { name: 'Dat is niet gelukt' }).waitFor();
  t.match((await stored(id))?.settings, { enabled: false, requestsPerSecond: undefined });
});

t.test('tokens: a successor beside the old one, revoked only after the question', async (t) => {
  const { client: id, token } = await client('Okta');
  const page = await site.desk(t);
  const tokens = () => site.store.collections.tokens.countDocuments({ t: site.tenants.own, client: id });
  await page.goto(`/console/connections/${id}`);
  await page.getByRole('link', { name: 'Opvolger voor test' }).click();
  await isOn(t, page, 'Opvolger voor het token test');
  await page.getByLabel('Voor hoeveel dagen').fill('90');
  await page.getByRole('button', { name: 'Token uitgeven' }).click();
  await isOn(t, page, 'Het token van Okta');
  const next = await page.getByLabel('Token', { exact: true }).inputValue();
  t.equal(await tokens(), 2);
  t.equal((await site.call('GET', '/Users?count=1', undefined, { token })).status, 200, 'the old one goes on');
  t.equal((await site.call('GET', '/Users?count=1', undefined, { token: next })).status, 200);
  await page.getByRole('link', { name: 'Ik heb het gekopieerd' }).click();
  await page.getByRole('link', { name: 'Intrekken: test' }).click();
  await isOn(t, page, 'Token test intrekken');
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'Okta');
  t.equal(await tokens(), 2, 'Annuleren changes nothing');
  await page.getByRole('link', { name: 'Intrekken: test' }).click();
  await page.getByRole('button', { name: 'Intrekken' }).click();
  await page.getByRole('status').getByText('Weggehaald: test.').waitFor();
  t.equal((await site.call('GET', '/Users?count=1', undefined, { token })).status, 401);
  t.equal(await tokens(), 1);
});

t.test('what the guard holds back is refused or released', async (t) => {
  const { client: id, token } = await client('Google', { guardChanges: 1, guardShare: 0, signInMethod: 'none' });
  const people = await Promise.all(['a', 'b'].map(async () => String((await site.call('POST', '/Users', userBody(), { token })).body.id)));
  const leave = (person: string | undefined) => site.call('DELETE', `/Users/${person ?? ''}`, undefined, { token });
  t.equal((await leave(people[0])).status, 204);
  t.equal((await leave(people[1])).status, 429);
  const page = await site.desk(t);
  await page.goto('/console/connections');
  await isOn(t, page, 'Koppelingen');
  t.ok(await page.getByText('Tegengehouden').isVisible());
  await page.getByRole('link', { name: 'Google' }).click();
  await page.getByRole('heading', { name: /^Tegengehouden sinds/ }).waitFor();
  await page.screenshot({ path: screenshotPath('console connection held'), fullPage: true });
  await page.getByRole('link', { name: 'Weigeren' }).click();
  await isOn(t, page, 'Weigeren wat Google wegneemt');
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'Google');
  t.match((await site.store.collections.guards.findOne({ _id: id, t: site.tenants.own }))?.hold, { state: 'open' }, 'Annuleren changes nothing');
  await page.getByRole('link', { name: 'Weigeren' }).click();
  await page.getByRole('button', { name: 'Weigeren' }).click();
  await page.getByText('Een beheerder heeft dit geweigerd.').waitFor();
  await page.getByRole('link', { name: 'Vrijgeven' }).click();
  await isOn(t, page, 'Vrijgeven wat Google wegneemt');
  await page.getByLabel('Zoveel personen meer').fill('1');
  await page.getByRole('button', { name: 'Vrijgeven' }).click();
  await page.getByText('Vrijgegeven tot').waitFor();
  t.equal((await leave(people[1])).status, 204);
  site.advance(HOUR);
});

t.test('a connection is deleted only after the question', async (t) => {
  const { client: id, token } = await client('Oud');
  const page = await site.desk(t);
  await page.goto(`/console/connections/${id}`);
  await page.getByRole('link', { name: 'Koppeling verwijderen' }).click();
  await isOn(t, page, 'Koppeling Oud verwijderen');
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await isOn(t, page, 'Oud');
  t.ok(await stored(id), 'Annuleren changes nothing');
  await page.getByRole('link', { name: 'Koppeling verwijderen' }).click();
  await page.getByRole('button', { name: 'Koppeling verwijderen' }).click();
  await page.getByRole('status').getByText('Verwijderd: Oud.').waitFor();
  t.equal(await stored(id), null);
  t.equal((await site.call('GET', '/Users?count=1', undefined, { token })).status, 401);
});

t.test('without the right there is no menu entry and no screen, and nobody gives what they have not', async (t) => {
  const { client: id } = await client('Vreemd');
  const page = await site.desk(t, await site.holder('users.manage'));
  await isOn(t, page, 'Gebruikers');
  t.equal(await page.getByRole('link', { name: 'Koppelingen' }).count(), 0);
  for (const path of ['', '/new', `/${id}`, `/${id}/settings`, `/${id}/tokens/new`, `/${id}/delete`]) {
    t.equal((await page.goto(`/console/connections${path}`))?.status(), 403, path);
    await page.getByRole('heading', { level: 1, name: 'Je hebt hier geen toegang toe' }).waitFor();
  }
  const keeper = await site.desk(t, await site.holder('clients.manage'));
  await isOn(t, keeper, 'Koppelingen');
  await keeper.goto(`/console/connections/${id}/tokens/new`);
  await keeper.getByRole('button', { name: 'Token uitgeven' }).click();
  await keeper.getByRole('group', { name: 'Dat is niet gelukt' }).waitFor();
  t.equal(await site.store.collections.tokens.countDocuments({ t: site.tenants.own, client: id }), 1, 'a token would hand on what they may not');
  t.equal((await keeper.goto('/console/connections/nobody'))?.status(), 404);
});
