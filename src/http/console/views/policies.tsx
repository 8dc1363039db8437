/** Policies, a panel for each group, and the form of one group. */
import type { JSX } from '#jsx/jsx-runtime';
import type { PolicyEffects } from '../../../accounts/policy-effects.ts';
import { POLICY, type Policy } from '../../../policy.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { stampOf } from '../setting-fields.ts';
import { Buttons } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Facts, Panel, Warning } from './parts.tsx';
import { SettingFact, SettingField } from './setting-fields.tsx';
import { renderScreen } from './shell.tsx';
import { AS_WRITTEN } from './user-invite.tsx';

type Name = keyof typeof POLICY;

export const POLICY_GROUPS = {
  appearance: ['displayName', 'color', 'contact', 'language', 'languages', 'timeZone', 'vocabulary', 'infixSorting'],
  passwords: ['passwordLength', 'syncedPasswordLength', 'passwordClasses', 'passwordWords', 'passwordHistory', 'passwordDays', 'renewalReminders'],
  signIn: ['lockoutAttempts', 'resetUnlocks', 'applications', 'refreshIdleMinutes', 'refreshHours'],
  invitations: ['invitationSubjects', 'invitationTexts', 'invitationHours', 'recoveryMinutes', 'confirmAddress', 'addressUnique'],
  leaving: ['leaveDay', 'leaveNoticeDays', 'hiddenDays'],
  keeping: ['auditDays', 'provisioningLogDays', 'provisioningLogEntries', 'importDays'],
} as const satisfies Readonly<Record<string, readonly Name[]>>;
export type PolicyGroup = keyof typeof POLICY_GROUPS;
export const GROUP_NAMES = ['appearance', 'passwords', 'signIn', 'invitations', 'leaving', 'keeping'] as const satisfies readonly PolicyGroup[];

export function policiesScreen({ page, policy }: { readonly page: ConsoleFrame; readonly policy: Policy }): string {
  const { translate, base } = page;
  return renderScreen({
    page, title: translate('console.menu.policies'), lead: translate('console.policies.lead'),
    children: (
      <div class="panels">
        {GROUP_NAMES.map((group) => {
          const title = translate(`console.policies.group.${group}`);
          return (
            <Panel id={group} title={title} actions={<a class="secondary" href={`${base}/console/policies/${group}`} aria-label={translate('console.policies.change.of', { group: title })}>{translate('console.policies.change')}</a>}>
              <Facts>{POLICY_GROUPS[group].map((name) => <SettingFact page={page} kind={POLICY[name]} label={translate(`console.policy.${name}`)} value={policy[name]} />)}</Facts>
            </Panel>
          );
        })}
      </div>
    ),
  });
}

export interface PolicyProps {
  readonly page: ConsoleFrame;
  readonly group: PolicyGroup;
  readonly policy: Policy;
  readonly given: Given;
  /** What the change would do, where there is one. */
  readonly effects: PolicyEffects | undefined;
  /** The change that was looked at: goes with the form, so that the next one saves it. */
  readonly agreed: string | undefined;
}

export function policyScreen({ page, group, policy, given, effects, agreed }: PolicyProps): string {
  const { translate, base, word } = page;
  const list = `${base}/console/policies`;
  return renderScreen({
    page, title: translate(`console.policies.group.${group}`), crumbs: [{ address: list, text: translate('console.menu.policies') }], errors: given.problems, fault: given.fault,
    children: (
      <>
        {effects && given.fault === undefined && <Effects page={page} effects={effects} />}
        <Form page={page} action={`${list}/${group}`} class="narrow" hidden={{ seen: stampOf(policy), agreed }}>
          {group === 'invitations' && <p class="advice">{translate('console.user.account.placeholders', AS_WRITTEN)}</p>}
          {POLICY_GROUPS[group].map((name) => <SettingField page={page} name={name} kind={POLICY[name]} label={translate(`console.policy.${name}`)} value={policy[name]} given={given} />)}
          {hasDryRun(group) && <button type="submit" name="preview" value="on">{translate('console.policies.dryRun')}</button>}
          <Buttons page={page} save={word('save')} cancel={list} />
        </Form>
      </>
    ),
  });
}

/** Where a stricter rule touches people at once, or what is kept. */
const hasDryRun = (group: PolicyGroup) => group === 'passwords' || group === 'signIn' || group === 'leaving' || group === 'keeping';

const EFFECTS = ['expire', 'expireSoon', 'locked', 'leave', 'erase', 'forget'] as const satisfies readonly (keyof PolicyEffects)[];

function Effects({ page: { translate }, effects }: { readonly page: ConsoleFrame; readonly effects: PolicyEffects }): JSX.Element {
  const told = EFFECTS.filter((name) => effects[name] > 0);
  return (
    <Warning>
      <h2 id="effects">{translate('console.policies.dryRun.title')}</h2>
      {told.length === 0 && <p>{translate('console.policies.dryRun.nothing')}</p>}
      {told.map((name) => <p>{translate(`console.policies.dryRun.${name}`, { count: effects[name] })}</p>)}
    </Warning>
  );
}
