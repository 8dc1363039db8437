/** `/console/groups`: the list, one group with its members and rights (J6), and what all groups give, for printing (S12). */
import type { FastifyInstance } from 'fastify';
import { listGroups, membersOf, rightsOfGroups, viewGroup, type GroupDetail } from '../../accounts/group-view.ts';
import { ScimError } from '../../errors.ts';
import type { Context } from '../../resources/context.ts';
import { make, newId } from '../../resources/create.ts';
import { patch } from '../../resources/patch.ts';
import { remove } from '../../resources/remove.ts';
import { isRight, RIGHTS } from '../../rights.ts';
import type { JsonObject } from '../../scim/json.ts';
import { Tolerances } from '../../scim/tolerances.ts';
import { MESSAGE, RIGHTS_EXTENSION, SCHEMA } from '../../scim/urns.ts';
import { groupType } from '../../store/memberships.ts';
import { pathParameter } from '../api/calls.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { form, type Given, type Saved } from './forms.ts';
import { groupMembers } from './group-members.ts';
import { groupScreen, groupsScreen, rightsScreen } from './views/groups.tsx';
import { deleteGroupScreen, editGroupScreen } from './views/group-edit.tsx';
import { screen, type Visit } from './visit.ts';

const PAGE = 50;
const MEMBERS = 50;
export const groupIn = ({ request }: Visit) => pathParameter(request, 'id');
export const pathOfGroup = (id: string) => `/console/groups/${encodeURIComponent(id)}`;

export function groupScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/groups', screen(parts, 'groups', async ({ request, reply, context, page }) => {
    const [search, cursor] = [queryOf(request, 'search') ?? '', queryOf(request, 'cursor')];
    return sendPage(reply, groupsScreen({ page, search, found: await listGroups(context, search, { count: PAGE, cursor }), isFirst: cursor === undefined }));
  }));
  app.get('/console/groups/rights', screen(parts, 'groups', async ({ reply, context, page }) => sendPage(reply, rightsScreen({ page, groups: await rightsOfGroups(context) }))));

  form(app, parts, 'groups', '/console/groups/new', {
    find: () => Promise.resolve(undefined),
    show: ({ page }, _nothing, given) => editGroupScreen({ page, given, group: undefined }),
    save: addGroup,
  });
  app.get('/console/groups/:id', screen(parts, 'groups', async (visit) => {
    const { request, reply, context, page } = visit;
    const group = await viewGroup(context, groupIn(visit));
    const after = queryOf(request, 'after');
    return sendPage(reply, groupScreen({ page, group, members: await membersOf(context, group.stored, { count: MEMBERS, after }), isFirst: after === undefined }));
  }));
  form(app, parts, 'groups', '/console/groups/:id/edit', {
    find: (visit) => viewGroup(visit.context, groupIn(visit)),
    show: ({ page }, group, given) => editGroupScreen({ page, given, group }),
    save: saveGroup,
  });
  form(app, parts, 'groups', '/console/groups/:id/delete', {
    find: (visit) => viewGroup(visit.context, groupIn(visit)),
    show: ({ page }, group, given) => deleteGroupScreen({ page, given, group }),
    save: async ({ context }, { id, name }) => {
      await remove(context, groupType(context.scope), id, 'any');
      return { to: '/console/groups', done: 'deleted', about: name };
    },
  });
  groupMembers(app, parts);
}

/** Two groups of one name could not be told apart here, whatever a strict client may do. */
const naming = ({ context }: Visit): Context => ({ ...context, tolerances: new Tolerances(['uniqueGroupNames']) });

const nameTyped = (given: Given) => given.value('displayName').trim();

async function addGroup(visit: Visit, _nothing: undefined, given: Given): Promise<Saved> {
  const context = naming(visit);
  if (nameTyped(given) === '') return { problems: [{ field: 'displayName', text: visit.page.translate('console.fault.required') }] };
  const id = newId();
  const { rights, isUserGroup } = chosenIn(given);
  const extension = { ...(rights.length > 0 ? { rights } : {}), ...(isUserGroup ? { userGroup: true } : {}) };
  return notTaken(visit, async () => {
    const body = { schemas: [SCHEMA.group], displayName: nameTyped(given), ...(Object.keys(extension).length > 0 && mayGrant(visit) ? { [RIGHTS_EXTENSION]: extension } : {}) };
    await context.report.watch({ action: 'create', type: 'Group' }, make(context, groupType(context.scope), id, body));
    return { to: pathOfGroup(id), done: 'created', about: nameTyped(given) };
  });
}

async function saveGroup(visit: Visit, group: GroupDetail, given: Given): Promise<Saved> {
  const context = naming(visit);
  if (nameTyped(given) === '') return { problems: [{ field: 'displayName', text: visit.page.translate('console.fault.required') }] };
  const operations = [{ op: 'replace', path: 'displayName', value: nameTyped(given) }, ...(mayGrant(visit) ? rightsOperations(group, given) : [])];
  return notTaken(visit, async () => {
    await patch(context, groupType(context.scope), group.id, { schemas: [MESSAGE.patchOp], Operations: operations }, 'any');
    return { to: pathOfGroup(group.id), done: 'saved', about: nameTyped(given) };
  });
}

/** Who may not give rights does not see the boxes: what is not sent is then no wish. */
const mayGrant = ({ rights }: Visit) => rights.has('admin.grant');
const chosenIn = (given: Given) => ({ rights: RIGHTS.filter((right) => given.all('right').some((one) => isRight(one) && one === right)), isUserGroup: given.ticked('userGroup') });

function rightsOperations(group: GroupDetail, given: Given): readonly JsonObject[] {
  const { rights, isUserGroup } = chosenIn(given);
  const path = (name: string) => `${RIGHTS_EXTENSION}:${name}`;
  const isSame = rights.length === group.rights.length && rights.every((right) => group.rights.includes(right));
  return [
    ...(isSame ? [] : [rights.length === 0 ? { op: 'remove', path: path('rights') } : { op: 'replace', path: path('rights'), value: rights }]),
    ...(isUserGroup === group.isUserGroup ? [] : [{ op: 'replace', path: path('userGroup'), value: isUserGroup }]),
  ];
}

async function notTaken({ page }: Visit, save: () => Promise<Saved>): Promise<Saved> {
  try {
    return await save();
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'uniqueness') return { problems: [{ field: 'displayName', text: page.translate('console.groups.taken') }] };
    throw error;
  }
}
