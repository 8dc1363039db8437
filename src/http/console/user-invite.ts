/** Making an account (S3) and sending the invitation again (S5), edited as it was before: the mail can be edited, and looked at before it goes. */
import { draftOf, invite, inviteAgain } from '../../accounts/invitation.ts';
import { letterhead } from '../../accounts/mails.ts';
import { userGroups, type PersonView } from '../../accounts/person-view.ts';
import { make, newId } from '../../resources/create.ts';
import type { Context } from '../../resources/context.ts';
import { RIGHTS_EXTENSION, SCHEMA } from '../../scim/urns.ts';
import { groupType } from '../../store/memberships.ts';
import { checkPlaceholders, previewInvitation, type Draft } from '../../mail/invitation.ts';
import type { Content } from '../../mail/letter.ts';
import type { Given, Problem, Saved } from './forms.ts';
import { pathOf } from './user.ts';
import { inviteScreen } from './views/user-invite.tsx';
import type { Visit } from './visit.ts';

type Act = (name: string, show: (visit: Visit, view: PersonView, given: Given) => string | Promise<string>, save: (visit: Visit, view: PersonView, given: Given) => Promise<Saved>) => void;

export function invitationActs(act: Act): void {
  for (const name of ['account', 'again'] as const) {
    act(name, async ({ page, context }, view, given) => {
      const draft = await typedIn(context, view, given);
      const groups = name === 'account' ? await userGroups(context) : [];
      return inviteScreen({ page, view, given, name, draft, groups, preview: given.ticked('preview') && problemsOf(page, draft).length === 0 ? previewOf(context, view, draft) : undefined });
    }, (visit, view, given) => save(visit, view, given, name));
  }
}

async function save({ context, page }: Visit, view: PersonView, given: Given, name: 'account' | 'again'): Promise<Saved> {
  const { stored: { id }, name: about } = view;
  const draft = await typedIn(context, view, given);
  const isNew = name === 'account';
  const noGroup = isNew && !given.ticked('preview') && given.value('group') === '' && given.value('newGroup').trim() === '' ? [{ field: 'group', text: page.translate('console.fault.required') }] : [];
  const problems = [...noGroup, ...problemsOf(page, draft)];
  if (problems.length > 0) return { problems };
  if (given.ticked('preview')) return 'again';
  if (isNew) await invite(context, id, { group: given.value('group') || (await newUserGroup(context, given.value('newGroup').trim())), ...draft });
  else await inviteAgain(context, id, draft);
  return { to: pathOf(id), done: isNew ? 'invited' : 'invitedAgain', about };
}

/** The first one is made on the way: without one nobody could be invited. */
async function newUserGroup(context: Context, displayName: string): Promise<string> {
  const id = newId();
  await make(context, groupType(context.scope), id, { schemas: [SCHEMA.group, RIGHTS_EXTENSION], displayName, [RIGHTS_EXTENSION]: { userGroup: true } });
  return id;
}

function typedIn(context: Context, { stored: { id, attributes } }: PersonView, given: Given): Promise<Draft> {
  // Browsers send the ends of lines as two characters.
  return draftOf(context, id, attributes, given.isSent ? { subject: given.value('subject'), text: given.value('text').replaceAll('\r\n', '\n') } : {});
}

function problemsOf({ translate }: Visit['page'], draft: Draft): readonly Problem[] {
  return (['subject', 'text'] as const).flatMap((field) => {
    const faults = checkPlaceholders(draft[field], field);
    return faults ? [{ field, text: translate('console.user.account.wrongPlaceholder', { which: [...faults.unknown, ...faults.missing].join(', ') }) }] : [];
  });
}

function previewOf(context: Context, { stored: { attributes }, name }: PersonView, draft: Draft): Content {
  const until = new Date(context.now().getTime() + context.tenant.policy.invitationHours * 3_600_000);
  return previewInvitation(letterhead(context, attributes), draft, { name, until });
}
