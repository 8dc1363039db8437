/** Where somebody is signed in, and a button to end each. */
import type { JSX } from '#jsx/jsx-runtime';
import { formatInstant } from '../../../locales/dates.ts';
import { agentName } from './agent.ts';
import { Form } from './form.tsx';
import type { PageFrame } from './frame.ts';

export interface ShownSession {
  /** Goes back as `session`; not the cookie's value. */
  readonly id: string;
  /** The header User-Agent of the sign-in. */
  readonly agent: string;
  /** The application that has tokens; absent: a browser. */
  readonly application?: string;
  readonly created: Date;
  readonly lastSeen: Date;
  /** The one that this page was asked for with. */
  readonly current: boolean;
}

export interface SessionListProps {
  readonly page: PageFrame;
  readonly sessions: readonly ShownSession[];
  readonly timeZone: string;
  /** Takes `session` and `csrf`. */
  readonly endAction: string;
  /** Ends all but the current one. Takes `csrf`. */
  readonly endAllAction: string;
}

export function SessionList({ page, sessions, timeZone, endAction, endAllAction }: SessionListProps): JSX.Element {
  const { translate } = page;
  const others = sessions.filter(({ current }) => !current);
  return (
    <>
      <p>{translate('page.sessions.text')}</p>
      <ul class="sessions">{sessions.map((session) => <Session page={page} session={session} timeZone={timeZone} endAction={endAction} />)}</ul>
      {others.length > 1 && <Form page={page} action={endAllAction}><button type="submit" class="danger">{translate('page.sessions.endAll')}</button></Form>}
    </>
  );
}

type SessionProps = Pick<SessionListProps, 'page' | 'timeZone' | 'endAction'> & { readonly session: ShownSession };

function Session({ page, session, timeZone, endAction }: SessionProps): JSX.Element {
  const { language, translate } = page;
  const { id, agent, application, created, lastSeen, current } = session;
  const name = [application, agentName(agent)].filter(Boolean).join(', ') || translate('page.sessions.unknown');
  const time = (instant: Date) => <time datetime={instant.toISOString()}>{formatInstant(instant, language, timeZone)}</time>;
  return (
    <li>
      <div>
        <strong><bdi>{name}</bdi></strong> {current && <span class="badge">{translate('page.sessions.current')}</span>}
        <p class="hint">{translate('page.sessions.created')} {time(created)}</p>
        <p class="hint">{translate('page.sessions.lastSeen')} {time(lastSeen)}</p>
      </div>
      {!current && (
        <Form page={page} action={endAction} hidden={{ session: id }}>
          <button type="submit" aria-label={`${translate('page.sessions.end')}: ${name}`}>{translate('page.sessions.end')}</button>
        </Form>
      )}
    </li>
  );
}
