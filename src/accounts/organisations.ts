/** Companies and portals, as administrators list and change them: the same attributes that SCIM has. */
import type { Context } from '../resources/context.ts';
import { make, newId } from '../resources/create.ts';
import { patch } from '../resources/patch.ts';
import { read } from '../resources/read.ts';
import { remove } from '../resources/remove.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import { MESSAGE } from '../scim/urns.ts';
import { findMany } from '../store/resources.ts';
import { textAt } from './attributes.ts';
import { companyBehaviour, portalBehaviour, type UseKind } from './closing.ts';
import { listAll, listPage, quoted, type Page } from './lists.ts';

export type OrganisationKind = 'Company' | 'Portal';

export interface Organisation {
  readonly id: string;
  readonly name: string;
  /** Companies have one. */
  readonly number: string | undefined;
  readonly url: string | undefined;
  /** Portals have one. */
  readonly locale: string | undefined;
  /** What is closed lets nobody in. */
  readonly active: boolean;
}

export interface OrganisationPage {
  readonly organisations: readonly Organisation[];
  readonly total: number;
  readonly cursor: string | undefined;
}

const SHOWN = ['displayName', 'number', 'url', 'locale', 'active'];
const typeOf = ({ scope }: Context, kind: OrganisationKind): ResourceType => scope.store.registry.type(kind);
const shownOf = (type: ResourceType) => SHOWN.filter((name) => type.schema.attributes.has(name.toLowerCase()));
const organisationOf = ({ id, attributes }: { readonly id: string; readonly attributes: Attributes }): Organisation => ({
  id, name: textAt(attributes, 'displayName') ?? '', number: textAt(attributes, 'number'), url: textAt(attributes, 'url'), locale: textAt(attributes, 'locale'), active: attributes['active'] !== false,
});

/** @param search the beginning of a name, or a company's number. @throws ScimError 400, 403 */
export async function listOrganisations(context: Context, kind: OrganisationKind, search: string, page: Page): Promise<OrganisationPage> {
  const type = typeOf(context, kind);
  const matches = [`displayName sw ${quoted(search)}`, ...(kind === 'Company' ? [`number eq ${quoted(search)}`] : [])].join(' or ');
  const { found, ...rest } = await listPage(context, type, { filter: search.trim() === '' ? undefined : matches, sortBy: 'displayName', attributes: shownOf(type) }, page);
  return { organisations: found.map(organisationOf), ...rest };
}

/** For a choice. @throws ScimError 403 */
export async function openPortals(context: Context): Promise<readonly Organisation[]> {
  const type = typeOf(context, 'Portal');
  return (await listAll(context, type, { filter: undefined, sortBy: 'displayName', attributes: shownOf(type) })).map(organisationOf).filter(({ active }) => active);
}

/** The tenant's list of roles, by name, for a choice (X3). @throws ScimError 403 */
export async function rolesToChoose(context: Context): Promise<readonly string[]> {
  const found = await listAll(context, context.scope.store.registry.type('Role'), { filter: undefined, sortBy: 'displayName', attributes: ['displayName'] });
  return found.flatMap(({ attributes }) => textAt(attributes, 'displayName') ?? []);
}

/** @throws ScimError 403, 404 */
export const getOrganisation = async (context: Context, kind: OrganisationKind, id: string): Promise<Organisation> => organisationOf(await read(context, typeOf(context, kind), id));

/** Those that are there, in the order of the ids. */
export async function organisationsOf(context: Context, kind: OrganisationKind, ids: readonly string[]): Promise<readonly Organisation[]> {
  const found = await findMany(context.scope, typeOf(context, kind), ids);
  return ids.flatMap((id) => found.get(id) ?? []).map(organisationOf);
}

export const usesOf = ({ scope }: Context, kind: OrganisationKind, id: string): Promise<ReadonlyMap<UseKind, number>> => (kind === 'Company' ? companyBehaviour : portalBehaviour).usesOf(scope, id);

/** Undefined: without a value. */
export type OrganisationValues = Readonly<Record<string, string | undefined>>;

/** @returns the id of the new one. @throws ScimError 400, 403 */
export async function makeOrganisation(context: Context, kind: OrganisationKind, values: OrganisationValues): Promise<string> {
  const [id, type] = [newId(), typeOf(context, kind)];
  const given = Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
  await context.report.watch({ action: 'create', type: kind }, make(context, type, id, { schemas: [type.schema.urn], ...given }));
  return id;
}

/** @throws ScimError 400, 403, 404 */
export const changeOrganisation = (context: Context, kind: OrganisationKind, id: string, values: OrganisationValues): Promise<void> =>
  patch(context, typeOf(context, kind), id, { schemas: [MESSAGE.patchOp], Operations: Object.entries(values).map(([path, value]) => (value === undefined ? { op: 'remove', path } : { op: 'replace', path, value })) }, 'any');

/** Closing switches off all of its logins in one step; opening revives no session. @throws ScimError 403, 404 */
export const setOpen = (context: Context, kind: OrganisationKind, id: string, active: boolean): Promise<void> =>
  patch(context, typeOf(context, kind), id, { schemas: [MESSAGE.patchOp], Operations: [{ op: 'replace', path: 'active', value: active }] }, 'any');

/** @throws ScimError 403, 404, 409 with the counts of what uses it */
export const removeOrganisation = (context: Context, kind: OrganisationKind, id: string): Promise<void> => remove(context, typeOf(context, kind), id, 'any');
