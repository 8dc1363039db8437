/** `/console/mails`: what people are sent, in each language, as text and as the HTML that mail programs show. */
import type { FastifyInstance } from 'fastify';
import { letterhead } from '../../accounts/mails.ts';
import { notFound } from '../../errors.ts';
import type { Content } from '../../mail/letter.ts';
import { MAIL_KINDS, sampleMail, type MailKind } from '../../mail/samples.ts';
import { LANGUAGES, type Language } from '../../policy.ts';
import { pathParameter } from '../api/calls.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { mailsScreen } from './views/mails.tsx';
import { mayOpen } from './menu.ts';
import { screen, type Visit } from './visit.ts';

export function mailScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/mails', screen(parts, 'mails', (visit) => {
    const language = languageIn(visit);
    return sendPage(visit.reply, mailsScreen({ page: visit.page, language, mayChange: mayOpen('policies', visit.rights), mails: MAIL_KINDS.map((kind) => ({ kind, content: contentOf(visit, kind, language) })) }));
  }));
  // A document of its own, as it is sent: its styles stand in it, and nothing else may do anything.
  app.get('/console/mails/:kind', screen(parts, 'mails', (visit) => {
    const kind = MAIL_KINDS.find((one) => one === pathParameter(visit.request, 'kind'));
    if (!kind) throw notFound('Mail');
    return visit.reply.headers(MAIL_HEADERS).type('text/html; charset=utf-8').send(contentOf(visit, kind, languageIn(visit)).html);
  }));
}

const MAIL_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

const languageIn = ({ request, page }: Visit): Language => LANGUAGES.find((one) => one === queryOf(request, 'language')) ?? page.language;

function contentOf({ context, page: { translate } }: Visit, kind: MailKind, language: Language): Content {
  const values = { name: translate('console.mails.sample.name'), person: translate('console.mails.sample.other'), client: translate('console.mails.sample.client'), when: context.now() };
  return sampleMail({ ...letterhead(context, {}), language }, context.tenant.policy, kind, values);
}
