/** Forms about a group: its name and rights, who joins it, who leaves it, and its end. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { GroupDetail, Member } from '../../../accounts/group-view.ts';
import type { PeoplePage } from '../../../accounts/people.ts';
import { RIGHTS } from '../../../rights.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { Buttons, Check, Input } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { crumbTo, pathOf, rightInWords } from './groups.tsx';
import { Empty, Fact, Facts, Warning } from './parts.tsx';
import { SearchBox } from './search-box.tsx';
import { renderScreen } from './shell.tsx';
import { nameIn } from './users.tsx';

interface FormProps {
  readonly page: ConsoleFrame;
  readonly given: Given;
}
interface GroupForm extends FormProps {
  readonly group: GroupDetail;
}

const render = ({ page, given }: FormProps, title: string, group: GroupDetail | undefined, children: Child) =>
  renderScreen({ page, title, crumbs: [crumbTo(page), ...(group ? [{ address: pathOf(page, group), text: group.name }] : [])], errors: given.problems, fault: given.fault, children });

/** @param group undefined: a new one */
export function editGroupScreen(props: FormProps & { readonly group: GroupDetail | undefined }): string {
  const { page, given, group } = props;
  const { translate, base } = page;
  const cancel = group ? pathOf(page, group) : `${base}/console/groups`;
  return render(props, group ? translate('console.groups.edit', { name: group.name }) : translate('console.groups.add'), group, (
    <Form page={page} action={group ? `${cancel}/edit` : `${cancel}/new`} class="narrow">
      <Input name="displayName" label={translate('console.groups.name')} value={given.value('displayName', group?.name)} error={given.problem('displayName')} required />
      {page.rights.has('admin.grant') ? <RightBoxes {...props} /> : <p class="advice">{translate('console.groups.rights.readOnly')}</p>}
      <Buttons page={page} save={page.word('save')} cancel={cancel} />
    </Form>
  ));
}

function RightBoxes({ page, given, group }: FormProps & { readonly group: GroupDetail | undefined }): JSX.Element {
  const { translate } = page;
  const held = (right: string) => (given.isSent ? given.all('right').includes(right) : (group?.rights.some((one) => one === right) ?? false));
  return (
    <>
      <fieldset class="checks">
        <legend>{translate('console.groups.rightsOf')}</legend>
        <p class="hint">{translate('console.groups.rightsOf.hint')}</p>
        {RIGHTS.map((right) => <Check name="right" value={right} label={rightInWords(page, right).name} hint={rightInWords(page, right).text} checked={held(right)} />)}
      </fieldset>
      <Check name="userGroup" label={translate('console.user.groups.userGroup')} hint={translate('console.groups.userGroup.hint')} checked={given.ticked('userGroup', group?.isUserGroup)} />
    </>
  );
}

export function deleteGroupScreen(props: GroupForm): string {
  const { page, group } = props;
  const { translate, number } = page;
  return render(props, translate('console.groups.delete.title', { name: group.name }), group, (
    <Form page={page} action={`${pathOf(page, group)}/delete`} class="narrow">
      <Warning><p>{translate('console.groups.delete.text')}</p></Warning>
      <Facts>
        <Fact page={page} term={translate('console.groups.members')}>{number(group.members)}</Fact>
        <Fact page={page} term={translate('console.groups.rightsOf')}>{group.rights.map((right) => rightInWords(page, right).name).join('; ')}</Fact>
      </Facts>
      <Buttons page={page} save={translate('console.groups.delete')} cancel={pathOf(page, group)} danger />
    </Form>
  ));
}

export function removeMemberScreen(props: GroupForm & { readonly member: Member }): string {
  const { page, group, member } = props;
  const { translate } = page;
  return render(props, translate('console.groups.member.remove.title', { name: member.name, group: group.name }), group, (
    <Form page={page} action={`${pathOf(page, group)}/members/${encodeURIComponent(member.id)}/remove`} class="narrow">
      <p class="advice">{translate(group.rights.length + group.inherited.length > 0 ? 'console.groups.member.remove.rights' : 'console.groups.member.remove.text')}</p>
      <Buttons page={page} save={translate('console.groups.member.remove')} cancel={pathOf(page, group)} danger />
    </Form>
  ));
}

export function addMemberScreen(props: GroupForm & { readonly search: string; readonly found: PeoplePage | undefined }): string {
  const { page, group, search, found } = props;
  const { translate } = page;
  const own = `${pathOf(page, group)}/add`;
  return render(props, translate('console.groups.member.add.title', { group: group.name }), group, (
    <>
      <SearchBox page={page} action={own} label={translate('console.users.search')} value={search} />
      {found?.people.length === 0 && <Empty title={translate('console.users.empty')} />}
      {found && found.people.length > 0 && (
        <Form page={page} action={`${own}?${new URLSearchParams({ search }).toString()}`}>
          <div class="table-room">
            <table>
              <thead><tr><th scope="col">{translate('console.users.name')}</th><th scope="col"><span class="unseen">{translate('console.groups.more')}</span></th></tr></thead>
              <tbody>
                {found.people.map((person) => (
                  <tr>
                    <th scope="row"><bdi>{nameIn(person)}</bdi><span class="beneath"><bdi>{person.address ?? person.userName}</bdi></span></th>
                    <td class="amount"><button type="submit" name="person" value={person.id}>{translate('console.groups.member.add.one')}<span class="unseen"> {nameIn(person)}</span></button></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Form>
      )}
      {found?.cursor !== undefined && <p class="quiet">{translate('console.groups.member.add.more')}</p>}
    </>
  ));
}
