/** L6: whom a connection has deleted is kept for a while: listed, brought back, or erased after its tick. */
import t from 'tap';
import { MINUTE } from '../accounts/world.ts';
import { userBody, unique } from '../helpers/app.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
const { store, tenants, call, audit, mailsTo } = site;
const hiding = (await site.makeClient(tenants.own, { scopes: ['*'], settings: { onDelete: 'hide', signInMethod: 'none' } })).token;
const administrator = await site.administrator({ preferredLanguage: 'nl' });
const group = await site.group('Planning');
t.beforeEach(() => site.advance(MINUTE));

/** In a group, and deleted by the connection. */
async function hidden(familyName: string) {
  const address = `${unique('hidden')}@people.example`;
  const { body: { id } } = await call('POST', '/Users', userBody({ userName: address, name: { givenName: 'Vera', familyName }, emails: [{ value: address, type: 'work', primary: true }] }), { token: hiding });
  await call('PATCH', `/Groups/${group}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] }, { token: site.grant });
  t.equal((await call('DELETE', `/Users/${id}`, undefined, { token: hiding })).status, 204);
  return { id: String(id), address, name: `Vera ${familyName}` };
}
const isHidden = (id: string) => store.collections.hidden.countDocuments({ _id: id, t: tenants.own });

t.test('L6: Annuleren changes nothing; restored under the same id with its group, without a login and without a mail', async (t) => {
  const person = await hidden('Terug');
  const page = await site.desk(t, administrator);
  await page.getByRole('link', { name: 'Verwijderde gebruikers' }).click();
  await page.getByRole('heading', { level: 1, name: 'Verwijderde gebruikers' }).waitFor();
  const row = page.getByRole('row').filter({ hasText: person.address });
  await row.getByRole('link', { name: `Herstellen: ${person.name}` }).click();
  await page.getByRole('heading', { level: 1, name: `${person.name} herstellen?` }).waitFor();
  t.match(await page.getByRole('main').innerText(), /Planning/);
  await page.getByRole('link', { name: 'Annuleren' }).click();
  await page.getByRole('heading', { level: 1, name: 'Verwijderde gebruikers' }).waitFor();
  t.equal(await isHidden(person.id), 1);
  t.equal((await call('GET', `/Users/${person.id}`, undefined, { token: hiding })).status, 404);

  await page.getByRole('link', { name: `Herstellen: ${person.name}` }).click();
  await page.getByRole('button', { name: 'Herstellen' }).click();
  await page.getByRole('status').filter({ hasText: `${person.name} is terug.` }).waitFor();
  const back = await call('GET', `/Users/${person.id}`, undefined, { token: hiding });
  t.match(back.body, { id: person.id, userName: person.address, groups: [{ value: group }] });
  t.equal((await site.credential(person.id))?.hash, undefined);
  t.equal(await isHidden(person.id), 0);
  t.equal(await audit(person.id, 'restore'), 1);
  t.equal((await mailsTo(person)).length, 0);
});

t.test('L6: a user name that was taken meanwhile is said, and nothing changes', async (t) => {
  const person = await hidden('Bezet');
  const taken = await call('POST', '/Users', userBody({ userName: person.address }), { token: hiding });
  t.equal(taken.status, 201);
  const page = await site.desk(t, administrator);
  await page.goto(`/console/hidden-users/${person.id}/restore`);
  await page.getByRole('button', { name: 'Herstellen' }).click();
  await page.getByText('userName is already taken').waitFor({ state: 'attached' });
  t.equal(await isHidden(person.id), 1);
});

t.test('L6, J11: erased for good only after its tick', async (t) => {
  const person = await hidden('Weg');
  const page = await site.desk(t, administrator);
  await page.goto('/console/hidden-users');
  await page.getByRole('link', { name: `Permanent verwijderen: ${person.name}` }).click();
  const erase = page.getByRole('button', { name: 'Permanent verwijderen' });
  t.ok(await erase.isDisabled());
  await page.getByRole('checkbox', { name: `Ik begrijp dat de gegevens van ${person.address} voorgoed zullen worden gewist` }).check();
  await erase.click();
  await page.getByRole('heading', { level: 1, name: 'Verwijderde gebruikers' }).waitFor();
  t.equal(await isHidden(person.id), 0);
  t.equal(await audit(person.id, 'erase'), 1);
});

t.test('without the right there is no menu entry and no screen', async (t) => {
  const page = await site.desk(t, await site.holder('audit.read'));
  t.equal(await page.getByRole('link', { name: 'Verwijderde gebruikers' }).count(), 0);
  t.equal((await page.goto('/console/hidden-users'))?.status(), 403);
});
