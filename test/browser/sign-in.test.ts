/** In and out in a browser: S7, J5, J7, signing out, and the sessions elsewhere. */
import { Secret, TOTP } from 'otpauth';
import QRCode from 'qrcode';
import t from 'tap';
import type { Page } from 'playwright-core';
import { ACCOUNT, MINUTE, OTHER_PASSWORD, PASSWORD, SECOND, type Somebody } from '../accounts/world.ts';
import { DAY_MS, patchBody } from '../helpers/app.ts';
import { errorsOn, isOn, startChromium } from './chromium.ts';
import { choosePassword, fillSignIn, ORGANISATION, REFUSED, signIn, startSite } from './site.ts';

const site = await startSite(t, import.meta.url);
const { visitor } = await startChromium(t, site.origin);
// The throttle counts addresses, and all of these browsers have the same one.
t.beforeEach(() => site.advance(MINUTE));

async function inside(t: Parameters<typeof visitor>[0], { address }: Somebody): Promise<Page> {
  const page = await visitor(t);
  await signIn(page, address);
  await isOn(t, page, 'Je account');
  return page;
}

async function signOut(t: Parameters<typeof visitor>[0], page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Uitloggen' }).click();
  await isOn(t, page, 'Inloggen');
}

t.test('S7: after 90 days nothing opens before a new password is set', async (t) => {
  const person = await site.person();
  site.advance(90 * DAY_MS - MINUTE);
  const page = await inside(t, person);
  await signOut(t, page);
  site.advance(MINUTE);

  await signIn(page, person.address);
  await isOn(t, page, 'Vernieuw je wachtwoord');
  for (const path of ['/account', '/enrol']) {
    await page.goto(path);
    await isOn(t, page, 'Inloggen');
  }
  await page.goto('/renew');
  await choosePassword(page, PASSWORD, 'Wachtwoord vernieuwen');
  t.same(await errorsOn(page), ['Nieuw wachtwoord: Niet je huidige wachtwoord']);
  await choosePassword(page, OTHER_PASSWORD, 'Wachtwoord vernieuwen');
  await isOn(t, page, 'Je wachtwoord is vernieuwd');
  t.match(await site.onlyMail(), { to: [person.address], subject: 'Je wachtwoord is gewijzigd', link: '' });
  await page.getByRole('link', { name: 'Inloggen' }).click();
  await fillSignIn(page, person.address, PASSWORD);
  t.same(await errorsOn(page), [REFUSED], 'the old one is over');
  await fillSignIn(page, person.address, OTHER_PASSWORD);
  await isOn(t, page, 'Je account');
});

t.test('J7: three mistakes lock, which nobody is told, and the right password does not open', async (t) => {
  const person = await site.person();
  const before = await inside(t, person);
  const page = await visitor(t);
  await page.goto('/sign-in');
  for (const wrong of ['first guess', 'second guess', 'third guess', PASSWORD]) {
    await fillSignIn(page, person.address, wrong);
    t.same(await errorsOn(page), [REFUSED], wrong);
    t.equal(await page.getByLabel('Wachtwoord', { exact: true }).inputValue(), '', 'a password never comes back');
  }
  t.equal(await site.status(person.id), 'locked');
  await fillSignIn(page, 'niemand@people.example', PASSWORD);
  t.same(await errorsOn(page), [REFUSED], 'as it is told to whom nobody knows');
  await before.reload();
  await isOn(t, before, 'Je account');

  t.equal((await site.api('POST', `/users/${person.id}/unlock`)).status, 204);
  await fillSignIn(page, person.address, PASSWORD);
  await isOn(t, page, 'Je account');
  t.same(await site.deliver(), []);
});

/** What somebody's authenticator shows. */
const codeOf = (secret: string) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: site.clock.now.getTime() });

/** Row by row; what is dark to a scanner is #. */
function drawingOf(text: string): string {
  const { size, data } = QRCode.create(text).modules;
  return Array.from({ length: size }, (_row, y) => Array.from({ length: size }, (_cell, x) => (data[y * size + x] ? '#' : ' ')).join('')).join('\n');
}

async function drawingOn(page: Page): Promise<string> {
  const drawing = page.getByRole('img', { name: /^QR-code voor de app/ });
  const size = Number((await drawing.getAttribute('viewBox'))?.split(' ').at(-1));
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => ' '));
  for (const [, x, y, length] of (await drawing.innerHTML()).matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) rows[Number(y)]?.fill('#', Number(x), Number(x) + Number(length));
  // Around it is the quiet zone, four cells wide.
  return rows.slice(4, -4).map((row) => row.slice(4, -4).join('')).join('\n');
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Doorgaan' }).click();
}

