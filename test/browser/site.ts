/**
 * Rollcall as people reach it: a server that listens, the worker that sends its mail, the mail server that takes it, and what people do on
 * many pages, by the Dutch words on them.
 */
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import type { Config } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { Keyring } from '../../src/store/keys.ts';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { TASKS } from '../../src/worker.ts';
import type { Json } from '../../src/scim/json.ts';
import { PASSWORD, startWorld, type Somebody } from '../accounts/world.ts';
import { freePort } from '../helpers/start-server.ts';
import { startMailServer, startTransport, type Received } from '../mail/smtp.ts';

export const ORGANISATION = 'Gemeente Voorbeeld';
export const CONTACT = 'de servicedesk, 088 123 45 67';

/** To everybody who cannot sign in, whatever stands in the way. */
export const REFUSED = 'De gebruikersnaam of het wachtwoord klopt niet, of het account kan nu niet worden gebruikt. Probeer het opnieuw of kies een nieuw wachtwoord.';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The address in it that has a token; empty where there is none. */
  readonly link: string;
}

export async function startSite(t: Test, file: string, overrides: Partial<Config> = {}) {
  const mailServer = await startMailServer(t);
  const smtpUrl = `smtp://127.0.0.1:${mailServer.port}`;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const world = await startWorld(t, file, { publicUrl: origin, smtpUrl, ...overrides });
  await world.app.listen({ host: '127.0.0.1', port });
  await world.policy({ displayName: ORGANISATION, contact: CONTACT, language: 'nl', timeZone: 'Europe/Amsterdam' });

  const { store, config, clock, somebody, api } = world;
  const now = () => clock.now;
  const worker = { store, registry: store.registry, behaviours: accountBehaviours, config, now, keyring: new Keyring(store, () => config.secretKeys, now), transport: startTransport(t, { smtpUrl }), domain: 'rollcall.example', log: createLog({ level: 'silent' }) };

  /** Everything that waits to be sent. @returns what the mail server has taken, in that order */
  const deliver = async (): Promise<readonly ReceivedMail[]> => {
    await store.settled();
    await TASKS.find(({ name }) => name === 'send mail')?.run(worker);
    return mailServer.received.splice(0).map(readMail);
  };
  /** The only mail that waits. @throws where there is none, or more */
  const onlyMail = async (): Promise<ReceivedMail> => {
    const [mail, ...others] = await deliver();
    if (!mail || others.length > 0) throw new Error(`${mail ? others.length + 1 : 0} mails instead of one`);
    return mail;
  };
  const jan = { name: { givenName: 'Jan', familyName: 'Bergsma' } };

  return {
    ...world, origin, deliver, onlyMail,
    person: (attributes: Record<string, Json> = {}) => somebody({ ...jan, password: PASSWORD, ...attributes }),
    /** @returns also the mail that they got */
    invite: async (attributes: Record<string, Json> = {}): Promise<Somebody & { mail: ReceivedMail }> => {
      const person = await somebody({ ...jan, ...attributes });
      const answer = await api('POST', `/users/${person.id}/invitation`, {});
      if (answer.status !== 204) throw new Error(answer.text);
      return { ...person, mail: await onlyMail() };
    },
  };
}

function readMail({ to, source }: Received): ReceivedMail {
  const [, boundary = ''] = /boundary="([^"]+)"/.exec(source) ?? [];
  const parts = source.split(`--${boundary}`).slice(1);
  const part = (type: string) => decoded(/\r\n\r\n(.*)$/s.exec(parts.find((one) => one.includes(`Content-Type: ${type}`)) ?? '')?.[1] ?? '');
  const text = part('text/plain');
  return { to, text, html: part('text/html'), subject: /^Subject: (.*)$/m.exec(source)?.[1]?.trim() ?? '', link: /https?:\S+[?&]token=[\w-]+/.exec(text)?.[0] ?? '' };
}

/** Quoted-printable, RFC 2045 section 6.7. */
const decoded = (text: string) =>
  Buffer.from(text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString('utf8');

export async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.goto('/sign-in');
  await fillSignIn(page, name, password);
}

/** Where the page is open already. */
export async function fillSignIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Gebruikersnaam of e-mailadres').fill(name);
  await page.getByLabel('Wachtwoord', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Inloggen' }).click();
}

/** @param button what it says on it: activate, save or renew */
export async function choosePassword(page: Page, password: string, button: string): Promise<void> {
  await page.getByLabel('Nieuw wachtwoord').fill(password);
  await page.getByRole('button', { name: button }).click();
}
