/** Forms about one contact person: registering (X3), what ends it (X4, X5), and a new contact person. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { Organisation } from '../../../accounts/organisations.ts';
import { Form } from '../../pages/views/form.tsx';
import { RuleList, type PasswordRule } from '../../pages/views/password-rules.tsx';
import type { Subject } from '../external.ts';
import type { Given } from '../forms.ts';
import { crumbsTo } from './directory.tsx';
import { externalPath, Login } from './external.tsx';
import { Buttons, Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Fact, Facts } from './parts.tsx';
import { renderScreen } from './shell.tsx';

interface FormProps {
  readonly page: ConsoleFrame;
  readonly given: Given;
  readonly company: Organisation | undefined;
}
interface SubjectProps extends FormProps, Subject {
  /** Of the list that it was opened in. */
  readonly query: string;
}

function render({ page, given, company }: FormProps, title: string, children: Child, problems = given.problems): string {
  const list = externalPath(page, company);
  const crumbs = [...(company ? crumbsTo({ page, directory: 'companies' }, company) : []), { address: list, text: page.translate('console.menu.external') }];
  return renderScreen({ page, title, crumbs, errors: problems, fault: given.fault, children });
}

/** X3. */
export function registerScreen(props: SubjectProps & { readonly roles: readonly string[]; readonly rules: readonly PasswordRule[] }): string {
  const { page, given, company, person, rules, query } = props;
  const { translate } = page;
  const list = externalPath(page, company);
  const broken = rules.filter(({ key }) => given.problems.some(({ field, text }) => field === 'password' && text === key));
  const problems = given.problems.filter(({ text }) => !rules.some(({ key }) => key === text));
  const all = broken.length === 0 ? problems : [...problems, { field: 'password', text: translate('console.user.rules', { rules: broken.map(({ text }) => text).join('; ') }) }];
  const problem = (name: string) => all.find(({ field }) => field === name)?.text;
  return render(props, translate('console.external.edit', { name: person.name }), (
    <Form page={page} action={`${list}/${encodeURIComponent(person.id)}/edit${query}`} class="narrow">
      <Facts><Fact page={page} term={translate('console.users.status')}><Login page={page} person={person} /></Fact></Facts>
      <Input name="userId" label={translate('console.external.userId')} value={given.value('userId', person.registered ? person.userId : '')} error={problem('userId')} required />
      <Input name="password" type="password" label={translate('console.external.password')} autocomplete="new-password" hint={person.registered ? translate('console.external.password.keep') : undefined} error={problem('password')} required={!person.registered} />
      <RuleList page={page} id="rules" field="password" rules={rules} broken={broken.map(({ key }) => key)} />
      <Role {...props} />
      <LoginChoice {...props} />
      <Buttons page={page} save={page.word('save')} cancel={`${list}${query}`} />
    </Form>
  ), all);
}

/** One of the tenant's list; where it has none, whatever is typed. */
function Role({ page: { translate }, given, person, roles }: SubjectProps & { readonly roles: readonly string[] }): JSX.Element {
  const known = [...new Set([...roles, ...(person.role === undefined ? [] : [person.role])])];
  const value = given.value('role', person.role);
  if (roles.length === 0) return <Input name="role" label={translate('console.external.role')} value={value} />;
  return <Select name="role" label={translate('console.external.role')} none={translate('console.external.role.none')} value={value} choices={known.map((role) => ({ value: role, text: role }))} />;
}

function LoginChoice({ page: { translate }, given, person }: SubjectProps): JSX.Element {
  const chosen = given.value('login', person.registered && !person.loginEnabled ? 'inactive' : 'active');
  const choice = (value: 'active' | 'inactive') => (
    <div class="check">
      <input type="radio" id={`login-${value}`} name="login" value={value} checked={chosen === value} aria-describedby={`login-${value}-hint`} />
      <label for={`login-${value}`}>{translate(`console.external.${value}`)}</label>
      <p class="hint" id={`login-${value}-hint`}>{translate(`console.external.${value}.hint`)}</p>
    </div>
  );
  return <fieldset><legend>{translate('console.external.login')}</legend>{choice('active')}{choice('inactive')}</fieldset>;
}

/** X4 and X5: what each ends is not the same. */
export function endExternalScreen(props: SubjectProps & { readonly act: 'remove' | 'login' }): string {
  const { page, company, person, act, query } = props;
  const { translate } = page;
  const list = externalPath(page, company);
  const name = act === 'remove' ? 'remove' : 'removeLogin';
  return render(props, translate(`console.external.${name}.title`, { name: person.name }), (
    <Form page={page} action={`${list}/${encodeURIComponent(person.id)}/${act}${query}`} class="narrow">
      <Facts>
        <Fact page={page} term={translate('console.external.userId')}>{person.userId}</Fact>
        <Fact page={page} term={translate('console.external.role')}>{person.role}</Fact>
      </Facts>
      <p class="advice">{translate(`console.external.${name}.text`)}</p>
      <Buttons page={page} save={translate(`console.external.${name}`)} cancel={`${list}${query}`} danger />
    </Form>
  ));
}

export function addContactScreen(props: FormProps & { readonly company: Organisation }): string {
  const { page, given, company } = props;
  const { translate } = page;
  const list = externalPath(page, company);
  const input = (name: string, label: string, required: boolean) => <Input name={name} label={label} value={given.value(name)} error={given.problem(name)} required={required} />;
  return render(props, translate('console.external.add'), (
    <Form page={page} action={`${list}/new`} class="narrow">
      <p class="advice">{translate('console.external.add.text')}</p>
      {input('givenName', translate('console.user.givenName'), true)}
      {input('infix', translate('console.user.infix'), false)}
      {input('familyName', translate('console.user.familyName'), true)}
      <Input name="email" type="email" label={translate('console.user.email')} value={given.value('email')} error={given.problem('email')} />
      <Buttons page={page} save={page.word('save')} cancel={list} />
    </Form>
  ));
}
