/** A stored resource to what a client sees: RFC 7643 section 3. Adds what is computed, and only what the projection shows. */
import type { Projection } from '../scim/project.ts';
import { schemasOf } from '../scim/read-resource.ts';
import { resolveName } from '../scim/path.ts';
import { isComplex, isList, type Attributes, type ComplexValue, type ResourceType, type Value } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import { groupsOf, groupType, readEdges, readEdgesOf, type EdgeTo, type GroupOf } from '../store/memberships.ts';
import { findMany } from '../store/resources.ts';
import { mayDo, scopeOf, type Context } from './context.ts';
import { externalIdOf, referenceAt } from './write.ts';

export interface Presented {
  readonly type: ResourceType;
  readonly id: string;
  readonly version: number;
  readonly memberCount: number;
  readonly location: string;
  /** The whole representation, but for members that are too many to hold: those come in batches, already projected. */
  readonly attributes: Attributes;
  readonly members: { readonly name: string; readonly batches: () => AsyncGenerator<readonly Value[]> } | undefined;
}

/** Above this many members in one answer, of all its groups together, they are streamed. */
export const STREAM_ABOVE = 1000;

/** RFC 7644 section 3.14: weak, because what is computed is not part of it. */
export const versionTag = (version: number) => `W/"${version}"`;

export async function present(context: Context, type: ResourceType, stored: readonly StoredResource[], projection: Projection): Promise<readonly Presented[]> {
  const resources = await withComputed(context, type, stored, projection);
  const [groups, members, references] = await Promise.all([
    memberships(context, type, resources, projection),
    membersOf(context, type, resources, projection),
    referencesOf(context, type, resources, projection),
  ]);
  const held = fits(resources);
  return resources.map((resource) => {
    const location = locationOf(context, type, resource.id);
    const full: Attributes = {
      schemas: schemasOf(type, resource.attributes),
      id: resource.id,
      ...own('externalId', externalIdOf(resource, context.principal.client)),
      ...references(resource),
      ...groups(resource),
      ...members(resource),
      meta: { resourceType: type.name, created: resource.created, lastModified: resource.lastModified, location, version: versionTag(resource.version) },
    };
    const { version, memberCount, id } = resource;
    return { type, id, version, memberCount, location, attributes: projection.apply(full), members: held ? undefined : streamOf(context, type, resource, projection) };
  });
}

/** Asks the type's behaviour only where the answer shows something of it. */
async function withComputed(context: Context, type: ResourceType, stored: readonly StoredResource[], projection: Projection): Promise<readonly StoredResource[]> {
  const shown = new Set(type.storage.computed.filter((path) => isShown(type, path, projection)));
  const fill = shown.size > 0 ? context.behaviours.get(type.name)?.fill : undefined;
  return fill ? fill(context, stored, (path) => shown.has(path)) : stored;
}

export const locationOf = ({ baseUrl }: Context, type: ResourceType, id: string) => `${baseUrl}${type.endpoint}/${encodeURIComponent(id)}`;

const own = (name: string, value: Value | undefined): Attributes => (value === undefined ? {} : { [name]: value });

/** Fills in one resource's share of something that was read for all of them at once. */
type Fill = (resource: StoredResource) => Attributes;
const NOTHING: Fill = () => ({});

const edgeAttribute = (type: ResourceType, kind: 'members' | 'memberOf') => Object.entries(type.storage.edges).find(([, value]) => value === kind)?.[0];

async function memberships(context: Context, type: ResourceType, resources: readonly StoredResource[], projection: Projection): Promise<Fill> {
  const name = edgeAttribute(type, 'memberOf');
  if (name === undefined || !projection.shows(name) || !mayDo(context.principal, scopeOf(groupType(context.scope), 'read'))) return NOTHING;
  const ids = resources.filter(({ wasMember }) => wasMember).map(({ id }) => id);
  const groups = ids.length > 0 ? await groupsOf(context.scope, ids) : new Map<string, readonly GroupOf[]>();
  return ({ id }) => listAs(name, groups.get(id)?.map((entry) => groupElement(context, entry)));
}

function groupElement(context: Context, { group, direct }: GroupOf): ComplexValue {
  const type = context.registry.resourceTypes.find(({ storage }) => Object.values(storage.edges).includes('members'));
  return {
    value: group.id,
    ...(type ? { $ref: locationOf(context, type, group.id) } : {}),
    ...own('display', group.attributes['displayName']),
    type: direct ? 'direct' : 'indirect',
  };
}

const listAs = (name: string, values: readonly Value[] | undefined): Attributes => (values && values.length > 0 ? { [name]: values } : {});

/** Whether the members of these groups fit into one answer held in memory. */
const fits = (resources: readonly StoredResource[]) => resources.reduce((sum, { memberCount }) => sum + memberCount, 0) <= STREAM_ABOVE;

