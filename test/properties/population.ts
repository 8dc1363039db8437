/** Random resources in a real MongoDB, and the same resources in memory as a client would see them. */
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { EdgeTest } from '../../src/scim/match.ts';
import { readResource, schemasOf } from '../../src/scim/read-resource.ts';
import type { Registry } from '../../src/scim/registry.ts';
import type { Attributes, ResourceType } from '../../src/scim/schema.ts';
import { Tolerances } from '../../src/scim/tolerances.ts';
import { usualAudience } from '../../src/store/audience.ts';
import { encodeAttributes } from '../../src/store/codec.ts';
import type { EdgeDocument, ResourceDocument } from '../../src/store/documents.ts';
import type { Store, TenantScope } from '../../src/store/store.ts';
import { body, seed, text, ValuePool } from '../helpers/arbitraries.ts';

export const CLIENT = 'client-own';
const TENANT = 'tenant-own';
const RESOURCES_PER_TYPE = 60;

export interface Known {
  readonly id: string;
  readonly version: number;
  /** All that a filter can ask about it. */
  readonly view: Attributes;
  readonly stored: Attributes;
  readonly hasEdge: EdgeTest;
}

export interface Population {
  readonly scope: TenantScope;
  readonly known: ReadonlyMap<ResourceType, readonly Known[]>;
  readonly pool: (type: ResourceType) => ValuePool;
  readonly ids: readonly string[];
}

export async function populate(store: Store): Promise<Population> {
  const { resourceTypes } = store.registry;
  const documents = new Map(resourceTypes.map((type) => [type, makeDocuments(type)]));
  const ids = [...documents.values()].flat().map(({ document }) => document._id);
  const edges = makeEdges(store.registry, documents);
  const counts = groupBy(edges, ({ g }) => g);
  for (const type of resourceTypes) {
    const own = (documents.get(type) ?? []).map(({ document }) => (document.gk === undefined ? document : { ...document, mc: counts.get(document.gk)?.length ?? 0 }));
    // The same data under another tenant: a query that forgets its tenant finds twice as much.
    await store.collections.resources(type).insertMany([...own, ...own.map((document) => ({ ...document, _id: `other-${document._id}`, t: 'tenant-other', ...(document.gk === undefined ? {} : { gk: `o${document.gk}` }) }))]);
  }
  await store.collections.members.insertMany(edges);

  const isIn = membershipOf(documents, edges);
  const known = new Map(resourceTypes.map((type) => [type, (documents.get(type) ?? []).map(({ document, attributes }) => asKnown(type, document, attributes, isIn))]));
  const pools = new Map(resourceTypes.map((type) => {
    const pool = new ValuePool();
    for (const { view } of known.get(type) ?? []) pool.add(type, view);
    return [type, pool];
  }));
  return { scope: store.scope(TENANT), known, ids, pool: (type) => pools.get(type) ?? new ValuePool() };
}

interface Made {
  readonly document: ResourceDocument;
  readonly attributes: Attributes;
}

function makeDocuments(type: ResourceType): readonly Made[] {
  const instant = fc.constantFrom('2026-01-05T09:00:00.000Z', '2026-01-05T09:00:00.001Z', '2025-12-31T23:59:59.999Z', '2024-02-29T00:00:00.000Z');
  const externalId = fc.option(text, { nil: undefined });
  const cases = fc.sample(fc.tuple(body(type), externalId, externalId, instant, instant, fc.integer({ min: 1, max: 12 })), { numRuns: RESOURCES_PER_TYPE, seed });
  return cases.map(([attributesBody, own, other, created, lastModified, v], index): Made => {
    const unique = [...type.schema.attributes.values()].filter(({ uniqueness }) => uniqueness === 'server');
    const names = Object.fromEntries(unique.map(({ name }) => [name, `${['Jan', 'jan.de.vries', '\u{1f600}x', 'ÉMILE', 'Ｊan'][index % 5] ?? ''}${index}`]));
    const options = { limits: DEFAULT_LIMITS, tolerances: new Tolerances(['manyPrimaries']) };
    const attributes = readResource(type, { schemas: [type.schema.urn], ...attributesBody, ...names }, options);
    const id = `${type.name.toLowerCase()}-${String(index).padStart(3, '0')}`;
    const ext = [...(other === undefined ? [] : [{ client: 'client-other', id: other }]), ...(own === undefined ? [] : [{ client: CLIENT, id: own }])];
    const holdsMembers = Object.values(type.storage.edges).includes('members');
    return {
      attributes,
      document: { _id: id, t: TENANT, v, created, lastModified, ext, ...encodeAttributes(type, attributes), p: usualAudience(type), mr: 0, ...(holdsMembers ? { gk: `key${index}`, mc: 0 } : {}) },
    };
  });
}

/** Some groups hold people, some hold groups, some both, some nothing; a few hold each other. */
function makeEdges(registry: Registry, documents: ReadonlyMap<ResourceType, readonly Made[]>): readonly EdgeDocument[] {
  const made = (name: string) => documents.get(registry.type(name)) ?? [];
  const groups = made('Group').slice(0, 40);
  const member = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...made('User').slice(0, 50)).map(({ document }) => ({ m: document._id, ty: 'User' })) },
    { weight: 1, arbitrary: fc.constantFrom(...groups).map(({ document }) => ({ m: document._id, ty: 'Group' })) },
  );
  const pairs = fc.sample(fc.tuple(fc.constantFrom(...groups), member), { numRuns: 90, seed });
  const byId = new Map(pairs.map(([{ document }, { m, ty }]) => [`${document.gk ?? ''}|${m}`, { t: TENANT, g: document.gk ?? '', m, ty }]));
  return Array.from(byId, ([_id, edge]) => ({ _id, ...edge }));
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Direct members by group id; membership through nested groups is walked naively. */
function membershipOf(documents: ReadonlyMap<ResourceType, readonly Made[]>, edges: readonly EdgeDocument[]) {
  const keys = new Map([...documents.values()].flat().flatMap(({ document }) => (document.gk === undefined ? [] : [[document.gk, document._id] as const])));
  const members = groupBy(edges, ({ g }) => keys.get(g) ?? '');
  const holds = (group: string, id: string) => members.get(group)?.some(({ m }) => m === id) ?? false;
  const below = (group: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(group)) return seen;
    seen.add(group);
    for (const { m, ty } of members.get(group) ?? []) if (ty === 'Group') below(m, seen);
    return seen;
  };
  return {
    holds,
    holdsAny: (group: string) => members.has(group),
    isBelow: (id: string, group: string) => [...below(group)].some((inner) => holds(inner, id)),
    isMember: (id: string) => edges.some(({ m }) => m === id),
  };
}

function asKnown(type: ResourceType, document: ResourceDocument, attributes: Attributes, membership: ReturnType<typeof membershipOf>): Known {
  const { _id: id, v: version, created, lastModified } = document;
  const externalId = document.ext.find(({ client }) => client === CLIENT)?.id;
  const meta = { resourceType: type.name, created, lastModified, version: `W/"${version}"` };
  return {
    id, version, stored: attributes,
    view: { ...attributes, schemas: schemasOf(type, attributes), id, meta, ...(externalId === undefined ? {} : { externalId }) },
    hasEdge: ({ attribute, value }) => {
      if (attribute.name === 'members') return value === undefined ? membership.holdsAny(id) : membership.holds(id, value);
      return value === undefined ? membership.isMember(id) : membership.isBelow(id, value);
    },
  };
}
