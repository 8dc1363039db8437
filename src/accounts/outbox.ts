/**
 * Sends what the outbox holds: each mail is taken with a lease, sent outside of any transaction, and marked. A worker that dies between the two
 * leaves a mail that another sends again when the lease is over, under the same Message-ID (SMTP cannot do better).
 */
import { randomUUID } from 'node:crypto';
import type { Log } from '../log.ts';
import { nextAttempt } from '../mail/backoff.ts';
import type { Delivery } from '../mail/delivery.ts';
import type { Transport } from '../mail/transport.ts';
import { LANGUAGES } from '../policy.ts';
import type { OutboxDocument } from '../store/account-documents.ts';
import { claimMail, isStillMeant, settleMail } from '../store/outbox.ts';
import type { Store } from '../store/store.ts';

export interface OutboxParts {
  readonly store: Store;
  readonly now: () => Date;
  readonly log: Log;
  readonly transport: Transport;
  /** What stands behind the @ in a Message-ID. */
  readonly domain: string;
  readonly random?: () => number;
}

const owner = randomUUID();

/** Sends until nothing is due. @returns how many were taken */
export async function sendDue(parts: OutboxParts): Promise<number> {
  for (let taken = 0; ; taken++) {
    if (parts.store.closing) return taken;
    const mail = await claimMail(parts.store, owner, parts.now());
    if (!mail) return taken;
    await sendOne(parts, mail);
  }
}

async function sendOne({ store, now, log, transport, domain, random = Math.random }: OutboxParts, mail: OutboxDocument): Promise<void> {
  if (!(await isStillMeant(store, mail, now()))) {
    await settleMail(store, mail, owner, { state: 'dropped', done: now() });
    return;
  }
  const language = LANGUAGES.find((one) => one === mail.language) ?? 'en';
  const { to, subject, text, html, kind, _id } = mail;
  const delivery = await transport.send({ to, subject, text, html, language, messageId: `${_id}@${domain}` });
  log.info({ mail: _id, kind, outcome: delivery.outcome, attempt: mail.attempts + 1 }, 'mail');
  await settleMail(store, mail, owner, resultOf(delivery, mail, now(), random()));
}

function resultOf(delivery: Delivery, mail: OutboxDocument, now: Date, random: number): Partial<OutboxDocument> {
  const attempts = mail.attempts + 1;
  switch (delivery.outcome) {
    case 'sent':
      return { state: 'sent', attempts, answer: delivery.response, done: now };
    case 'refused':
      return { state: 'refused', attempts, answer: delivery.response, done: now };
    case 'later': {
      const due = nextAttempt(attempts, now, random);
      const answer = delivery.response || delivery.reason;
      return due ? { attempts, answer, due } : { state: 'givenUp', attempts, answer, done: now };
    }
  }
}
