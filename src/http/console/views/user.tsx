/** One user: data on the left, account and security on the right (J7), then groups and everything that happened. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { PersonView } from '../../../accounts/person-view.ts';
import type { Language } from '../../../policy.ts';
import type { AuditEntryView } from '../../../tenancy/logs.ts';
import { Form } from '../../pages/views/form.tsx';
import { managerOf, thereIn, type UserField } from '../user-fields.ts';
import { actionText } from './action-words.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Fact, Facts, Lock, Panel, StatusChip } from './parts.tsx';
import { renderScreen } from './shell.tsx';

export interface UserProps {
  readonly page: ConsoleFrame;
  readonly view: PersonView;
  /** The newest first. */
  readonly entries: readonly AuditEntryView[];
  /** Who looks: nobody deactivates themselves. */
  readonly visitor: string;
  readonly languages: readonly Language[];
  /** Of whoever did something, by id; who is gone has none. */
  readonly names: ReadonlyMap<string, string>;
}

const ownPath = ({ base }: ConsoleFrame, { stored: { id } }: PersonView) => `${base}/console/users/${encodeURIComponent(id)}`;

export function userScreen(props: UserProps): string {
  const { page, view } = props;
  const { translate, word, base } = page;
  const { name, status, address, userName } = view;
  return renderScreen({
    page, title: name,
    crumbs: [{ address: `${base}/console/users`, text: translate('console.menu.users') }],
    lead: <><StatusChip page={page} status={status} />{status === 'locked' && <Lock page={page} />} <bdi>{address ?? userName}</bdi></>,
    actions: (
      <>
        {status !== 'none' && <a class="secondary" href="#account">{translate('console.user.account.view')}</a>}
        <a class="secondary" href={`${ownPath(page, view)}/edit`}>{word('edit')}</a>
      </>
    ),
    children: (
      <div class="sides">
        <div>
          <Data {...props} />
          <Groups {...props} />
          <Timeline {...props} />
        </div>
        <div>
          <Account {...props} />
          <Security {...props} />
          {page.rights.has('admin.grant') && <Admin {...props} />}
        </div>
      </div>
    ),
  });
}

function Data({ page, view }: UserProps): JSX.Element {
  const { translate, day } = page;
  const { stored: { audience }, facts: { dates }, managed } = view;
  const fact = (term: string, value: Child, manager?: string) => <Fact page={page} term={term} note={manager === undefined ? undefined : translate('console.user.managed', { name: manager })}>{value}</Fact>;
  const field = (name: UserField, term: string) => fact(term, thereIn(view, name), managerOf(view, name));
  return (
    <Panel id="data" title={translate('console.user.data')}>
      <Facts>
        {field('givenName', translate('console.user.givenName'))}
        {field('familyName', translate('console.user.familyName'))}
        {fact(translate('console.user.email'), view.address, managed.get('emails'))}
        {view.pendingAddress !== undefined && fact(translate('console.user.pending'), view.pendingAddress)}
        {fact(translate('console.user.userName'), view.userName, managed.get('userName'))}
        {field('title', translate('console.user.title'))}
        {field('department', translate('console.user.department'))}
        {field('employeeNumber', translate('console.user.employeeNumber'))}
        {field('roles', translate('console.user.roles'))}
        {field('language', translate('console.user.language'))}
        {field('timeZone', translate('console.user.timeZone'))}
        {fact(translate('console.user.population'), populationOf(page, audience))}
        {fact(translate('console.user.hireDate'), dates.hireDate && <time datetime={dates.hireDate}>{day(dates.hireDate)}</time>)}
        {fact(translate('console.user.leaveDate'), dates.leaveDate && <time datetime={dates.leaveDate}>{day(dates.leaveDate)}</time>)}
      </Facts>
    </Panel>
  );
}

