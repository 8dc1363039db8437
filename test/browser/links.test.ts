/** From a mail to the page that its link opens: S3 to S6, S10 and J9, also without a script and on a telephone. */
import t from 'tap';
import type { Page } from 'playwright-core';
import { HOUR, MINUTE, OTHER_PASSWORD, PASSWORD } from '../accounts/world.ts';
import { unique } from '../helpers/app.ts';
import { errorsOn, fits, isOn, PHONE, startChromium } from './chromium.ts';
import { choosePassword, CONTACT, fillSignIn, ORGANISATION, REFUSED, signIn, startSite } from './site.ts';

const site = await startSite(t, import.meta.url);
const { visitor } = await startChromium(t, site.origin);
// The throttle counts addresses, and all of these browsers have the same one.
t.beforeEach(() => site.advance(MINUTE));

const RULES = ['Ten minste 12 tekens', 'Geen wachtwoord dat veel mensen gebruiken', 'Zonder je naam of adres, en zonder woorden van de organisatie'];
const rulesOn = (page: Page) => page.getByRole('list', { name: 'Eisen aan je nieuwe wachtwoord' }).getByRole('listitem').allTextContents();

const choose = (page: Page, password: string) => choosePassword(page, password, 'Account activeren');

t.test('S3, S4: invited by mail, rules before typing, the one that is broken is named, and then signed in', async (t) => {
  const { id, address, mail } = await site.invite();
  t.match(mail, { to: [address], subject: `Je account bij ${ORGANISATION}` });
  t.ok(mail.link.startsWith(`${site.origin}/activate?token=`));
  const page = await visitor(t);
  await page.setContent(mail.html);
  await page.getByRole('link', { name: 'Account activeren' }).click();
  await isOn(t, page, 'Activeer je account');
  t.same(await rulesOn(page), RULES, 'all rules, before anything is typed');
  t.equal(await page.getByLabel('Gebruikersnaam').inputValue(), address);

  await page.getByLabel('Nieuw wachtwoord').fill('correct horse');
  t.same(await rulesOn(page), [`${RULES[0]}, voldaan`, RULES[1], `${RULES[2]}, voldaan`], 'what a script can tell is told while typing');
  await choose(page, 'Bergsma');
  t.same(await errorsOn(page), [`Nieuw wachtwoord: ${RULES[0]}`, `Nieuw wachtwoord: ${RULES[2]}`], 'both rules that it breaks, and no other');
  t.equal(await page.title(), `Fout: Activeer je account – ${ORGANISATION}`);
  t.ok(await page.getByText('Aan 2 van de eisen hierboven is niet voldaan').isVisible());
  t.equal(await page.getByLabel('Nieuw wachtwoord').inputValue(), '', 'a password never comes back');
  t.equal(await site.status(id), 'invited');

  await choose(page, PASSWORD);
  await isOn(t, page, 'Je account is actief');
  t.equal(await site.status(id), 'active');
  await page.getByRole('link', { name: 'Inloggen' }).click();
  await fillSignIn(page, address, PASSWORD);
  await isOn(t, page, 'Je account');
  t.equal(await page.getByRole('definition').nth(0).innerText(), 'Jan Bergsma');

  await page.goto(mail.link);
  await isOn(t, page, 'Deze link is al gebruikt');
  t.equal(await page.getByLabel('Nieuw wachtwoord').count(), 0, 'the link works once');
  t.same(await site.deliver(), [], 'and no mail but the one');
});

t.test('S4: what is typed can be shown, and is hidden again before it is sent', async (t) => {
  const { mail } = await site.invite();
  const page = await visitor(t);
  await page.goto(mail.link);
  const field = page.getByLabel('Nieuw wachtwoord');
  await field.fill('short');
  t.equal(await field.getAttribute('type'), 'password');
  await page.getByRole('button', { name: 'Wachtwoord tonen' }).click();
  t.equal(await field.getAttribute('type'), 'text');
  await page.getByRole('button', { name: 'Wachtwoord verbergen' }).click();
  t.equal(await field.getAttribute('type'), 'password');
});

t.test('S4: the language can be changed on the page, also after a mistake', async (t) => {
  const { id, mail } = await site.invite();
  const page = await visitor(t);
  await page.goto(mail.link);
  await choose(page, 'four-words');
  await errorsOn(page);
  await page.getByRole('link', { name: 'English' }).click();
  await isOn(t, page, 'Activate your account');
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Activate account' }).click();
  await isOn(t, page, 'Your account is active');
  t.equal(await site.status(id), 'active');
});

