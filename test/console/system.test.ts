/** The state of the system, and the mailbox with a mail server and without one. */
import t from 'tap';
import { MINUTE } from '../accounts/world.ts';
import { isOn, screenshotPath } from '../browser/chromium.ts';
import { startDesk } from './desk.ts';

const site = await startDesk(t, import.meta.url);
t.beforeEach(() => site.advance(MINUTE));

t.test('how the server does', async (t) => {
  const page = await site.desk(t);
  await page.getByRole('link', { name: 'Systeem', exact: true }).click();
  await isOn(t, page, 'Systeem');
  await page.screenshot({ path: screenshotPath('console system'), fullPage: true });
  t.match(await page.getByRole('region', { name: 'Server' }).innerText(), /0\.1\.0[\s\S]*v2\d\./);
  t.match(await page.getByRole('region', { name: 'Database' }).innerText(), /antwoordt in \d+ ms[\s\S]*Versie van de gegevens/);
  t.match(await page.getByRole('region', { name: 'Mail' }).innerText(), /Mailserver\s+antwoordt/);
  t.notMatch(await page.content(), /smtp:/, 'never the address of the mail server: it may hold a password');
});

t.test('with a mail server the mailbox tells what became of each mail, and none of its words', async (t) => {
  const person = await site.invite();
  const page = await site.desk(t);
  await page.goto('/console/mailbox');
  await isOn(t, page, 'Postvak');
  t.match(await page.getByRole('row').filter({ hasText: person.mail.subject }).innerText(), /verzonden/);
  t.notMatch(await page.content(), /token=/);
});

t.test('without the right there is no menu entry and no screen', async (t) => {
  const page = await site.desk(t, await site.holder('clients.manage'));
  t.equal(await page.getByRole('link', { name: 'Systeem', exact: true }).count() + await page.getByRole('link', { name: 'Postvak' }).count(), 0);
  for (const path of ['/console/system', '/console/mailbox']) t.equal((await page.goto(path))?.status(), 403, path);
});

t.test('without a mail server mails are read here, and their links followed, by whoever gives rights alone', async (t) => {
  const here = await startDesk(t, new URL('mailbox.test.ts', import.meta.url).href, { smtpUrl: undefined });
  const person = await here.somebody({ name: { givenName: 'Nieuw', familyName: 'Hier' } });
  t.equal((await here.api('POST', `/users/${person.id}/invitation`, {})).status, 204);
  const page = await here.desk(t);
  await page.goto('/console/mailbox');
  await isOn(t, page, 'Postvak');
  await page.screenshot({ path: screenshotPath('console mailbox'), fullPage: true });
  const keeper = await here.desk(t, await here.holder('users.manage'));
  await keeper.goto('/console/mailbox');
  await isOn(t, keeper, 'Postvak');
  t.notMatch(await keeper.content(), /token=/, 'a link may be one of an administrator');
  await page.getByRole('link', { name: /^Link volgen/ }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  t.match(page.url(), /\/activate\?/);
});
