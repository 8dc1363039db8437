/**
 * Mail over SMTP: one mail, one recipient, one connection. Says what became of it and never throws for that; whether and when to try again
 * is backoff.ts. Nothing is logged here: answers of mail servers name the recipient.
 */
import { createTransport as createSmtp } from 'nodemailer';
import type { Options } from 'nodemailer/lib/smtp-transport';
import type { Mailbox } from '../config/values.ts';
import { asciiAddress, checkAddress } from './address.ts';
import { deliveryOf, type Delivery } from './delivery.ts';
import type { Content } from './letter.ts';
import { oneLine } from './line.ts';
import { readSmtpUrl } from './smtp-url.ts';

export interface OutgoingMail extends Content {
  readonly to: Mailbox;
  /** `left@right`, without angle brackets; the same for every attempt, so that a repetition can be recognised. */
  readonly messageId: string;
}

export interface Transport {
  readonly send: (mail: OutgoingMail) => Promise<Delivery>;
  /** Ends what is under way, which is then `later`, and whatever is sent afterwards. */
  readonly close: () => void;
}

/** Milliseconds. */
export interface MailTimeouts {
  readonly connection: number;
  readonly greeting: number;
  /** Without a byte from the server. */
  readonly socket: number;
  /** For the whole mail: a server that sends a byte now and then would hold it forever. */
  readonly total: number;
}

const TIMEOUTS: MailTimeouts = { connection: 5_000, greeting: 5_000, socket: 15_000, total: 60_000 };

export interface TransportSettings {
  readonly smtpUrl: string;
  readonly from: Mailbox;
  readonly timeouts?: Partial<MailTimeouts>;
  /** A certificate in PEM to trust instead of the usual authorities. */
  readonly authority?: string;
}

/** RFC 3834 section 5, and Exchange's own word for it: no out-of-office answers. */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

/** @throws StartError where `smtpUrl` holds what would silently not count */
export function createTransport({ smtpUrl, from, timeouts, authority }: TransportSettings): Transport {
  const { connection, greeting, socket, total } = { ...TIMEOUTS, ...timeouts };
  const server = readSmtpUrl(smtpUrl);
  // Not the URL itself: its query could switch TLS off. STARTTLS is taken wherever it is offered, and a failure of it is a failure.
  const options: Options = {
    ...server,
    connectionTimeout: connection,
    greetingTimeout: greeting,
    socketTimeout: socket,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: authority === undefined ? {} : { ca: authority },
  };
  const smtp = createSmtp(options);
  const underWay = new Set<AbortController>();
  let closed = false;

  const send = async (mail: OutgoingMail): Promise<Delivery> => {
    const fault = checkAddress(mail.to.address);
    if (fault !== undefined) return { outcome: 'refused', code: BAD_ADDRESS, response: `The address ${fault}.` };
    const abort = new AbortController();
    if (closed) abort.abort();
    underWay.add(abort);
    const timer = setTimeout(() => abort.abort(), total);
    try {
      const { response } = await smtp.sendMail({ ...messageOf(mail, from), signal: abort.signal });
      return { outcome: 'sent', response: oneLine(response) };
    } catch (error) {
      return deliveryOf(error);
    } finally {
      clearTimeout(timer);
      underWay.delete(abort);
    }
  };
  const close = () => {
    closed = true;
    for (const abort of underWay) abort.abort();
    smtp.close();
  };
  return { send, close };
}

/** RFC 5321 section 4.2.3, "mailbox name not allowed": what a server would have said. */
const BAD_ADDRESS = 553;

/** Objects, never strings: in a string a comma makes two recipients of one. */
function messageOf({ to, subject, text, html, language, messageId }: OutgoingMail, from: Mailbox) {
  if (!/^[\w.+-]+@[\w.-]+$/.test(messageId)) throw new TypeError('a Message-ID is left@right, without angle brackets');
  const address = asciiAddress(to.address);
  return {
    envelope: { from: from.address, to: [address] },
    from: { name: oneLine(from.name), address: from.address },
    to: { name: oneLine(to.name), address },
    subject: oneLine(subject),
    text,
    html,
    messageId: `<${messageId}>`,
    headers: { ...AUTOMATIC, 'Content-Language': language },
  };
}
