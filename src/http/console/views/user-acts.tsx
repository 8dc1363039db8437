/** The questions before something is done with a user: each on a page of its own; where it ends something, the way back has the focus. */
import type { Child } from '#jsx/jsx-runtime';
import type { GroupChoice, PersonView } from '../../../accounts/person-view.ts';
import type { Reactivation } from '../../../accounts/reactivation.ts';
import { Form } from '../../pages/views/form.tsx';
import { RuleList, type PasswordRule } from '../../pages/views/password-rules.tsx';
import type { Given } from '../forms.ts';
import { ComesBack } from './comes-back.tsx';
import { Buttons, Check, Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Fact, Facts, Panel, Warning } from './parts.tsx';
import { renderScreen } from './shell.tsx';

interface ActProps {
  readonly page: ConsoleFrame;
  readonly view: PersonView;
  readonly given: Given;
}

const ownOf = ({ page: { base }, view }: ActProps) => `${base}/console/users/${encodeURIComponent(view.stored.id)}`;

function render(props: ActProps, title: string, children: Child, given: Pick<Given, 'problems' | 'fault'> = props.given): string {
  const { page, view } = props;
  const crumbs = [{ address: `${page.base}/console/users`, text: page.translate('console.menu.users') }, { address: ownOf(props), text: view.name }];
  return renderScreen({ page, title, crumbs, errors: given.problems, fault: given.fault, children });
}

/** S11: "Weet je zeker dat je het account wil deactiveren?" */
export function confirmScreen(props: ActProps & { readonly name: 'withdraw' | 'deactivate' | 'second-factor' }): string {
  const { page, view, name } = props;
  const { translate } = page;
  const [title, text] = {
    withdraw: [translate('console.user.withdraw'), translate('console.user.withdraw.text')],
    deactivate: [translate('console.user.deactivate.question'), translate('console.user.deactivate.text')],
    'second-factor': [translate('console.user.resetSecondFactor'), translate('console.user.resetSecondFactor.text')],
  }[name];
  return render(props, title ?? '', (
    <Form page={page} action={`${ownOf(props)}/${name}`} class="narrow">
      <Facts><Fact page={page} term={translate('console.users.name')}>{view.name}</Fact><Fact page={page} term={translate('console.user.email')}>{view.address}</Fact></Facts>
      <p class="advice">{text}</p>
      <Buttons page={page} save={translate('console.user.ok')} cancel={ownOf(props)} danger />
    </Form>
  ));
}

/** S9. */
export function groupScreen(props: ActProps & { readonly groups: readonly GroupChoice[] }): string {
  const { page, view, given, groups } = props;
  const { translate, word } = page;
  const current = view.groups.find(({ direct, isUserGroup }) => direct && isUserGroup)?.id ?? '';
  return render(props, translate('console.user.groups.move'), (
    <Form page={page} action={`${ownOf(props)}/group`} class="narrow">
      <Select name="group" label={translate('console.user.account.group')} hint={translate('console.user.account.group.hint')} none={translate('console.user.account.group.choose')} value={given.value('group', current)} choices={groups.map(({ id, name }) => ({ value: id, text: name }))} error={given.problem('group')} required />
      <Buttons page={page} save={word('save')} cancel={ownOf(props)} />
    </Form>
  ));
}

/** J8: warned before saving that nobody tells the user. */
export function passwordScreen(props: ActProps & { readonly rules: readonly PasswordRule[] }): string {
  const { page, view, given, rules } = props;
  const { translate } = page;
  const broken = given.problems.filter(({ text }) => rules.some(({ key }) => key === text)).map(({ text }) => text);
  const names = rules.filter(({ key }) => broken.includes(key)).map(({ text }) => text).join('; ');
  const problem = broken.length > 0 ? translate('console.user.rules', { rules: names }) : given.problem('password');
  return render(props, translate('console.user.setPassword.title', { name: view.name }), (
    <Form page={page} action={`${ownOf(props)}/password`} class="narrow">
      <Warning><p>{translate('console.user.setPassword.warning')}</p></Warning>
      {view.status === 'locked' && <p class="advice">{translate('console.user.setPassword.locked')}</p>}
      <Input name="password" type="password" label={translate('console.user.setPassword.field')} autocomplete="new-password" error={problem} required />
      <RuleList page={page} id="rules" field="password" rules={rules} broken={broken} />
      <Check name="mustChange" label={translate('console.user.setPassword.mustChange')} checked={given.ticked('mustChange')} />
      <Buttons page={page} save={page.word('savePassword')} cancel={ownOf(props)} />
    </Form>
  ), { fault: given.fault, problems: problem === undefined ? [] : [{ field: 'password', text: problem }] });
}

