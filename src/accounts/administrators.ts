/** Administrators that the operator makes: at the first start, and with `rollcall admin invite` (J6). No client without `admin.grant` sees them. */
import { v7 as uuid } from 'uuid';
import { conflict } from '../errors.ts';
import { patch } from '../resources/patch.ts';
import { make } from '../resources/create.ts';
import type { Context } from '../resources/context.ts';
import type { JsonObject } from '../scim/json.ts';
import { MESSAGE, SCHEMA } from '../scim/urns.ts';
import { unrestricted } from '../store/audience.ts';
import { groupsOf, groupType } from '../store/memberships.ts';
import { invitationDraft } from '../mail/invitation.ts';
import { invitationMail, languageOf, mailsOf } from './mails.ts';
import { linkAddress, newLink } from './links.ts';
import { perform, userType } from './verbs.ts';

export interface NewAdministrator {
  readonly userName: string;
  readonly address?: string;
  readonly givenName?: string;
  readonly familyName?: string;
}

/** @returns the address of the activation link, which is mailed as well where there is an address. @throws ScimError 409 uniqueness */
export async function inviteAdministrator(context: Context, { userName, address, givenName, familyName }: NewAdministrator): Promise<string> {
  const id = uuid();
  const body: JsonObject = {
    schemas: [SCHEMA.user], userName, active: true,
    ...(givenName === undefined && familyName === undefined ? { displayName: userName } : { name: { ...(givenName === undefined ? {} : { givenName }), ...(familyName === undefined ? {} : { familyName }) } }),
    ...(address === undefined ? {} : { emails: [{ value: address, type: 'work', primary: true }] }),
  };
  await make(context, userType(context), id, body, 'console');
  await patch(context, groupType(context.scope), await administratorsGroup(context), { schemas: [MESSAGE.patchOp], Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] }, 'any');
  const link = newLink(context, 'activate', context.tenant.policy.invitationHours * 60);
  await perform(context, id, {
    action: 'invite', event: { kind: 'invite', at: link.document.created.toISOString(), until: link.document.expires.toISOString() },
    effects: (attributes) => Promise.resolve({ account: { links: [link.document], mails: mailsOf(invitationMail(context, { person: id, attributes, link }, invitationDraft(languageOf(context, attributes)), false)) } }),
  });
  return linkAddress(context, 'activate', link.token);
}

/** J6. @throws ScimError 403 without `admin.grant`, 404, 409 where nobody would be left who can sign in as administrator */
export async function setAdministrator(context: Context, person: string, isOne: boolean): Promise<void> {
  const operation = isOne ? { op: 'add', path: 'members', value: [{ value: person }] } : { op: 'remove', path: `members[value eq "${person}"]` };
  await patch(context, groupType(context.scope), await administratorsGroup(context), { schemas: [MESSAGE.patchOp], Operations: [operation] }, 'any');
}

/** Whether somebody is in it themselves, not through another group. */
export async function isAdministrator({ scope }: Context, person: string): Promise<boolean> {
  const groups = (await groupsOf(unrestricted(scope), [person])).get(person) ?? [];
  return groups.some(({ group, direct }) => direct && group.audience === 'console');
}

/** The built-in group. */
async function administratorsGroup({ scope }: Context): Promise<string> {
  const found = await scope.store.collections.resources(groupType(scope)).findOne({ t: scope.tenant, p: 'console' }, { projection: { _id: 1 }, sort: { _id: 1 } });
  if (!found) throw conflict('The tenant has no group of administrators.');
  return found._id;
}
