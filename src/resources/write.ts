/** What create, replace and patch have in common: taking a resource's attributes apart into what is stored where. */
import { payloadTooLarge } from '../errors.ts';
import { fold } from '../scim/fold.ts';
import { readMembers, type MemberDelta } from '../scim/members.ts';
import { resolveName } from '../scim/path.ts';
import { isComplex, isList, type Attributes, type ResourceType, type Value } from '../scim/schema.ts';
import type { ChangeSet, Claim, CommitResult, Reference } from '../store/change-set.ts';
import type { StoredResource } from '../store/codec.ts';
import type { Context } from './context.ts';

export interface Parts {
  /** What is stored with the resource. */
  readonly attributes: Attributes;
  readonly externalId: string | undefined;
  /** Attributes that are never returned. */
  readonly secrets: Attributes;
  /** Elements of `members`, or undefined where the body has none. */
  readonly members: readonly Value[] | undefined;
}

/** @throws ScimError 413 for more than a document can hold */
export function takeApart({ limits }: Context, type: ResourceType, body: Attributes): Parts {
  if (Buffer.byteLength(JSON.stringify(body)) > limits.resourceBytes) throw payloadTooLarge('resourceBytes', limits.resourceBytes);
  const stored: [string, Value][] = [];
  const secrets: [string, Value][] = [];
  let members: readonly Value[] | undefined;
  for (const [name, value] of Object.entries(body)) {
    const attribute = type.attributes.get(name.toLowerCase());
    if (attribute?.source === 'edge') members = isList(value) ? value : [];
    else if (attribute?.returned === 'never') secrets.push([name, value]);
    else if (name !== 'externalId') stored.push([name, value]);
  }
  const { externalId } = body;
  return {
    attributes: Object.fromEntries(stored),
    secrets: Object.fromEntries(secrets),
    externalId: typeof externalId === 'string' ? externalId : undefined,
    members,
  };
}

/** A whole list of members is a delta on an empty group. */
export function exactly(members: readonly Value[]): MemberDelta {
  return { onlyAdded: true, added: new Map(readMembers(members).map((member) => [member.id, { ...member, behind: 0 }])), removed: new Set(), removedWhere: [] };
}

/** What the client sees as its own name for the resource. */
export function externalIdOf(resource: StoredResource, client: string): string | undefined {
  return resource.externalIds.find((entry) => entry.client === client)?.id;
}

/** The attributes as this client writes them: stored ones and its own externalId. */
export function attributesFor(resource: StoredResource, client: string): Attributes {
  const externalId = externalIdOf(resource, client);
  return externalId === undefined ? resource.attributes : { ...resource.attributes, externalId };
}

/** Values that belong to one resource only, by policy: a group's name, which Entra expects (decision 6), and what the account rules claim. */
export function claimsOf(context: Context, type: ResourceType, attributes: Attributes): readonly Claim[] {
  const stored = possibleClaims(type, attributes);
  return [...(stored.length > 0 && context.tolerances.allows('uniqueGroupNames') ? stored : []), ...ownClaims(context, type, attributes)];
}

/** All that a resource may hold a claim to, whatever the policy was when it was made. */
export const heldClaims = (context: Context, type: ResourceType, attributes: Attributes): readonly Claim[] => [...possibleClaims(type, attributes), ...ownClaims(context, type, attributes)];

function possibleClaims(type: ResourceType, attributes: Attributes): readonly Claim[] {
  return type.storage.claims.flatMap(({ kind, path }) => {
    const value = attributes[path];
    return typeof value === 'string' ? [{ kind, path, value: fold(value) }] : [];
  });
}

const ownClaims = ({ behaviours, tenant }: Context, type: ResourceType, attributes: Attributes) => behaviours.get(type.name)?.claims?.(attributes, tenant.policy) ?? [];

/** The references that are new in `after`: their targets must exist (decision 5). */
export function newReferences({ scope }: Context, type: ResourceType, before: Attributes, after: Attributes): readonly Reference[] {
  return type.storage.references.flatMap(({ path, type: target }) => {
    const id = referenceAt(type, after, path);
    // The target's type may be one that the caller does not see.
    return id === undefined || id === referenceAt(type, before, path) ? [] : [{ type: scope.store.registry.type(target), id, name: path }];
  });
}

/** The `value` of a reference attribute. */
export function referenceAt(type: ResourceType, attributes: Attributes, path: string): string | undefined {
  const named = resolveName(type, path);
  if (named?.kind !== 'attribute') return undefined;
  const { extension, attribute } = named.path;
  const holder = extension ? attributes[extension.schema.urn] : attributes;
  const reference = isComplex(holder) ? holder[attribute.name] : undefined;
  const value = isComplex(reference) ? reference['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Tells the provisioning log what a commit did. */
export function reportResult({ report }: Context, { account, audit: { action, on, changed } }: ChangeSet, { kind }: CommitResult): void {
  const subject = { action, type: on.type, id: on.id };
  if (kind === 'done' || (kind === 'unchanged' && account)) report.changed(subject, changed);
  else if (kind === 'unchanged') report.unchanged(subject, AS_IT_WAS);
}

export const AS_IT_WAS = 'It was so already.';

/** Names of the attributes that differ, for the audit log. */
export function changedNames(before: Attributes, after: Attributes, isEqual: (a: Value | undefined, b: Value | undefined) => boolean): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isEqual(before[name], after[name]));
}