/** S10. */
export function addressScreen(props: ActProps): string {
  const { page, view, given } = props;
  const { translate } = page;
  return render(props, translate('console.user.changeEmail.title', { name: view.name }), (
    <Form page={page} action={`${ownOf(props)}/email`} class="narrow">
      <Facts><Fact page={page} term={translate('console.user.email')}>{view.address}</Fact></Facts>
      {view.status === 'active' && <p class="advice">{translate('console.user.changeEmail.text')}</p>}
      <Input name="email" type="email" label={translate('console.user.changeEmail.field')} value={given.value('email')} error={given.problem('email')} required />
      <Buttons page={page} save={translate('console.user.ok')} cancel={ownOf(props)} />
    </Form>
  ));
}

/** J10: what comes back is shown before it does. */
export function reactivateScreen(props: ActProps & { readonly back: Reactivation }): string {
  const { page, view, given, back } = props;
  const { translate } = page;
  return render(props, translate('console.user.reactivate.title', { name: view.name }), (
    <Form page={page} action={`${ownOf(props)}/reactivate`} class="narrow">
      <p>{translate('console.user.reactivate.text')}</p>
      <ComesBack page={page} back={back} />
      {back.leaveDate !== undefined && <p class="advice">{translate('console.user.reactivate.leaveDate')}</p>}
      {back.needsInvitation && <p class="advice">{translate('console.user.reactivate.invited')}</p>}
      {back.locked && (
        <>
          <p class="advice">{translate('console.user.reactivate.locked')}</p>
          <Check name="unlock" label={translate('console.user.reactivate.unlock')} checked={given.ticked('unlock')} />
        </>
      )}
      <Buttons page={page} save={translate('console.user.reactivate')} cancel={ownOf(props)} />
    </Form>
  ));
}

/** J10 and J11: leaving on a day, with everything kept; or gone for good, only after its tick. */
export function deleteScreen(props: ActProps): string {
  const { page, view, given } = props;
  const { translate } = page;
  const { dates } = view.facts;
  const action = `${ownOf(props)}/delete`;
  return render(props, translate('console.user.delete.title', { name: view.name }), (
    <div class="panels narrow-form">
      <Panel id="leave" title={translate('console.user.delete.leave')}>
        <p>{translate('console.user.delete.leave.text')}</p>
        <Form page={page} action={action} hidden={{ leave: 'on' }}>
          <Input name="leaveDate" type="date" label={translate('console.user.leaveDate')} value={given.value('leaveDate', dates.leaveDate ?? '')} error={given.problem('leaveDate')} required />
          <Buttons page={page} save={translate('console.user.delete.leave.submit')} cancel={ownOf(props)} />
        </Form>
        {dates.leaveDate !== undefined && <Form page={page} action={action} hidden={{ clear: 'on' }}><button type="submit">{translate('console.user.delete.leave.clear')}</button></Form>}
      </Panel>
      <Panel id="erase" title={translate('console.user.delete.erase')}>
        <Warning><p>{translate('console.user.delete.erase.text')}</p></Warning>
        <Form page={page} action={action} hidden={{ erase: 'on' }}>
          <Check name="understood" label={translate('console.user.delete.erase.tick', { name: view.userName })} checked={given.ticked('understood')} />
          <Buttons page={page} save={translate('console.user.delete')} cancel={ownOf(props)} danger disabledUntil="understood" />
        </Form>
      </Panel>
    </div>
  ));
}
