/** The list of groups, one of them, and the overview of rights that can be printed (S12). */
import type { JSX } from '#jsx/jsx-runtime';
import type { GroupDetail, GroupPage, GroupRow, MemberPage } from '../../../accounts/group-view.ts';
import type { Right } from '../../../rights.ts';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Nothing, Pager, Panel } from './parts.tsx';
import { SearchBox } from './search-box.tsx';
import { renderScreen } from './shell.tsx';

const LIST = '/console/groups';
export const pathOf = ({ base }: ConsoleFrame, { id }: { readonly id: string }) => `${base}${LIST}/${encodeURIComponent(id)}`;
export const crumbTo = (page: ConsoleFrame) => ({ address: page.base + LIST, text: page.translate('console.menu.groups') });

/** A right in words, and what whoever has it can do. */
export function rightInWords({ translate }: ConsoleFrame, right: Right): { readonly name: string; readonly text: string } {
  const word = ({ 'users.manage': 'users', 'externalUsers.manage': 'external', 'portalUsers.manage': 'portal', 'admin.grant': 'grant', 'audit.read': 'audit', 'clients.manage': 'clients' } as const)[right];
  return { name: translate(`console.right.${word}`), text: translate(`console.right.${word}.text`) };
}
const inWords = (page: ConsoleFrame, rights: readonly Right[]) => rights.map((right) => rightInWords(page, right).name).join('; ');

export interface GroupsProps {
  readonly page: ConsoleFrame;
  readonly search: string;
  readonly found: GroupPage;
  readonly isFirst: boolean;
}

export function groupsScreen({ page, search, found, isFirst }: GroupsProps): string {
  const { translate, base } = page;
  const address = (parameters: Readonly<Record<string, string>>) => `${base}${LIST}${search === '' && Object.keys(parameters).length === 0 ? '' : `?${new URLSearchParams({ ...(search === '' ? {} : { search }), ...parameters }).toString()}`}`;
  return renderScreen({
    page, title: translate('console.menu.groups'), lead: translate('console.groups.lead'),
    actions: (
      <>
        <a class="secondary" href={`${base}${LIST}/rights`}>{translate('console.groups.rights')}</a>
        <a class="primary" href={`${base}${LIST}/new`}>{translate('console.groups.add')}</a>
      </>
    ),
    children: (
      <>
        <SearchBox page={page} action={base + LIST} label={translate('console.groups.search')} value={search} />
        {found.groups.length === 0
          ? <Empty title={translate('console.groups.empty')}><p>{translate('console.groups.empty.text')}</p></Empty>
          : <GroupTable page={page} groups={found.groups} />}
        <Pager page={page} first={isFirst ? undefined : address({})} next={found.cursor === undefined ? undefined : address({ cursor: found.cursor })}>
          <span>{translate('console.groups.found', { count: found.total })}</span>
        </Pager>
      </>
    ),
  });
}