t.test('S5: a link that has expired says so and what to do; the new one works, the old one is dead', async (t) => {
  const { id, address, mail: first } = await site.invite();
  const page = await visitor(t);
  site.advance(72 * HOUR);
  await page.goto(first.link);
  await isOn(t, page, 'Deze link is verlopen');
  t.ok(await page.getByText(`Vraag ${CONTACT} om je een nieuw bevestigingsverzoek te sturen.`).isVisible());

  const again = async () => {
    t.equal((await site.api('POST', `/users/${id}/invitation/again`, {})).status, 204);
    return site.onlyMail();
  };
  const second = await again();
  t.same(second.to, [address]);
  t.match(second.text, 'Links in eerdere e-mails werken niet meer.');
  const third = await again();
  for (const { link } of [first, second]) {
    await page.goto(link);
    await isOn(t, page, 'Deze link werkt niet');
    t.ok(await page.getByText('Gebruik de link in de laatste e-mail.').isVisible());
  }
  await page.goto(third.link);
  await choose(page, PASSWORD);
  await isOn(t, page, 'Je account is actief');
  t.equal(await site.status(id), 'active');
  t.same(await site.deliver(), []);
});

t.test('S3, S4: from the invitation to the account without a script', async (t) => {
  const { address, mail } = await site.invite();
  const page = await visitor(t, { scripts: false });
  await page.goto(mail.link);
  await isOn(t, page, 'Activeer je account');
  t.same(await rulesOn(page), RULES);
  t.equal(await page.getByRole('button', { name: 'Wachtwoord tonen' }).count(), 0, 'no button that only a script works');
  await choose(page, 'four-words');
  t.same(await errorsOn(page), [`Nieuw wachtwoord: ${RULES[0]}`]);
  await choose(page, PASSWORD);
  await isOn(t, page, 'Je account is actief');
  await page.getByRole('link', { name: 'Inloggen' }).click();
  await fillSignIn(page, address, 'not my password');
  t.equal((await errorsOn(page)).length, 1);
  t.equal(await page.getByLabel('Gebruikersnaam of e-mailadres').inputValue(), address, 'the name that was typed is kept');
  await fillSignIn(page, address, PASSWORD);
  await isOn(t, page, 'Je account');
  await page.getByRole('button', { name: 'Uitloggen' }).click();
  await isOn(t, page, 'Inloggen');
});

t.test('S3, S4: on a telephone nothing has to be moved sideways', async (t) => {
  const { address, mail } = await site.invite({ name: { givenName: 'Wilhelmina', familyName: `Hoogerheide-${'Lang'.repeat(12)}` } });
  const page = await visitor(t, { viewport: PHONE, touch: true });
  const fitsOn = async (heading: string) => {
    await isOn(t, page, heading);
    t.ok(await fits(page), heading);
  };
  await page.goto(mail.link);
  await fitsOn('Activeer je account');
  await choose(page, 'short');
  await errorsOn(page);
  await fitsOn('Activeer je account');
  await choose(page, PASSWORD);
  await fitsOn('Je account is actief');
  await page.getByRole('link', { name: 'Inloggen' }).tap();
  await fitsOn('Inloggen');
  await fillSignIn(page, address, 'not my password');
  await errorsOn(page);
  await fitsOn('Inloggen');
  await fillSignIn(page, address, PASSWORD);
  await fitsOn('Je account');
  await page.goto(mail.link);
  await fitsOn('Deze link is al gebruikt');
});

/** @returns all that the page says afterwards */
async function forget(page: Page, name: string): Promise<string> {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Wachtwoord vergeten?' }).click();
  await page.getByLabel('Gebruikersnaam of e-mailadres').fill(name);
  await page.getByRole('button', { name: 'Link versturen' }).click();
  await page.getByRole('heading', { name: 'Bekijk je e-mail' }).waitFor();
  return page.getByRole('main').innerText();
}

t.test('S6: <Wachtwoord vergeten> says the same whoever asks, and mails whoever is known a link that works once', async (t) => {
  const person = await site.person();
  const page = await visitor(t);
  const known = await forget(page, person.address);
  t.equal(await forget(page, 'niemand@people.example'), known);
  t.notMatch(known, 'people.example');
  const mail = await site.onlyMail();
  t.match(mail, { to: [person.address], subject: 'Kies een nieuw wachtwoord' });

  await page.goto(mail.link);
  await isOn(t, page, 'Kies een nieuw wachtwoord');
  await choosePassword(page, PASSWORD, 'Wachtwoord opslaan');
  t.same(await errorsOn(page), ['Nieuw wachtwoord: Niet je huidige wachtwoord']);
  await choosePassword(page, OTHER_PASSWORD, 'Wachtwoord opslaan');
  await isOn(t, page, 'Je nieuwe wachtwoord is opgeslagen');
  t.match(await site.onlyMail(), { to: [person.address], subject: 'Je wachtwoord is gewijzigd', link: '' });
  await page.goto(mail.link);
  await isOn(t, page, 'Deze link is al gebruikt');
  t.ok(await page.getByRole('link', { name: 'Nieuwe link aanvragen' }).isVisible());

  await page.getByRole('link', { name: 'Inloggen' }).click();
  await fillSignIn(page, person.address, PASSWORD);
  t.same(await errorsOn(page), [REFUSED], 'the old password is over');
  await fillSignIn(page, person.address, OTHER_PASSWORD);
  await isOn(t, page, 'Je account');
});

