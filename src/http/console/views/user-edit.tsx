/** The forms of a user's data: S2 and S8, J5. */
import type { JSX } from '#jsx/jsx-runtime';
import type { PersonView } from '../../../accounts/person-view.ts';
import type { Language } from '../../../policy.ts';
import { OWN_NAMES } from '../../pages/views/document.tsx';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { managerOf, thereIn, USER_FIELDS, type UserField } from '../user-fields.ts';
import { Buttons, Check, Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Panel } from './parts.tsx';
import { renderScreen } from './shell.tsx';

export interface NewUserProps {
  readonly page: ConsoleFrame;
  readonly given: Given;
}

export function newUserScreen({ page, given }: NewUserProps): string {
  const { translate, word, base } = page;
  return renderScreen({
    page, title: translate('console.user.add'), errors: given.problems, fault: given.fault,
    crumbs: [{ address: `${base}/console/users`, text: translate('console.menu.users') }],
    children: (
      <Form page={page} action={`${base}/console/users/new`} class="narrow">
        <Names page={page} given={given} />
        <Input name="email" type="email" label={translate('console.user.email')} value={given.value('email')} error={given.problem('email')} required />
        <Buttons page={page} save={word('createUser')} cancel={`${base}/console/users`} />
      </Form>
    ),
  });
}

interface NamesProps extends NewUserProps {
  readonly view?: PersonView;
}

function Names({ page, given, view }: NamesProps): JSX.Element {
  const { translate } = page;
  const field = (name: 'givenName' | 'infix' | 'familyName') => ({ name, value: given.value(name, view ? thereIn(view, name) : ''), error: given.problem(name), hint: view && hintOf(page, managerOf(view, name)) });
  return (
    <div class="columns three">
      <Input label={translate('console.user.givenName')} required {...field('givenName')} />
      <Input label={translate('console.user.infix')} {...field('infix')} />
      <Input label={translate('console.user.familyName')} required {...field('familyName')} />
    </div>
  );
}

/** Who manages a value stands before how it is typed. */
const hintOf = ({ translate }: ConsoleFrame, manager: string | undefined, hint?: string) => [...(manager === undefined ? [] : [translate('console.user.managed', { name: manager })]), ...(hint === undefined ? [] : [hint])].join('. ') || undefined;

export interface EditUserProps extends NewUserProps {
  readonly view: PersonView;
  readonly languages: readonly Language[];
}

export function editUserScreen({ page, view, given, languages }: EditUserProps): string {
  const { translate, word, base } = page;
  const { stored: { id }, name, facts } = view;
  const own = `${base}/console/users/${encodeURIComponent(id)}`;
  const field = (field: UserField, hint?: string) => ({ name: field, value: given.value(field, thereIn(view, field)), error: given.problem(field), hint: hintOf(page, managerOf(view, field), hint) });
  const isManaged = USER_FIELDS.some((field) => managerOf(view, field) !== undefined);
  return renderScreen({
    page, title: translate('console.user.edit', { name }), errors: given.problems, fault: given.fault,
    crumbs: [{ address: `${base}/console/users`, text: translate('console.menu.users') }, { address: own, text: name }],
    children: (
      <Form page={page} action={`${own}/edit`}>
        <div class="panels">
          <Panel id="data" title={translate('console.user.data')}>
            <Names page={page} given={given} view={view} />
            <div class="columns">
              <Input label={translate('console.user.displayName')} {...field('displayName')} />
              <Input label={translate('console.user.title')} {...field('title')} />
              <Input label={translate('console.user.department')} {...field('department')} />
              <Input label={translate('console.user.employeeNumber')} {...field('employeeNumber')} />
              <Select label={translate('console.user.language')} none={translate('console.user.language.usual')} choices={choicesOf(languages, thereIn(view, 'language'))} {...field('language')} />
              <Input label={translate('console.user.timeZone')} {...field('timeZone', translate('console.user.timeZone.hint'))} />
              <Input label={translate('console.user.hireDate')} type="date" {...field('hireDate')} />
              <Input label={translate('console.user.leaveDate')} type="date" {...field('leaveDate')} />
            </div>
            <Input label={translate('console.user.roles')} {...field('roles', translate('console.user.roles.hint'))} />
            <Check name="twoFactor" label={translate('console.user.twoFactor')} checked={given.ticked('twoFactor', facts.twoFactorRequired)} />
            {isManaged && <Check name="override" label={translate('console.user.override')} hint={translate('console.user.override.hint')} checked={given.ticked('override')} />}
          </Panel>
        </div>
        <Buttons page={page} save={word('save')} cancel={own} />
      </Form>
    ),
  });
}

/** What a provider has written, like "nl-BE", stays on offer: saving must not change it. */
function choicesOf(languages: readonly Language[], there: string) {
  const own = there !== '' && !languages.some((language) => language === there) ? [{ value: there, text: there }] : [];
  return [...languages.map((value) => ({ value, text: OWN_NAMES[value] })), ...own];
}
