/**
 * The mails of a server, for hostile lines: read as its operator reads them (`GET /api/v1/dev/mailbox`), looked through for what no mail may be,
 * and handed once by the server's own transport to a real mail server, where headers and recipients are seen as they travel.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { markupFaults } from './hostile-pages.mjs';
import { parsed, send } from './hostile-send.mjs';
import { apiOf } from './hostile-fixtures.mjs';
import { NotApplicable } from './hostile-words.mjs';

const ARRIVED_WITHIN_MS = 60_000;
const LONGEST_SUBJECT = 200;

export class Mailbox {
  #seen = new Map();
  #since = '';
  /** Those that were read before. */
  #tokens = new Set();

  constructor(target) {
    this.target = target;
  }

  /** All that the server shows; the newest first, a hundred at most. */
  async all() {
    const { status, text } = await this.#ask();
    if (status !== 200) throw new NotApplicable('the mailbox of the server cannot be read');
    return parsed(text).mails;
  }

  #ask() {
    const { origin, basePath } = this.target;
    return send(origin, { method: 'GET', path: `${apiOf(basePath)}/dev/mailbox`, headers: {} });
  }

  /** From here on `news` tells of what comes. @returns whether mails can be read at all */
  async look() {
    const { status, text } = await this.#ask();
    if (status !== 200) return false;
    const { mails } = parsed(text);
    this.#seen = countsOf(mails);
    this.#since = mails[0]?.created ?? '';
    return true;
  }

  /** Where mails were deleted with their person, older ones come into view again: they are no news. */
  async news() {
    const left = new Map(this.#seen);
    return (await this.all()).filter((mail) => mail.created >= this.#since).filter((mail) => {
      const times = left.get(keyOf(mail)) ?? 0;
      left.set(keyOf(mail), times - 1);
      return times <= 0;
    });
  }

  /** The token of the link in the mail that `act` makes the server send to the address. */
  async tokenFrom(address, act) {
    await act();
    const deadline = Date.now() + ARRIVED_WITHIN_MS;
    while (Date.now() < deadline) {
      const tokens = (await this.all()).flatMap(({ to, text }) => (to.address === address ? (tokenIn(text) ?? []) : []));
      const token = tokens.find((one) => !this.#tokens.has(one));
      if (token !== undefined) {
        this.#tokens.add(token);
        return token;
      }
      await delay(20);
    }
    throw new Error('a mail with a link did not come');
  }

  /** Mails of one moment stand in no order: what was not read before came last. */
  async newestTokenTo(address) {
    const tokens = (await this.all()).flatMap(({ to, text }) => (to.address === address ? (tokenIn(text) ?? []) : []));
    return tokens.find((token) => !this.#tokens.has(token)) ?? [...this.#tokens].findLast((token) => tokens.includes(token));
  }
}

export const tokenIn = (text) => /[?&]token=([\w-]{43})(?![\w-])/.exec(text)?.[1];
const keyOf = ({ kind, to, subject, text, created }) => JSON.stringify([kind, to, subject, text, created]);

function countsOf(mails) {
  const counts = new Map();
  for (const mail of mails) counts.set(keyOf(mail), (counts.get(keyOf(mail)) ?? 0) + 1);
  return counts;
}

/**
 * What no mail may be, whoever is attacked by it.
 * @param addresses of the people whom the line knows: nobody else may get one
 */
export function mailFaults({ to, subject, text, html, kind }, { publicUrl, addresses, mayHoldBraces = false }) {
  const faults = [];
  if (!addresses.has(to.address)) faults.push(`a mail goes to ${to.address}, who is nobody's address here`);
  if (subject.length > LONGEST_SUBJECT || /[\p{Cc}\u2028\u2029]/u.test(subject)) faults.push(`the subject is not one line of ${LONGEST_SUBJECT} characters: ${JSON.stringify(subject.slice(0, 80))}`);
  if (!mayHoldBraces && /\{\{|\}\}/.test(subject + text)) faults.push('a placeholder was left as it is');
  for (const [, link] of html.matchAll(/\bhref="([^"]*)"/g)) if (!isOwn(link.replaceAll('&amp;', '&'), publicUrl)) faults.push(`the mail leads to ${link}`);
  for (const [address] of text.matchAll(/\bhttps?:\/\/[^\s<>"]*token=[^\s<>"]*/g)) if (!isOwn(address, publicUrl)) faults.push(`the mail gives a token to ${address}`);
  faults.push(...markupFaults(html, { isMail: true }));
  return faults.map((fault) => `mail ${kind}: ${fault}`);
}

const isOwn = (link, publicUrl) => link.startsWith(`${publicUrl}/`) && new URL(link).origin === new URL(publicUrl).origin;

/**
 * A mail server that takes everything and says what came.
 * @param createTransport of src/mail/transport.ts
 */
export async function openWire(createTransport) {
  const received = [];
  const server = new SMTPServer({
    logger: false, authOptional: true, disableReverseLookup: true, disabledCommands: ['STARTTLS', 'AUTH'], closeTimeout: 100,
    onData(stream, { envelope }, done) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        received.push({ recipients: envelope.rcptTo.map(({ address }) => address), source: Buffer.concat(chunks).toString('utf8') });
        done(null, 'taken');
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const transport = createTransport({ smtpUrl: `smtp://127.0.0.1:${listening.address().port}`, from: { name: 'Rollcall', address: 'rollcall@localhost' } });

  let sent = 0;
  return {
    /** What is wrong with the mail as it travels. */
    faultsOf: async ({ to, subject, text, html }) => {
      received.length = 0;
      const { outcome } = await transport.send({ to, subject, text, html, language: 'en', messageId: `${++sent}.${process.pid}@hostile.localhost` });
      if (outcome !== 'sent') return [`the mail to ${to.address} is ${outcome}`];
      return wireFaults(received, to.address);
    },
    close: () => {
      transport.close();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const ONCE = ['From', 'To', 'Subject', 'Date', 'Message-ID', 'MIME-Version'];
const NEVER = ['Cc', 'Bcc', 'Reply-To', 'Sender', 'Return-Path'];

function wireFaults(received, address) {
  if (received.length !== 1) return [`${received.length} mails travel instead of one`];
  const [{ recipients, source }] = received;
  const [head] = source.split(/\r\n\r\n/, 1);
  const names = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n').map((header) => header.slice(0, header.indexOf(':')));
  const times = (name) => names.filter((one) => one.toLowerCase() === name.toLowerCase()).length;
  return [
    ...(recipients.length === 1 && recipients[0] === address ? [] : [`RCPT TO is ${recipients.join(', ')} instead of ${address}`]),
    ...ONCE.filter((name) => times(name) !== 1).map((name) => `${times(name)} times the header ${name}`),
    ...NEVER.filter((name) => times(name) > 0).map((name) => `the mail has the header ${name}`),
  ];
}
