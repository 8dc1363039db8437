/** What a change of a group means: who gains or loses rights by it (J6), and the portal that its members have access to (P3). */
import { invalidValue, quote } from '../errors.ts';
import type { Behaviour, Change } from '../resources/behaviours.ts';
import type { Context } from '../resources/context.ts';
import type { Attributes } from '../scim/schema.ts';
import { PORTAL_GROUP_EXTENSION } from '../scim/urns.ts';
import type { Reference } from '../store/change-set.ts';
import { findNamed } from '../store/named.ts';
import { complexAt, textAt, withExtension } from './attributes.ts';
import { groupRights } from './rights.ts';

export const groupBehaviour: Behaviour = {
  ...groupRights,
  beforeWrite: async (context, change) => {
    const effects = await groupRights.beforeWrite(context, change);
    if (change.after[PORTAL_GROUP_EXTENSION] === undefined) return effects;
    const { attributes, references } = await settlePortal(context, change);
    return { ...effects, attributes, references: [...(effects.references ?? []), ...references] };
  },
};

/** P1: an access names its portal and its customer; neither may be missing or unknown. */
async function settlePortal(context: Context, { before, after }: Change): Promise<{ readonly attributes: Attributes; readonly references: readonly Reference[] }> {
  const { scope, principal } = context;
  const [held, asked] = [complexAt(before?.attributes ?? {}, PORTAL_GROUP_EXTENSION), complexAt(after, PORTAL_GROUP_EXTENSION)];
  const references: Reference[] = [];
  const ids: Record<string, string> = {};
  for (const [name, typeName] of [['portalId', 'Portal'], ['companyId', 'Company']] as const) {
    const given = textAt(asked, name) ?? '';
    const type = scope.store.registry.type(typeName);
    const id = given === textAt(held, name) ? given : (await findNamed(scope, type, given, principal.client))?.id;
    if (given === '' || id === undefined) throw invalidValue(`${PORTAL_GROUP_EXTENSION}:${name}: there is no ${typeName} with the id or externalId ${quote(given)}.`);
    if (given !== textAt(held, name)) references.push({ type, id, name: `${PORTAL_GROUP_EXTENSION}:${name}` });
    ids[name] = id;
  }
  return { attributes: withExtension(after, PORTAL_GROUP_EXTENSION, ids), references };
}