async function membersOf(context: Context, type: ResourceType, resources: readonly StoredResource[], projection: Projection): Promise<Fill> {
  const name = edgeAttribute(type, 'members');
  if (name === undefined || !projection.shows(name) || !fits(resources)) return NOTHING;
  const keys = resources.flatMap(({ groupKey, memberCount }) => (groupKey !== undefined && memberCount > 0 ? [groupKey] : []));
  const edges = await readEdgesOf(context.scope, keys);
  const elements = await memberElements(context, [...edges.values()].flat());
  return ({ groupKey }) => listAs(name, edges.get(groupKey ?? '')?.flatMap((edge) => elements.get(edge.id) ?? []));
}

/** Members as a client sees them, by id; one that was deleted a moment ago is left out. */
async function memberElements(context: Context, edges: readonly EdgeTo[]): Promise<ReadonlyMap<string, ComplexValue>> {
  const elements = new Map<string, ComplexValue>();
  for (const type of context.registry.resourceTypes) {
    const ids = edges.filter((edge) => edge.type === type.name).map(({ id }) => id);
    const found = await findMany(context.scope, type, [...new Set(ids)]);
    const named = mayDo(context.principal, scopeOf(type, 'read'));
    for (const { id, attributes } of found.values()) {
      elements.set(id, { value: id, $ref: locationOf(context, type, id), ...(named ? own('display', attributes['displayName']) : {}), type: type.name });
    }
  }
  return elements;
}

function streamOf(context: Context, type: ResourceType, resource: StoredResource, projection: Projection): Presented['members'] {
  const name = edgeAttribute(type, 'members');
  const { groupKey, memberCount } = resource;
  if (name === undefined || groupKey === undefined || !projection.shows(name) || memberCount === 0) return undefined;
  return { name, batches: () => memberBatches(context, groupKey, name, projection) };
}

async function* memberBatches(context: Context, groupKey: string, name: string, projection: Projection): AsyncGenerator<readonly Value[]> {
  for await (const edges of readEdges(context.scope, groupKey)) {
    const elements = await memberElements(context, edges);
    const projected = projection.apply({ [name]: edges.flatMap((edge) => elements.get(edge.id) ?? []) })[name];
    if (isList(projected)) yield projected;
  }
}

/** `manager.$ref` and `manager.displayName` follow the manager as they are now (R-ENT-2). */
async function referencesOf(context: Context, type: ResourceType, resources: readonly StoredResource[], projection: Projection): Promise<Fill> {
  const shown = type.storage.references.filter(({ path }) => isShown(type, path, projection));
  const fills = await Promise.all(shown.map(async (reference) => {
    const target = context.scope.store.registry.type(reference.type);
    const ids = resources.flatMap(({ attributes }) => referenceAt(type, attributes, reference.path) ?? []);
    const targets = await findMany(context.scope, target, [...new Set(ids)]);
    return (attributes: Attributes): Attributes => {
      const id = referenceAt(type, attributes, reference.path);
      if (id === undefined) return attributes;
      const found = targets.get(id);
      // Whoever may not be seen is not referred to either.
      if (!found) return withoutReference(type, attributes, reference.path);
      const name = found.attributes[reference.shows ?? reference.display];
      return withReference(type, attributes, reference.path, { $ref: locationOf(context, target, id), ...own(reference.display, name) });
    };
  }));
  return ({ attributes }) => fills.reduce((filled, fill) => fill(filled), attributes);
}

export function isShown(type: ResourceType, path: string, projection: Projection): boolean {
  const named = resolveName(type, path);
  return named?.kind === 'attribute' && projection.shows(named.path.attribute.name, named.path.extension?.schema.urn);
}

function withoutReference(type: ResourceType, attributes: Attributes, path: string): Attributes {
  const named = resolveName(type, path);
  if (named?.kind !== 'attribute') return attributes;
  const { extension, attribute } = named.path;
  const without = (holder: Attributes): Attributes => Object.fromEntries(Object.entries(holder).filter(([name]) => name !== attribute.name));
  if (!extension) return without(attributes);
  const { urn } = extension.schema;
  const holder = attributes[urn];
  const rest = isComplex(holder) ? without(holder) : {};
  const others = Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== urn));
  return Object.keys(rest).length === 0 ? others : { ...others, [urn]: rest };
}

function withReference(type: ResourceType, attributes: Attributes, path: string, computed: ComplexValue): Attributes {
  const named = resolveName(type, path);
  if (named?.kind !== 'attribute') return attributes;
  const { extension, attribute } = named.path;
  const holder = extension ? attributes[extension.schema.urn] : attributes;
  const reference = isComplex(holder) ? holder[attribute.name] : undefined;
  if (!isComplex(holder) || !isComplex(reference)) return attributes;
  const filled = { ...holder, [attribute.name]: { ...reference, ...computed } };
  return extension ? { ...attributes, [extension.schema.urn]: filled } : filled;
}