const POPULATIONS = ['employee', 'external', 'portal', 'contact', 'console', 'all'] as const;
export function populationOf({ translate }: ConsoleFrame, audience: string): string {
  const known = POPULATIONS.find((one) => one === audience);
  return known ? translate(`console.population.${known}`) : audience;
}

function Groups({ page, view }: UserProps): JSX.Element {
  const { translate, base } = page;
  const { groups } = view;
  return (
    <Panel id="groups" title={translate('console.user.groups')}>
      {groups.length === 0
        ? <p class="quiet">{translate('console.none')}</p>
        : (
          <ul class="plain">
            {groups.map(({ id, name, direct, isUserGroup }) => (
              <li>
                <a href={`${base}/console/groups/${encodeURIComponent(id)}`}><bdi>{name}</bdi></a>{' '}
                {isUserGroup && <span class="chip">{translate('console.user.groups.userGroup')}</span>}
                {!direct && <span class="quiet">{translate('console.user.groups.through')}</span>}
              </li>
            ))}
          </ul>
        )}
    </Panel>
  );
}

/** S9, S3, S5, S10: what there is of a login, and what can be done with it as it is now. */
function Account(props: UserProps): JSX.Element {
  const { page, view } = props;
  const { translate, instant } = page;
  const { status, facts, lastSignIn, passwordExpires, lastMail } = view;
  const own = ownPath(page, view);
  const isOwnLogin = facts.signInMethod !== 'sso';
  const at = (value: string) => <time datetime={value}>{instant(new Date(value))}</time>;
  return (
    <Panel id="account" title={translate('console.user.account')}>
      {status === 'none' && <p>{translate('console.user.account.none')}</p>}
      <Facts>
        <Fact page={page} term={translate('console.user.method')}>{translate(`console.user.method.${facts.signInMethod}`)}</Fact>
        {status === 'invited' && facts.invitation && <Fact page={page} term={translate('console.user.invitedUntil')}>{at(facts.invitation.expiresAt)}</Fact>}
        {facts.activatedAt !== undefined && <Fact page={page} term={translate('console.user.activatedAt')}>{at(facts.activatedAt)}</Fact>}
        {facts.lockedAt !== undefined && <Fact page={page} term={translate('console.user.lockedAt')}>{at(facts.lockedAt)}</Fact>}
        {lastSignIn && <Fact page={page} term={translate('console.user.lastSignIn')}>{at(lastSignIn.toISOString())}</Fact>}
        {passwordExpires !== undefined && <Fact page={page} term={translate('console.user.passwordExpires')}>{at(passwordExpires)}</Fact>}
        {facts.signInMethod === 'password' && <Fact page={page} term={translate('console.user.secondFactor')}>{translate(`console.user.secondFactor.${facts.twoFactorEnrolled ? 'on' : facts.twoFactorRequired ? 'required' : 'off'}`)}</Fact>}
        {lastMail && <Fact page={page} term={translate('console.user.mail')}>{`${lastMail.subject} (${translate(`console.user.mail.${lastMail.state}`)})`}</Fact>}
      </Facts>
      <ul class="acts">
        {status === 'none' && isOwnLogin && <li><a class="primary" href={`${own}/account`}>{translate('console.user.account.create')}</a></li>}
        {status === 'invited' && <li><a class="primary" href={`${own}/again`}>{translate('console.user.again')}</a></li>}
        {status !== 'none' && <li><a class="secondary" href={`${own}/group`}>{translate('console.user.groups.move')}</a></li>}
        {status !== 'deactivated' && <li><a class="secondary" href={`${own}/email`}>{translate('console.user.changeEmail')}</a></li>}
        {(status === 'invited' || status === 'active' || status === 'locked') && isOwnLogin && <li><a class="secondary" href={`${own}/withdraw`}>{translate('console.user.withdraw')}</a></li>}
      </ul>
    </Panel>
  );
}

