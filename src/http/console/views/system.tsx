/** The state of the system: what stands still has its word beside it, not a colour alone. */
import type { JSX } from '#jsx/jsx-runtime';
import type { SystemState } from '../../../tenancy/system-state.ts';
import type { ConsoleFrame } from './frame.ts';
import { Fact, Facts, Panel, Warning } from './parts.tsx';
import { renderScreen } from './shell.tsx';

export interface SystemProps {
  readonly page: ConsoleFrame;
  readonly about: { readonly version: string; readonly node: string; readonly role: string; readonly publicUrl: string };
  readonly state: SystemState;
  readonly mail: 'none' | 'ok' | 'fails';
  readonly endingTokens: number;
  readonly now: Date;
}

/** The worker counts seats every few seconds. */
const STANDS_MS = 5 * 60_000;

export function systemScreen(props: SystemProps): string {
  const { page, about, state: { pingMs, version, seats }, now } = props;
  const { translate, number } = page;
  const stands = seats.oldest !== undefined && now.getTime() - seats.oldest.getTime() > STANDS_MS;
  return renderScreen({
    page, title: translate('console.menu.system'), lead: translate('console.system.lead'),
    children: (
      <>
        {stands && <Warning><p>{translate('console.system.work.stands')}</p></Warning>}
        <div class="sides">
          <div>
            <Panel id="server" title={translate('console.system.server')}>
              <Facts>
                <Fact page={page} term={translate('console.system.version')}>{about.version}</Fact>
                <Fact page={page} term={translate('console.system.node')}>{about.node}</Fact>
                <Fact page={page} term={translate('console.system.role')}>{about.role}</Fact>
                <Fact page={page} term={translate('console.system.address')}><span class="long">{about.publicUrl}</span></Fact>
              </Facts>
            </Panel>
            <Panel id="database" title={translate('console.system.database')}>
              <Facts>
                <Fact page={page} term={translate('console.system.database')}><span class="chip good">{translate('console.system.database.ok', { ms: number(Math.ceil(pingMs)) })}</span></Fact>
                <Fact page={page} term={translate('console.system.database.version')}>{version}</Fact>
              </Facts>
            </Panel>
          </div>
          <div>
            <Mail {...props} />
            <Work {...props} />
            <Keys {...props} />
          </div>
        </div>
      </>
    ),
  });
}

const MAIL_CHIPS = { none: '', ok: 'good', fails: 'bad' } as const;

function Mail({ page, state: { mails }, mail }: SystemProps): JSX.Element {
  const { translate, number, instant } = page;
  return (
    <Panel id="mail" title={translate('console.system.mail')}>
      <Facts>
        <Fact page={page} term={translate('console.system.mail.server')}><span class={`chip ${MAIL_CHIPS[mail]}`}>{translate(`console.system.mail.${mail}`)}</span></Fact>
        <Fact page={page} term={translate('console.system.mail.waiting')}>{number(mails.waiting)}</Fact>
        {mails.oldest && <Fact page={page} term={translate('console.system.mail.oldest')}>{instant(mails.oldest)}</Fact>}
        <Fact page={page} term={translate('console.system.mail.givenUp')}>{number(mails.givenUp)}</Fact>
        <Fact page={page} term={translate('console.system.mail.refused')}>{number(mails.refused)}</Fact>
      </Facts>
    </Panel>
  );
}

function Work({ page, state: { seats, erasures }, endingTokens }: SystemProps): JSX.Element {
  const { translate, number, instant } = page;
  return (
    <Panel id="work" title={translate('console.system.work')}>
      <Facts>
        <Fact page={page} term={translate('console.system.work.seats')}>{number(seats.waiting)}{seats.oldest && ` (${translate('console.system.work.waiting', { at: instant(seats.oldest) })})`}</Fact>
        <Fact page={page} term={translate('console.system.work.erasures')}>{number(erasures)}</Fact>
        <Fact page={page} term={translate('console.system.tokens')}>{number(endingTokens)}</Fact>
      </Facts>
    </Panel>
  );
}

function Keys({ page, state: { keys } }: SystemProps): JSX.Element {
  const { translate, instant } = page;
  return (
    <Panel id="keys" title={translate('console.system.keys')}>
      {keys.length === 0 ? <p>{translate('console.system.keys.none')}</p> : (
        <Facts>
          {keys.map(({ kid, signs, retires }) => (
            <Fact page={page} term={translate('console.system.keys.kid', { kid })}>{translate('console.system.keys.signs', { at: instant(signs) })}{retires && `; ${translate('console.system.keys.retires', { at: instant(retires) })}`}</Fact>
          ))}
        </Facts>
      )}
    </Panel>
  );
}
