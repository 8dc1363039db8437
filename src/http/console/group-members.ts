/** Who joins a group and who leaves it: whoever lets somebody gain or lose a right needs `admin.grant`, which the use case asks. */
import type { FastifyInstance } from 'fastify';
import { memberOf, viewGroup, type GroupDetail } from '../../accounts/group-view.ts';
import { LISTED } from '../../accounts/people-query.ts';
import { listPeople } from '../../accounts/people.ts';
import { viewPerson } from '../../accounts/person-view.ts';
import { patch } from '../../resources/patch.ts';
import type { JsonObject } from '../../scim/json.ts';
import { MESSAGE } from '../../scim/urns.ts';
import { groupType } from '../../store/memberships.ts';
import { pathParameter } from '../api/calls.ts';
import { queryOf, type PageParts } from '../pages/frame.ts';
import { form } from './forms.ts';
import { groupIn, pathOfGroup } from './groups.ts';
import { addMemberScreen, removeMemberScreen } from './views/group-edit.tsx';
import type { Visit } from './visit.ts';

const FOUND = 20;

export function groupMembers(app: FastifyInstance, parts: PageParts): void {
  form(app, parts, 'groups', '/console/groups/:id/add', {
    find: (visit) => viewGroup(visit.context, groupIn(visit)),
    show: async ({ page, context, request }, group, given) => {
      const search = queryOf(request, 'search') ?? '';
      const found = search.trim() === '' ? undefined : await listPeople(context, { populations: LISTED, search }, { count: FOUND });
      return addMemberScreen({ page, group, given, search, found });
    },
    save: async (visit, group, given) => {
      const { stored, name } = await viewPerson(visit.context, given.value('person'));
      await change(visit, group, { op: 'add', path: 'members', value: [{ value: stored.id }] });
      return { to: pathOfGroup(group.id), done: 'joined', about: name };
    },
  });
  form(app, parts, 'groups', '/console/groups/:id/members/:member/remove', {
    find: async (visit) => {
      const group = await viewGroup(visit.context, groupIn(visit));
      return { group, member: await memberOf(visit.context, group.stored, pathParameter(visit.request, 'member')) };
    },
    show: ({ page }, subject, given) => removeMemberScreen({ page, given, ...subject }),
    save: async (visit, { group, member }) => {
      await change(visit, group, { op: 'remove', path: `members[value eq ${JSON.stringify(member.id)}]` });
      return { to: pathOfGroup(group.id), done: 'removed', about: member.name };
    },
  });
}

const change = ({ context }: Visit, { id }: GroupDetail, operation: JsonObject): Promise<void> => patch(context, groupType(context.scope), id, { schemas: [MESSAGE.patchOp], Operations: [operation] }, 'any');