function GroupTable({ page, groups }: { readonly page: ConsoleFrame; readonly groups: readonly GroupRow[] }): JSX.Element {
  const { translate, number } = page;
  return (
    <div class="table-room">
      <table>
        <thead>
          <tr>
            <th scope="col">{translate('console.groups.name')}</th>
            <th scope="col" class="amount">{translate('console.groups.members')}</th>
            <th scope="col">{translate('console.groups.rightsOf')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr>
              <th scope="row"><a class="main-link" href={pathOf(page, group)}><bdi>{group.name}</bdi></a> {group.isUserGroup && <UserGroup page={page} />}</th>
              <td class="amount">{number(group.members)}</td>
              <td>{group.rights.length === 0 ? <Nothing page={page} /> : inWords(page, group.rights)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const UserGroup = ({ page }: { readonly page: ConsoleFrame }): JSX.Element => <span class="chip">{page.translate('console.user.groups.userGroup')}</span>;

export interface GroupProps {
  readonly page: ConsoleFrame;
  readonly group: GroupDetail;
  readonly members: MemberPage;
  readonly isFirst: boolean;
}

export function groupScreen({ page, group, members, isFirst }: GroupProps): string {
  const { translate, number } = page;
  const own = pathOf(page, group);
  return renderScreen({
    page, title: group.name, crumbs: [crumbTo(page)],
    lead: <>{group.isUserGroup && <UserGroup page={page} />} {translate('console.groups.count', { count: group.members })}</>,
    actions: <a class="secondary" href={`${own}/edit`}>{page.word('edit')}</a>,
    children: (
      <div class="sides">
        <div>
          <Panel id="members" title={translate('console.groups.members')} actions={<a class="secondary" href={`${own}/add`}>{translate('console.groups.member.add')}</a>}>
            {members.members.length === 0 ? <p class="quiet">{translate('console.groups.members.none')}</p> : <Members page={page} group={group} members={members} />}
          </Panel>
          {group.members > 0 && <Pager page={page} first={isFirst ? undefined : own} next={members.next === undefined ? undefined : `${own}?${new URLSearchParams({ after: members.next }).toString()}`}>
            <span>{translate('console.groups.shown', { count: members.members.length, all: number(group.members) })}</span>
          </Pager>}
        </div>
        <div>
          <Panel id="rights" title={translate('console.groups.rightsOf')}>
            <RightList page={page} rights={group.rights} />
            {group.inherited.length > 0 && <><p>{translate('console.groups.inherited')}</p><RightList page={page} rights={group.inherited} /></>}
            {!page.rights.has('admin.grant') && <p class="quiet">{translate('console.groups.rights.readOnly')}</p>}
          </Panel>
          {!group.isAdministrators && <Panel id="acts" title={translate('console.groups.more')}><ul class="acts"><li><a class="secondary" href={`${own}/delete`}>{translate('console.groups.delete')}</a></li></ul></Panel>}
        </div>
      </div>
    ),
  });
}

function Members({ page, group, members }: Pick<GroupProps, 'page' | 'group' | 'members'>): JSX.Element {
  const { translate, base } = page;
  return (
    <div class="table-room">
      <table>
        <thead><tr><th scope="col">{translate('console.users.name')}</th><th scope="col"><span class="unseen">{translate('console.groups.more')}</span></th></tr></thead>
        <tbody>
          {members.members.map(({ id, name, address, isGroup }) => (
            <tr>
              <th scope="row">
                <a class="main-link" href={isGroup ? pathOf(page, { id }) : `${base}/console/users/${encodeURIComponent(id)}`}><bdi>{name}</bdi></a> {isGroup && <span class="chip">{translate('console.groups.group')}</span>}
                {address !== undefined && <span class="beneath"><bdi>{address}</bdi></span>}
              </th>
              <td class="amount"><a class="secondary" href={`${pathOf(page, group)}/members/${encodeURIComponent(id)}/remove`}>{translate('console.groups.member.remove')}<span class="unseen"> {name}</span></a></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Each right with what it means. */
const RightList = ({ page, rights }: { readonly page: ConsoleFrame; readonly rights: readonly Right[] }): JSX.Element => (
  rights.length === 0
    ? <p class="quiet">{page.translate('console.groups.rights.none')}</p>
    : <ul class="plain">{rights.map((right) => <li><strong>{rightInWords(page, right).name}</strong><span class="beneath">{rightInWords(page, right).text}</span></li>)}</ul>
);

/** S12: "vraag de documentatie op via je contactpersoon". */
export function rightsScreen({ page, groups }: { readonly page: ConsoleFrame; readonly groups: readonly GroupDetail[] }): string {
  const { translate, contact, organisation, number } = page;
  return renderScreen({
    page, title: translate('console.groups.rights'), crumbs: [crumbTo(page)], lead: translate('console.groups.rights.lead', { organisation }),
    actions: <button type="button" hidden data-print>{translate('console.groups.print')}</button>,
    children: (
      <>
        <p class="advice">{contact === '' ? translate('console.groups.contact.none') : translate('console.groups.contact', { contact })}</p>
        {groups.length === 0
          ? <Empty title={translate('console.groups.rights.empty')} />
          : (
            <div class="table-room">
              <table>
                <thead>
                  <tr><th scope="col">{translate('console.groups.name')}</th><th scope="col" class="amount">{translate('console.groups.members')}</th><th scope="col">{translate('console.groups.rightsOf')}</th></tr>
                </thead>
                <tbody>
                  {groups.map((group) => (
                    <tr>
                      <th scope="row"><a class="main-link" href={pathOf(page, group)}><bdi>{group.name}</bdi></a> {group.isUserGroup && <UserGroup page={page} />}</th>
                      <td class="amount">{number(group.members)}</td>
                      <td><RightList page={page} rights={[...group.rights, ...group.inherited]} /></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        <p class="beneath-table">{translate('console.groups.rights.others')}</p>
      </>
    ),
  });
}
