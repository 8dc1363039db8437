/** The forms of a user's data: S2 and S8, J5. */
import type { JSX } from '#jsx/jsx-runtime';
import { complexAt, textAt } from '../../../accounts/attributes.ts';
import { rolesOf } from '../../../accounts/people.ts';
import type { PersonView } from '../../../accounts/person-view.ts';
import type { Language } from '../../../policy.ts';
import { ACCOUNT_EXTENSION, SCHEMA } from '../../../scim/urns.ts';
import { OWN_NAMES } from '../../pages/views/document.tsx';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
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
  readonly there?: { readonly givenName: string; readonly infix: string; readonly familyName: string };
}

const Names = ({ page: { translate }, given, there = { givenName: '', infix: '', familyName: '' } }: NamesProps): JSX.Element => (
  <div class="columns three">
    <Input name="givenName" label={translate('console.user.givenName')} value={given.value('givenName', there.givenName)} error={given.problem('givenName')} required />
    <Input name="infix" label={translate('console.user.infix')} value={given.value('infix', there.infix)} />
    <Input name="familyName" label={translate('console.user.familyName')} value={given.value('familyName', there.familyName)} error={given.problem('familyName')} required />
  </div>
);

export interface EditUserProps extends NewUserProps {
  readonly view: PersonView;
  readonly languages: readonly Language[];
}

export function editUserScreen({ page, view, given, languages }: EditUserProps): string {
  const { translate, word, base } = page;
  const { stored: { id, attributes }, name, facts } = view;
  const [names, account, enterprise] = [complexAt(attributes, 'name'), complexAt(attributes, ACCOUNT_EXTENSION), complexAt(attributes, SCHEMA.enterpriseUser)];
  const own = `${base}/console/users/${encodeURIComponent(id)}`;
  const text = (field: string, label: string, there: string | undefined, more: { readonly hint?: string; readonly type?: 'date' } = {}) =>
    <Input name={field} label={label} value={given.value(field, there ?? '')} error={given.problem(field)} {...more} />;
  return renderScreen({
    page, title: translate('console.user.edit', { name }), errors: given.problems, fault: given.fault,
    crumbs: [{ address: `${base}/console/users`, text: translate('console.menu.users') }, { address: own, text: name }],
    children: (
      <Form page={page} action={`${own}/edit`}>
        <div class="panels">
          <Panel id="data" title={translate('console.user.data')}>
            <Names page={page} given={given} there={{ givenName: textAt(names, 'givenName') ?? '', infix: textAt(account, 'familyNamePrefix') ?? '', familyName: textAt(names, 'familyName') ?? '' }} />
            <div class="columns">
              {text('displayName', translate('console.user.displayName'), textAt(attributes, 'displayName'))}
              {text('title', translate('console.user.title'), textAt(attributes, 'title'))}
              {text('department', translate('console.user.department'), textAt(enterprise, 'department'))}
              {text('employeeNumber', translate('console.user.employeeNumber'), textAt(enterprise, 'employeeNumber'))}
              <Select name="language" label={translate('console.user.language')} none={translate('console.user.language.usual')} value={given.value('language', textAt(attributes, 'preferredLanguage') ?? '')} choices={choicesOf(languages, textAt(attributes, 'preferredLanguage'))} />
              {text('timeZone', translate('console.user.timeZone'), textAt(attributes, 'timezone'), { hint: translate('console.user.timeZone.hint') })}
              {text('hireDate', translate('console.user.hireDate'), facts.dates.hireDate, { type: 'date' })}
              {text('leaveDate', translate('console.user.leaveDate'), facts.dates.leaveDate, { type: 'date' })}
            </div>
            {text('roles', translate('console.user.roles'), rolesOf(attributes).join(', '), { hint: translate('console.user.roles.hint') })}
            <Check name="twoFactor" label={translate('console.user.twoFactor')} checked={given.ticked('twoFactor', facts.twoFactorRequired)} />
          </Panel>
        </div>
        <Buttons page={page} save={word('save')} cancel={own} />
      </Form>
    ),
  });
}

/** What a provider has written, like "nl-BE", stays on offer: saving must not change it. */
function choicesOf(languages: readonly Language[], there: string | undefined) {
  const own = there !== undefined && !languages.some((language) => language === there) ? [{ value: there, text: there }] : [];
  return [...languages.map((value) => ({ value, text: OWN_NAMES[value] })), ...own];
}
