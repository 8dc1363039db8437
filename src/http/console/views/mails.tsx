/** The texts of mails, one after the other, and the mailbox. */
import type { JSX } from '#jsx/jsx-runtime';
import type { Content } from '../../../mail/letter.ts';
import type { MailKind } from '../../../mail/samples.ts';
import { LANGUAGES, type Language } from '../../../policy.ts';
import type { OutboxDocument } from '../../../store/account-documents.ts';
import { Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Panel } from './parts.tsx';
import { wordOf } from './setting-fields.tsx';
import { renderScreen } from './shell.tsx';

export interface MailsProps {
  readonly page: ConsoleFrame;
  readonly language: Language;
  /** Whether the visitor decides how an invitation begins. */
  readonly mayChange: boolean;
  readonly mails: readonly { readonly kind: MailKind; readonly content: Content }[];
}

export function mailsScreen({ page, language, mails, mayChange }: MailsProps): string {
  const { translate, base } = page;
  return renderScreen({
    page, title: translate('console.menu.mails'), lead: translate('console.mails.lead'),
    children: (
      <>
        <form method="get" action={`${base}/console/mails`} class="filter" role="search">
          <div class="narrow"><Select name="language" label={translate('console.mails.language')} value={language} choices={LANGUAGES.map((value) => ({ value, text: wordOf(page, value) }))} /></div>
          <button type="submit">{translate('console.mails.show')}</button>
        </form>
        <div class="panels">
          {mails.map(({ kind, content: { subject, text } }) => (
            <Panel id={kind} title={translate(`console.mails.kind.${kind}`)} actions={<a class="secondary" href={`${base}/console/mails/${kind}?language=${language}`} target="_blank" rel="noopener">{translate('console.mails.html')}</a>}>
              <p>{translate('console.mails.subject')}{': '}<strong lang={language}>{subject}</strong></p>
              <pre class="preview" lang={language}>{text}</pre>
              {mayChange && kind === 'invitation' && <p><a href={`${base}/console/policies/invitations`}>{translate('console.mails.change')}</a></p>}
            </Panel>
          ))}
        </div>
      </>
    ),
  });
}

export interface MailboxProps {
  readonly page: ConsoleFrame;
  readonly mails: readonly OutboxDocument[];
  /** Where no mail server is set, mails are read here; else only what became of them is told. */
  readonly isReadHere: boolean;
  readonly most: number;
}

export function mailboxScreen(props: MailboxProps): string {
  const { page: { translate }, page, mails, isReadHere, most } = props;
  return renderScreen({
    page, title: translate('console.menu.mailbox'), lead: translate(isReadHere ? 'console.mailbox.lead.here' : 'console.mailbox.lead.server'),
    children: (
      <>
        {mails.length >= most && <p class="advice">{translate('console.mailbox.most', { count: most })}</p>}
        {mails.length === 0 && <Empty title={translate('console.mailbox.empty')} />}
        {mails.length > 0 && (isReadHere ? <div class="panels">{mails.map((mail) => <Mail page={page} mail={mail} />)}</div> : <States {...props} />)}
      </>
    ),
  });
}

/** Whole, with its links to follow. */
function Mail({ page, mail: { _id, subject, text, to, created, language } }: { readonly page: ConsoleFrame; readonly mail: OutboxDocument }): JSX.Element {
  const { translate, moment } = page;
  return (
    <Panel id={`mail-${_id}`} title={subject} actions={<time datetime={created.toISOString()}>{moment(created)}</time>}>
      <p>{translate('console.mailbox.to')}{': '}<bdi>{to.name} &lt;{to.address}&gt;</bdi></p>
      {text !== '' && <pre class="preview" lang={language}>{text}</pre>}
      <ul class="plain">{linksIn(text).map((link) => <li><a class="long" href={link} aria-label={`${translate('console.mailbox.follow')}: ${subject}`}>{translate('console.mailbox.follow')}</a></li>)}</ul>
    </Panel>
  );
}

/** Our own mails write every link on a line of its own. */
const linksIn = (text: string): readonly string[] => [...new Set(text.match(/^https?:\/\/\S+$/gm) ?? [])];

const CHIPS: Readonly<Record<OutboxDocument['state'], string>> = { waiting: 'invited', sent: 'good', refused: 'bad', givenUp: 'bad', dropped: '' };

function States({ page, mails }: MailboxProps): JSX.Element {
  const { translate, moment } = page;
  return (
    <div class="table-room" tabindex={0} role="group" aria-label={translate('console.menu.mailbox')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{translate('console.mailbox.subject')}</th>
            <th scope="col">{translate('console.mailbox.state')}</th>
            <th scope="col" class="wide-only">{translate('console.mailbox.to')}</th>
            <th scope="col">{translate('console.mailbox.at')}</th>
          </tr>
        </thead>
        <tbody>
          {mails.map(({ subject, to, state, answer, created, language }) => (
            <tr>
              <th scope="row" class="long" lang={language}>{subject}</th>
              <td class="long"><span class={`chip ${CHIPS[state]}`}>{translate(`console.user.mail.${state}`)}</span>{answer !== undefined && state !== 'sent' && <span class="beneath">{translate('console.mailbox.answer')}{': '}<span lang="en">{answer}</span></span>}</td>
              <td class="wide-only long"><bdi>{to.name} &lt;{to.address}&gt;</bdi></td>
              <td><time datetime={created.toISOString()}>{moment(created)}</time></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
