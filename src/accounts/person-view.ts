/** Everything that is to be known of one person and their login, for whoever administers it: the person's own screen. */
import type { Context } from '../resources/context.ts';
import { list } from '../resources/list.ts';
import { getStored } from '../resources/read.ts';
import type { Right } from '../rights.ts';
import { RIGHTS_EXTENSION } from '../scim/urns.ts';
import type { OutboxDocument } from '../store/account-documents.ts';
import { isSeen, unrestricted } from '../store/audience.ts';
import type { StoredResource } from '../store/codec.ts';
import { lastSignIns, pendingAddresses } from '../store/logins.ts';
import { groupsOf, groupType } from '../store/memberships.ts';
import { listMails } from '../store/outbox.ts';
import { textAt } from './attributes.ts';
import { addressOf, factsOf, nameOf, statusOf, userNameOf, type Facts, type Status } from './facts.ts';
import { passwordExpiresAt } from './renewal.ts';
import { ownRights } from './rights.ts';
import { managedBy } from './sources.ts';
import { isUserGroup } from './user-groups.ts';
import { userType } from './verbs.ts';

export interface GroupView {
  readonly id: string;
  readonly name: string;
  readonly direct: boolean;
  readonly isUserGroup: boolean;
  /** The built-in group of administrators (J6). */
  readonly isAdministrators: boolean;
}

export interface PersonView {
  readonly stored: StoredResource;
  readonly name: string;
  readonly userName: string;
  readonly address: string | undefined;
  readonly facts: Facts;
  readonly status: Status;
  readonly groups: readonly GroupView[];
  readonly rights: ReadonlySet<Right>;
  readonly lastSignIn: Date | undefined;
  /** Waits to be confirmed (S10). */
  readonly pendingAddress: string | undefined;
  /** Canonical text. */
  readonly passwordExpires: string | undefined;
  readonly lastMail: OutboxDocument | undefined;
  /** The connection's name by the attribute that it manages. */
  readonly managed: ReadonlyMap<string, string>;
}

/** @throws ScimError 404 */
export async function viewPerson(context: Context, id: string): Promise<PersonView> {
  const { scope } = context;
  const stored = await getStored(context, userType(context), id);
  const { attributes } = stored;
  // Rights come from groups that the caller may not see, too.
  const [found, signIns, pending, [lastMail], managed] = await Promise.all([
    groupsOf(unrestricted(scope), [id]), lastSignIns(scope, [id]), pendingAddresses(scope, [id], context.now()), listMails(scope, id, 1), managedBy(context, stored.sources),
  ]);
  const groups = found.get(id) ?? [];
  const facts = factsOf(attributes);
  const address = addressOf(attributes);
  const pendingAddress = pending.get(id);
  return {
    stored, facts, address, rights: new Set(groups.flatMap(({ group }) => ownRights(group.attributes))), status: statusOf(facts), name: nameOf(attributes) || userNameOf(attributes), userName: userNameOf(attributes),
    groups: groups.filter(({ group }) => isSeen(scope, groupType(scope), group)).map(({ group, direct }) => viewOfGroup(group, direct)),
    lastSignIn: signIns.get(id), pendingAddress: pendingAddress === address ? undefined : pendingAddress,
    passwordExpires: passwordExpiresAt(context, facts), lastMail, managed,
  };
}

const viewOfGroup = (group: StoredResource, direct: boolean): GroupView =>
  ({ id: group.id, name: textAt(group.attributes, 'displayName') ?? '', direct, isUserGroup: isUserGroup(group), isAdministrators: group.audience === 'console' });

export interface GroupChoice {
  readonly id: string;
  readonly name: string;
}

/** Between which a person is moved (S3, S9), by name. */
export async function userGroups(context: Context): Promise<readonly GroupChoice[]> {
  const { limits } = context;
  const request = { filter: `${RIGHTS_EXTENSION}:userGroup eq true`, sortBy: 'displayName', descending: false, startIndex: 1, count: limits.maxPageSize, askedCount: undefined, cursor: undefined, attributes: ['displayName'], excludedAttributes: undefined };
  const { resources } = await list(context, groupType(context.scope), request);
  return resources.map(({ id, attributes }) => ({ id, name: textAt(attributes, 'displayName') ?? '' }));
}
