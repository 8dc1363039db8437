/** `/console/mailbox`: mails as they are written where there is no mail server, else what became of them. */
import type { FastifyInstance } from 'fastify';
import { listMails } from '../../store/outbox.ts';
import { sendPage, type PageParts } from '../pages/frame.ts';
import { mailboxScreen } from './views/mails.tsx';
import { screen } from './visit.ts';

const MOST = 100;

export function mailboxScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/mailbox', screen(parts, 'mailbox', async ({ reply, page, context, rights }) => {
    // A mail may carry the link with which an administrator chooses a password.
    const isReadHere = parts.services.config.smtpUrl === undefined && rights.has('admin.grant');
    return sendPage(reply, mailboxScreen({ page, mails: await listMails(context.scope), isReadHere, most: MOST }));
  }));
}