t.test('J9: a reset by mail unlocks, and says so', async (t) => {
  const person = await site.person();
  await site.wrong(person, 3);
  t.equal(await site.status(person.id), 'locked');
  const page = await visitor(t);
  await forget(page, person.address);
  const { link } = await site.onlyMail();
  await page.goto(link);
  t.equal(await site.status(person.id), 'locked', 'asking and opening the link do not');
  await choosePassword(page, OTHER_PASSWORD, 'Wachtwoord opslaan');
  await isOn(t, page, 'Je nieuwe wachtwoord is opgeslagen');
  t.ok(await page.getByText('Je account was geblokkeerd na onjuiste wachtwoorden; het is weer gedeblokkeerd.').isVisible());
  t.equal(await site.status(person.id), 'active');
  t.match(await site.onlyMail(), { to: [person.address], subject: 'Je wachtwoord is gewijzigd', link: '' });
  await page.getByRole('link', { name: 'Inloggen' }).click();
  await fillSignIn(page, person.address, OTHER_PASSWORD);
  await isOn(t, page, 'Je account');
});

t.test('S10: asked for by its owner; until the new address is confirmed the old one is in use, afterwards it cannot sign in, and is told', async (t) => {
  const person = await site.person();
  const address = `${unique('nieuw')}@people.example`;
  const before = await visitor(t);
  await signIn(before, person.address);
  await before.getByRole('link', { name: 'Wijzigen e-mailadres' }).click();
  await isOn(t, before, 'Wijzigen e-mailadres');
  await before.getByLabel('Nieuw e-mailadres').fill(address);
  await before.getByLabel('Huidig wachtwoord').fill('not my password');
  await before.getByRole('button', { name: 'Link versturen' }).click();
  t.same(await errorsOn(before), ['Het huidige wachtwoord klopt niet']);
  t.equal(await before.getByLabel('Nieuw e-mailadres').inputValue(), address, 'what was typed is kept');
  await before.getByLabel('Huidig wachtwoord').fill(PASSWORD);
  await before.getByRole('button', { name: 'Link versturen' }).click();
  await isOn(t, before, 'Je account');
  t.ok(await before.getByText('Nog niet bevestigd: volg de link in de e-mail die daarheen is gestuurd.').isVisible());
  const mail = await site.onlyMail();
  t.match(mail, { to: [address], subject: 'Bevestig je nieuwe e-mailadres' });

  const page = await visitor(t);
  await page.goto(mail.link);
  await isOn(t, page, 'Bevestig je nieuwe e-mailadres');
  t.ok(await page.getByText(address, { exact: true }).isVisible());
  await before.reload();
  await isOn(t, before, 'Je account');
  await signIn(page, address);
  t.equal((await errorsOn(page)).length, 1, 'opening the link alone changes nothing');

  await page.goto(mail.link);
  await page.getByRole('button', { name: 'Adres bevestigen' }).click();
  await isOn(t, page, 'Je nieuwe adres is bevestigd');
  const told = await site.onlyMail();
  t.match(told, { to: [person.address], subject: 'Je e-mailadres is gewijzigd', link: '' });
  t.notMatch(told.text, address);
  await before.reload();
  await isOn(t, before, 'Inloggen');
  await signIn(before, person.address);
  t.equal((await errorsOn(before)).length, 1, 'the old address cannot sign in');
  await page.getByRole('link', { name: 'Inloggen' }).click();
  await signIn(page, address);
  await isOn(t, page, 'Je account');
  t.match(await page.getByRole('definition').allInnerTexts(), ['Jan Bergsma', address, address]);
  await page.goto(mail.link);
  await isOn(t, page, 'Deze link is al gebruikt');
});

t.test('S10: after three days the link is over, and the old address stays', async (t) => {
  const person = await site.person();
  t.equal((await site.api('POST', `/users/${person.id}/address`, { address: `${unique('nieuw')}@people.example` })).status, 200);
  const { link } = await site.onlyMail();
  site.advance(72 * HOUR);
  const page = await visitor(t);
  await page.goto(link);
  await isOn(t, page, 'Deze link is verlopen');
  t.ok(await page.getByText(`Wijzig het nog eens in je account of neem contact op met ${CONTACT}.`).isVisible());
  await signIn(page, person.address);
  await isOn(t, page, 'Je account');
});
