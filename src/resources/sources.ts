/** What a write says of where attributes come from: of people alone, for whom several providers may write. */
import { equalValues } from '../scim/equal.ts';
import { isComplex, type Attribute, type Attributes, type ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import { withSource, type Source, type SourceOf } from '../store/sources.ts';
import { timestamp, type Context } from './context.ts';
import { changedNames } from './write.ts';

/** An unchanged value keeps its source. @returns undefined for a type that keeps none */
export function sourcesAfter(context: Context, type: ResourceType, before: Pick<StoredResource, 'attributes' | 'sources'> | undefined, after: Attributes): readonly SourceOf[] | undefined {
  if (type.name !== 'User') return undefined;
  // All extensions count, also those that the caller does not see.
  const registered = context.scope.store.registry.type(type.name);
  // What only Rollcall writes nobody has set: a lock is no change of the dates beside it.
  const set = changedNames(writable(registered, before?.attributes ?? {}), writable(registered, after), equalValues);
  return withSource(before?.sources ?? [], sourceOf(context), set, new Set(Object.keys(writable(registered, after))));
}

const sourceOf = (context: Context): Source => ({ by: context.principal.actor, at: timestamp(context), ...(context.import === undefined ? {} : { import: context.import }) });

function writable(type: ResourceType, attributes: Attributes): Attributes {
  const extensions = new Map(type.extensions.map(({ schema }) => [schema.urn, schema.attributes]));
  return Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => {
    const schema = extensions.get(name);
    if (!schema || !isComplex(value)) return [[name, value]];
    const set = Object.entries(value).filter(([inner]) => isSet(schema, inner));
    return set.length === 0 ? [] : [[name, Object.fromEntries(set)]];
  }));
}

/** `locked` is no value that anybody sets: a client may only unlock by it. */
const isSet = (schema: ReadonlyMap<string, Attribute>, name: string) => name !== 'locked' && schema.get(name.toLowerCase())?.mutability !== 'readOnly';
