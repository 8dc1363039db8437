/** What became of a mail, and how the many ways to fail come down to two: never again, or later. */
import { oneLine } from './line.ts';

/** `response` is the server's own line, which usually names the recipient: it is kept with the mail, not logged. */
export type Delivery =
  | { readonly outcome: 'sent'; readonly response: string }
  /** This mail to this recipient will never be taken. `code` is the SMTP reply code. */
  | { readonly outcome: 'refused'; readonly code: number; readonly response: string }
  /** `reason` is a short word without anybody's data: ETIMEDOUT, ECONNECTION, EAUTH, ... A lost connection after DATA is one too: the mail may have been taken. */
  | { readonly outcome: 'later'; readonly reason: string; readonly code: number | undefined; readonly response: string };

/** Only these are about the recipient or the mail. A 5xx to the greeting, the password or the sender is about our settings, which can be put right. */
const ABOUT_THE_MAIL: readonly unknown[] = ['RCPT TO', 'DATA'];
/** Said to anybody who has not signed in or who mixes up the order: RFC 4954 section 6, RFC 5321 section 4.2.3. */
const ABOUT_US = [503, 530, 534, 535, 538];

/** @throws what is no failure of a delivery, but a fault of ours */
export function deliveryOf(error: unknown): Delivery {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
  const code = 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined;
  const response = 'response' in error && typeof error.response === 'string' ? oneLine(error.response) : '';
  const command = 'command' in error ? error.command : undefined;
  if (code !== undefined && code >= 500 && ABOUT_THE_MAIL.includes(command) && !ABOUT_US.includes(code)) return { outcome: 'refused', code, response };
  return { outcome: 'later', reason: error.code, code, response };
}
