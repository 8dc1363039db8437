/** What a change of a person does to their entries: as an external user and at portals (X3 to X5, P1 to P4). */
import type { Change } from '../resources/behaviours.ts';
import type { Context } from '../resources/context.ts';
import type { Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import type { Audience } from '../store/audience.ts';
import type { Reference, SessionsOf } from '../store/change-set.ts';
import { complexAt, withExtension } from './attributes.ts';
import { settleExternal } from './external.ts';
import { openAccess, settlePortals } from './portal-access.ts';

export interface Settlement {
  readonly attributes: Attributes;
  /** The population that the person moves to by it. */
  readonly audience: Audience | undefined;
  readonly ends: readonly SessionsOf[];
  readonly references: readonly Reference[];
  /** Registered by this change: then there must be a password, or come one with it. */
  readonly needsPassword: boolean;
}

/** @throws ScimError 400 invalidValue */
export async function settleEntries(context: Context, change: Change): Promise<Settlement> {
  const external = await settleExternal(context, change);
  const portals = await settlePortals(context, { ...change, after: external.attributes });
  const hasOther = change.before?.audience === 'employee' || change.before?.audience === 'console' || openAccess(portals.attributes).length > 0;
  return {
    attributes: external.leaves && !hasOther ? withoutLogin(portals.attributes, change.id) : portals.attributes,
    audience: external.audience ?? portals.audience,
    ends: [...(external.ends ?? []), ...(portals.ends ?? [])],
    references: portals.references,
    needsPassword: external.needsPassword ?? false,
  };
}

/** X4: where nothing else uses them, the user id is free and the password gone; a contact has a name that nobody can sign in with. */
function withoutLogin(attributes: Attributes, id: string): Attributes {
  return { ...withExtension(attributes, ACCOUNT_EXTENSION, { ...complexAt(attributes, ACCOUNT_EXTENSION), signInMethod: undefined }), userName: contactName(id) };
}

export const contactName = (id: string) => `contact-${id}`;
