/** What a provider or an HR system sends, as an administrator and the person see it at once: L1, L3. */
import t from 'tap';
import { actOnDates } from '../../src/accounts/leavers.ts';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { createLog } from '../../src/log.ts';
import { ACCOUNT, MINUTE, PASSWORD } from '../accounts/world.ts';
import { isOn } from '../browser/chromium.ts';
import { REFUSED, signIn } from '../browser/site.ts';
import { patchBody, unique, userBody } from '../helpers/app.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
const administrator = await site.administrator();
const hr = await site.makeClient(site.tenants.own, { scopes: ['*'], shows: [ACCOUNT], settings: { signInMethod: 'invite' } });
t.beforeEach(() => site.advance(MINUTE));

t.test('L1: a joiner with a first day ahead waits, and is invited on it', async (t) => {
  const address = `${unique('joiner')}@people.example`;
  const body = userBody({ userName: address, name: { givenName: 'Jet', familyName: 'Joiner' }, emails: [{ value: address, type: 'work', primary: true }], preferredLanguage: 'nl', timezone: 'UTC', [ACCOUNT]: { hireDate: '2030-03-01' } });
  const { body: { id } } = await site.call('POST', '/Users', body, { token: hr.token });
  const page = await site.desk(t, administrator);
  await page.goto(`/console/users/${id}`);
  await isOn(t, page, 'Jet Joiner');
  t.match(await page.getByRole('main').innerText(), /Gedeactiveerd[\s\S]*vrijdag 1 maart 2030/);
  t.same(await site.mailsTo({ id, address }), [], 'nobody is told before');

  site.clock.now = new Date('2030-03-01T00:30:00Z');
  await actOnDates({ store: site.store, registry: site.store.registry, behaviours: accountBehaviours, config: site.config, now: () => site.clock.now, log: createLog({ level: 'silent' }) });
  const later = await site.desk(t, administrator);
  await later.goto(`/console/users/${id}`);
  await later.getByRole('link', { name: 'Verstuur bevestigingsverzoek' }).waitFor();
  t.equal((await site.mailsTo({ id, address })).length, 1);
});

t.test('L3: a leaver is out at once, on every page, and shown as deactivated', async (t) => {
  const person = await site.person({ name: { givenName: 'Lies', familyName: 'Leaver' } });
  const own = await site.visitor(t);
  await signIn(own, person.address, PASSWORD);
  await isOn(t, own, 'Je account');
  await site.call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'active', value: false }), site.as);
  await own.goto('/account');
  await isOn(t, own, 'Inloggen');
  await signIn(own, person.address, PASSWORD);
  await own.getByText(REFUSED).waitFor();

  const page = await site.desk(t, administrator);
  await page.goto('/console/users?tab=unbilled&search=leaver');
  await page.getByRole('row').filter({ hasText: 'Lies Leaver' }).getByText('Gedeactiveerd').waitFor();
  t.same(await site.mailsTo(person), []);
});