function Security(props: UserProps): JSX.Element {
  const { page, view, visitor } = props;
  const { translate, base } = page;
  const { status, facts, stored: { id } } = view;
  const own = ownPath(page, view);
  const isOwnLogin = facts.signInMethod !== 'sso';
  const isSelf = id === visitor;
  return (
    <Panel id="security" title={translate('console.user.security')}>
      <ul class="acts">
        {status === 'locked' && <li><Form page={page} action={`${own}/unlock`}><button type="submit" class="primary">{translate('console.user.unlock')}</button></Form></li>}
        {status !== 'deactivated' && isOwnLogin && <li><a class="secondary" href={`${own}/password`}>{translate('console.user.setPassword')}</a></li>}
        {facts.twoFactorEnrolled && <li><a class="secondary" href={`${own}/second-factor`}>{translate('console.user.resetSecondFactor')}</a></li>}
        {status === 'deactivated' && <li><a class="primary" href={`${own}/reactivate`}>{translate('console.user.reactivate')}</a></li>}
        {status !== 'deactivated' && !isSelf && <li><a class="secondary" href={`${own}/deactivate`}>{translate('console.user.deactivate')}</a></li>}
        {!isSelf && <li><a class="secondary danger" href={`${own}/delete`}>{translate('console.user.delete')}</a></li>}
        <li><a class="secondary" href={`${base}/console/merge?one=${encodeURIComponent(id)}`}>{translate('console.menu.merge')}</a></li>
        <li><a href={`${own}/data`} download>{translate('console.user.export')}</a></li>
      </ul>
      {isSelf && <p class="hint">{translate('console.user.self')}</p>}
    </Panel>
  );
}

/** J6. */
function Admin({ page, view }: UserProps): JSX.Element {
  const { translate } = page;
  const isOne = view.groups.some(({ direct, isAdministrators }) => direct && isAdministrators);
  return (
    <Panel id="admin" title={translate('console.user.admin')}>
      <p>{translate(isOne ? 'console.user.admin.has' : 'console.user.admin.hasNot')}</p>
      <Form page={page} action={`${ownPath(page, view)}/admin`}>
        <div class="check">
          <input type="checkbox" id="isAdmin" name="isAdmin" value="on" checked={isOne} />
          <label for="isAdmin">{translate('console.user.admin.give')}</label>
        </div>
        <button type="submit">{translate('console.user.admin.save')}</button>
      </Form>
    </Panel>
  );
}

/** An extension by its own name: the rest of a URN says nothing to people. */
export const shortName = (name: string): string => /^urn:.*:(\w+):\d\.\d:\w+((?::\w+)?)$/.exec(name)?.slice(1).join('') ?? name;

function Timeline({ page, view, entries, visitor, names }: UserProps): JSX.Element {
  const { translate, moment, base, rights } = page;
  const by = ({ by: { kind, id } }: AuditEntryView) => (id === visitor ? translate('console.user.timeline.byYou') : kind === 'system' ? translate('console.user.timeline.bySystem') : (names.get(id) ?? id));
  const filter = new URLSearchParams({ filter: `on eq "${view.stored.id}"` }).toString();
  return (
    <Panel id="timeline" title={translate('console.user.timeline')}>
      {entries.length === 0 && <p class="quiet">{translate('console.user.timeline.none')}</p>}
      <ol class="timeline">
        {entries.map((entry) => (
          <li>
            <time datetime={entry.at.toISOString()}>{moment(entry.at)}</time>
            <span class="long">
              <strong>{actionText(page, entry.action)}</strong> {entry.changed.map(shortName).join(', ')} <span class="quiet"><bdi>{by(entry)}</bdi></span>
              {entry.refused !== undefined && <span class="beneath" lang="en">{entry.refused}</span>}
            </span>
          </li>
        ))}
      </ol>
      {rights.has('audit.read') && <p><a href={`${base}/console/audit?${filter}`}>{translate('console.user.timeline.more')}</a></p>}
    </Panel>
  );
}
