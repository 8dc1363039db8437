/** Companies and portals (Combinations): who is in use is not deleted but closed, which switches off all of their logins in one step. */
import { conflict } from '../errors.ts';
import type { Behaviour, Change } from '../resources/behaviours.ts';
import type { Context } from '../resources/context.ts';
import { patch } from '../resources/patch.ts';
import { EXTERNAL_EXTENSION, MESSAGE, PORTAL_EXTENSION, PORTAL_GROUP_EXTENSION, RIGHTS_EXTENSION } from '../scim/urns.ts';
import { unrestricted } from '../store/audience.ts';
import { countReferring } from '../store/referring.ts';
import type { SessionsOf } from '../store/change-set.ts';
import type { TenantScope } from '../store/store.ts';

/** What the API does for it: the same change as a PATCH of `active`. @throws ScimError 404, 429 where it is more than the caller may switch off */
export async function setOpen(context: Context, typeName: 'Company' | 'Portal', id: string, open: boolean): Promise<void> {
  const operation = { op: 'replace', path: 'active', value: open };
  await patch(context, context.scope.store.registry.type(typeName), id, { schemas: [MESSAGE.patchOp], Operations: [operation] }, 'any');
}

const closes = ({ before, after }: Change) => before !== undefined && before.attributes['active'] !== false && after['active'] === false;

export type UseKind = 'contacts' | 'portalUsers' | 'groups';

export interface Closable extends Behaviour {
  /** What refers to it, of each kind; what is not used is not named. */
  readonly usesOf: (scope: TenantScope, id: string) => Promise<ReadonlyMap<UseKind, number>>;
}

interface User {
  readonly type: 'User' | 'Group';
  readonly path: string;
  readonly what: string;
}

const kindOf = ({ type, path }: User): UseKind => (type === 'Group' ? 'groups' : path.startsWith(EXTERNAL_EXTENSION) ? 'contacts' : 'portalUsers');

/** @param of which sessions end with it, by its id. @param users where what refers to it has its id */
function closable(of: (id: string) => SessionsOf, users: readonly User[]): Closable {
  return {
    usesOf: async (scope, id) => {
      const uses = new Map<UseKind, number>();
      const counts = await Promise.all(users.map((user) => countReferring(unrestricted(scope), user.type, user.path, id)));
      users.forEach((user, index) => uses.set(kindOf(user), (uses.get(kindOf(user)) ?? 0) + (counts[index] ?? 0)));
      return new Map([...uses].filter(([, count]) => count > 0));
    },
    beforeWrite: (_context, change) => Promise.resolve(closes(change) ? { account: { endsSessions: [of(change.id)] } } : {}),
    beforeRemove: async ({ scope }, { type, stored: { id } }) => {
      const counts = await Promise.all(users.map(async (user) => ({ ...user, count: await countReferring(unrestricted(scope), user.type, user.path, id) })));
      const used = counts.filter(({ count }) => count > 0).map(({ count, what }) => `${count} ${what}`);
      if (used.length > 0) throw conflict(`The ${type.name} is in use: ${used.join(', ')}. Set active to false to close it, which switches off all its logins, or change those first.`);
    },
  };
}

export const companyBehaviour = closable((company) => ({ company }), [
  { type: 'User', path: `${EXTERNAL_EXTENSION}:company.value`, what: 'contact persons' },
  { type: 'User', path: `${PORTAL_EXTENSION}:access.customer`, what: 'portal users' },
  { type: 'Group', path: `${PORTAL_GROUP_EXTENSION}:companyId`, what: 'groups' },
  { type: 'Group', path: `${RIGHTS_EXTENSION}:companies`, what: 'groups that give rights to it' },
]);

export const portalBehaviour = closable((portal) => ({ portal }), [
  { type: 'User', path: `${PORTAL_EXTENSION}:access.portal`, what: 'portal users' },
  { type: 'Group', path: `${PORTAL_GROUP_EXTENSION}:portalId`, what: 'groups' },
]);
