/** PUT: RFC 7644 section 3.5.1. */
import { mutability } from '../errors.ts';
import { equalValues } from '../scim/equal.ts';
import { isObject, member, type Json } from '../scim/json.ts';
import type { Projection } from '../scim/project.ts';
import { readResource } from '../scim/read-resource.ts';
import { isComplex, type Attribute, type Attributes, type ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import { change, type ChangeRequest, type Precondition } from './change.ts';
import { readOptions, type Context } from './context.ts';
import type { Presented } from './present.ts';
import { presentStored } from './read.ts';
import { exactly, takeApart } from './write.ts';

/**
 * Replaces a resource: what the body leaves out is cleared (decision 14), but a password, which nobody can send back, and what
 * `storage.json` names as kept.
 * @throws ScimError 400, 403, 404, 409, 412
 */
export async function replace(context: Context, type: ResourceType, id: string, body: Json | undefined, precondition: Precondition, projection: Projection): Promise<Presented> {
  await context.report.watch({ action: 'replace', type: type.name, id }, change(context, replaceRequest(context, type, id, body, precondition)));
  return presentStored(context, type, id, projection);
}

export function replaceRequest(context: Context, type: ResourceType, id: string, body: Json | undefined, precondition: Precondition): ChangeRequest {
  let read: Attributes | undefined;
  const omitted = type.storage.keptWhenOmitted.filter((name) => !isObject(body) || member(body, name) === undefined);
  const want = (current: StoredResource) => {
    const given = (read ??= readResource(type, body, readOptions(context)));
    context.report.sent(type, id, given);
    const attributes = withReadOnly(type, current.attributes, { ...given, ...kept(current, omitted), ...untouched(type, current, given) });
    checkImmutable(type.schema.attributes, current.attributes, attributes, '');
    for (const { schema } of type.extensions) checkImmutable(schema.attributes, complexAt(current.attributes, schema.urn), complexAt(attributes, schema.urn), `${schema.urn}:`);
    return { attributes, members: holdsMembers(type) ? exactly(takeApart(context, type, given).members ?? []) : undefined };
  };
  return { type, id, action: 'replace', precondition, want };
}

const holdsMembers = (type: ResourceType) => Object.values(type.storage.edges).includes('members');

const kept = ({ attributes }: StoredResource, names: readonly string[]): Attributes =>
  Object.fromEntries(names.flatMap((name) => (attributes[name] === undefined ? [] : [[name, attributes[name]]])));

/** L2: an extension that the client does not know, or that is ours and absent from the body, stays as it is. */
function untouched(type: ResourceType, { attributes }: StoredResource, given: Attributes): Attributes {
  const { extensions, optInExtensions } = type.storage;
  const names = Object.keys(extensions).filter((urn) => given[urn] === undefined && (optInExtensions.includes(urn) || !type.extensions.some(({ schema }) => schema.urn === urn)));
  return Object.fromEntries(names.flatMap((urn) => (attributes[urn] === undefined ? [] : [[urn, attributes[urn]]])));
}

/** What only Rollcall writes stays, whatever a PUT leaves out (RFC 7644 section 3.5.1). */
function withReadOnly(type: ResourceType, before: Attributes, after: Attributes): Attributes {
  const extensions = type.extensions.map(({ schema }) => [schema.urn, { ...complexAt(after, schema.urn), ...readOnlyOf(schema.attributes, complexAt(before, schema.urn)) }] as const);
  return { ...after, ...readOnlyOf(type.schema.attributes, before), ...Object.fromEntries(extensions.filter(([, attributes]) => Object.keys(attributes).length > 0)) };
}

function readOnlyOf(schema: ReadonlyMap<string, Attribute>, attributes: Attributes): Attributes {
  const kept = Array.from(schema.values()).filter(({ mutability: rule, source }) => rule === 'readOnly' && source === 'stored');
  return Object.fromEntries(kept.flatMap(({ name }) => (attributes[name] === undefined ? [] : [[name, attributes[name]]])));
}

const complexAt = (attributes: Attributes, name: string): Attributes => {
  const value = attributes[name];
  return isComplex(value) ? value : {};
};

/** R-PUT-7: an immutable attribute that has a value must be sent as it is. */
function checkImmutable(schema: ReadonlyMap<string, Attribute>, before: Attributes, after: Attributes, prefix: string): void {
  for (const { name, mutability: rule, source } of schema.values()) {
    if (rule !== 'immutable' || source !== 'stored' || before[name] === undefined) continue;
    if (!equalValues(before[name], after[name])) throw mutability(`${prefix}${name} is immutable: it must stay as it is.`);
  }
}
