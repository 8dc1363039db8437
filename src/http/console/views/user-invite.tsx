/** The mail that makes an account, or makes it once more: S3, S5. */
import type { GroupChoice, PersonView } from '../../../accounts/person-view.ts';
import type { Draft } from '../../../mail/invitation.ts';
import type { Content } from '../../../mail/letter.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { Input, Select, TextArea } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Fact, Facts, Panel } from './parts.tsx';
import { renderScreen } from './shell.tsx';

export interface InviteProps {
  readonly page: ConsoleFrame;
  readonly view: PersonView;
  readonly given: Given;
  readonly name: 'account' | 'again';
  readonly draft: Draft;
  readonly groups: readonly GroupChoice[];
  readonly preview: Content | undefined;
}

/** The placeholders, as they are typed. */
export const AS_WRITTEN = { name: '{{name}}', organisation: '{{organisation}}', link: '{{link}}', until: '{{until}}' };

export function inviteScreen({ page, view, given, name, draft, groups, preview }: InviteProps): string {
  const { translate, word, base } = page;
  const { stored: { id }, address } = view;
  const own = `${base}/console/users/${encodeURIComponent(id)}`;
  return renderScreen({
    page, title: translate(`console.user.${name}.title`, { name: view.name }), errors: given.problems, fault: given.fault,
    crumbs: [{ address: `${base}/console/users`, text: translate('console.menu.users') }, { address: own, text: view.name }],
    children: (
      <div class="sides">
        <Form page={page} action={`${own}/${name}`}>
          <Facts><Fact page={page} term={translate('console.user.account.to')}>{address}</Fact></Facts>
          {name === 'again' && <p class="advice">{translate('console.user.again.text')}</p>}
          {name === 'account' && (groups.length > 0
            ? <Select name="group" label={translate('console.user.account.group')} hint={translate('console.user.account.group.hint')} none={translate('console.user.account.group.choose')} value={given.value('group', groups.length === 1 ? groups[0]?.id : '')} choices={groups.map((group) => ({ value: group.id, text: group.name }))} error={given.problem('group')} required />
            : <Input name="newGroup" label={translate('console.user.account.group')} hint={translate('console.user.account.group.none')} value={given.value('newGroup', translate('console.user.account.group.first'))} error={given.problem('group')} required />)}
          <Input name="subject" label={translate('console.user.account.subject')} value={draft.subject} error={given.problem('subject')} />
          <TextArea name="text" label={translate('console.user.account.text')} hint={translate('console.user.account.placeholders', AS_WRITTEN)} value={draft.text} rows={12} error={given.problem('text')} />
          <div class="buttons">
            <button type="submit" class="primary">{word('invite')}</button>
            <button type="submit" name="preview" value="on" formnovalidate>{translate('console.user.account.preview')}</button>
            <a class="secondary" href={own}>{translate('console.cancel')}</a>
          </div>
        </Form>
        {preview && (
          <div>
            <Panel id="preview" title={translate('console.user.account.preview')}>
              <p lang={preview.language}><strong>{preview.subject}</strong></p>
              <p class="preview" lang={preview.language}>{preview.text}</p>
            </Panel>
          </div>
        )}
      </div>
    ),
  });
}