t.test('J5: a required second factor is set up at the next sign-in and asked for at all others; each code opens once', async (t) => {
  const person = await site.person();
  await site.call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:twoFactorRequired`, value: true }), site.as);
  const page = await visitor(t);
  await signIn(page, person.address);
  await isOn(t, page, 'Twee-factor-authenticatie instellen');
  await page.goto('/account');
  await isOn(t, page, 'Inloggen');
  await page.goto('/enrol');
  const shown = await page.getByRole('group', { name: 'Kun je niet scannen? Typ deze sleutel in de app:' }).innerText();
  t.match(shown, /^([A-Z2-7]{4} ?){8}$/, 'in groups, to be typed');
  const secret = shown.replaceAll(' ', '');
  t.equal(await drawingOn(page), drawingOf(new TOTP({ issuer: ORGANISATION, label: person.address, secret: Secret.fromBase32(secret) }).toString()), 'the drawing says the same');
  const enrol = async (code: string) => {
    await page.getByLabel('Code van zes cijfers').fill(code);
    await page.getByRole('button', { name: 'Instellen' }).click();
  };
  await enrol(codeOf(secret) === '000000' ? '111111' : '000000');
  t.same(await errorsOn(page), ['Die code klopt niet. Wacht op de volgende code in de app en controleer of de klok van je telefoon goed staat.']);
  await enrol(codeOf(secret));
  await isOn(t, page, 'Je herstelcodes');
  t.ok(await page.getByText('Ze worden nu getoond en daarna nooit meer.').isVisible());
  const codes = await page.getByRole('main').getByRole('listitem').allInnerTexts();
  t.equal(new Set(codes).size, 10);
  await page.getByRole('link', { name: 'Ik heb ze bewaard' }).click();
  await isOn(t, page, 'Je account');
  await signOut(t, page);

  const asked = async (browser: Page) => {
    await signIn(browser, person.address);
    await isOn(t, browser, 'Twee-factor-authenticatie');
  };
  site.advance(MINUTE);
  await asked(page);
  const code = codeOf(secret);
  await enterCode(page, code);
  await isOn(t, page, 'Je account');
  const other = await visitor(t);
  await asked(other);
  const refused = ['Die code klopt niet. Wacht op de volgende code in de app, of gebruik een herstelcode die je nog niet hebt gebruikt.'];
  await enterCode(other, code);
  t.same(await errorsOn(other), refused, 'whoever has seen it gets in nowhere');
  await other.goto('/account');
  await isOn(t, other, 'Inloggen');
  await other.goto('/second-factor');
  site.advance(30 * SECOND);
  await enterCode(other, codeOf(secret));
  await isOn(t, other, 'Je account');

  await signOut(t, other);
  await asked(other);
  await enterCode(other, codes[0]?.toUpperCase() ?? '');
  await isOn(t, other, 'Je account');
  await signOut(t, other);
  await asked(other);
  await enterCode(other, codes[0] ?? '');
  t.same(await errorsOn(other), refused, 'a recovery code is used up as well');
  await enterCode(other, codes[1] ?? '');
  await isOn(t, other, 'Je account');
  t.same(await site.deliver(), []);
});

t.test('signed out, the account is closed, also to the button that goes back', async (t) => {
  const person = await site.person();
  const [page, other] = [await inside(t, person), await inside(t, person)];
  await signOut(t, page);
  await page.goBack();
  await isOn(t, page, 'Inloggen');
  await page.goto('/account');
  await isOn(t, page, 'Inloggen');
  await other.reload();
  await isOn(t, other, 'Je account');
});

const sessionsOn = (page: Page) => page.getByRole('region', { name: 'Waar je bent ingelogd' });

t.test('a session elsewhere is seen and ended, and no other', async (t) => {
  const person = await site.person();
  const [page, lost] = [await inside(t, person), await inside(t, person)];
  await page.reload();
  const sessions = sessionsOn(page).getByRole('listitem');
  t.equal(await sessions.count(), 2);
  const own = sessions.filter({ hasText: 'dit apparaat' });
  t.match(await own.innerText(), /^Chrome, Linux/);
  t.equal(await own.getByRole('button').count(), 0, 'the one in use is signed out, not ended');
  await sessionsOn(page).getByRole('button', { name: /^Beëindigen ?: Chrome, Linux$/ }).click();
  await lost.reload();
  await isOn(t, lost, 'Inloggen');
  await page.reload();
  await isOn(t, page, 'Je account');
  t.equal(await sessions.count(), 1);
});

t.test('all other sessions are ended at once, and the one in use stays', async (t) => {
  const person = await site.person();
  const [page, ...others] = [await inside(t, person), await inside(t, person), await inside(t, person)];
  await page.reload();
  await sessionsOn(page).getByRole('button', { name: 'Alle andere beëindigen' }).click();
  await isOn(t, page, 'Je account');
  t.equal(await sessionsOn(page).getByRole('listitem').count(), 1);
  for (const other of others) {
    await other.reload();
    await isOn(t, other, 'Inloggen');
  }
});

t.test('the own password is changed by who knows it: this browser goes on, any other is out', async (t) => {
  const person = await site.person();
  const [page, other] = [await inside(t, person), await inside(t, person)];
  await page.getByRole('link', { name: 'Wachtwoord wijzigen' }).click();
  await isOn(t, page, 'Wachtwoord wijzigen');
  await page.getByLabel('Huidig wachtwoord').fill('not my password');
  await choosePassword(page, OTHER_PASSWORD, 'Wachtwoord opslaan');
  t.same(await errorsOn(page), ['Het huidige wachtwoord klopt niet']);
  await page.getByLabel('Huidig wachtwoord').fill(PASSWORD);
  await choosePassword(page, OTHER_PASSWORD, 'Wachtwoord opslaan');
  await isOn(t, page, 'Je wachtwoord is gewijzigd');
  await page.getByRole('link', { name: 'Terug naar je account' }).click();
  await isOn(t, page, 'Je account');
  await other.reload();
  await isOn(t, other, 'Inloggen');
  t.match(await site.onlyMail(), { to: [person.address], subject: 'Je wachtwoord is gewijzigd', link: '' });
});

t.test('J5: a page speaks the language of the browser, and the one that was chosen on it from then on', async (t) => {
  const page = await visitor(t, { language: 'nb' });
  await page.goto('/sign-in');
  await isOn(t, page, 'Logg på');
  for (const [name, language, heading] of [['English', 'en', 'Sign in'], ['Norsk', 'nb', 'Logg på'], ['Nederlands', 'nl', 'Inloggen']] as const) {
    await page.getByRole('link', { name, exact: true }).click();
    await isOn(t, page, heading);
    await page.goto('/sign-in');
    await isOn(t, page, heading);
    t.equal(await page.evaluate('document.documentElement.lang'), language);
  }
});
