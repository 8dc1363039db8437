/**
 * What a resource type does beyond keeping attributes. The use cases here ask; `accounts` answers; `app.ts` brings them together. So an
 * account rule holds for whatever route a change comes by.
 */
import type { ScimError } from '../errors.ts';
import type { Policy } from '../policy.ts';
import type { Json } from '../scim/json.ts';
import type { MemberDelta } from '../scim/members.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { Audience } from '../store/audience.ts';
import type { AccountWrites, ChangeSet, Claim, Reference } from '../store/change-set.ts';
import type { Said } from '../store/documents.ts';
import type { StoredResource } from '../store/codec.ts';
import type { ChangeRequest } from './change.ts';
import type { Context } from './context.ts';

export interface Change {
  readonly type: ResourceType;
  readonly id: string;
  /** Undefined on create. */
  readonly before: StoredResource | undefined;
  readonly after: Attributes;
  /** Attributes that are never returned (`password`): they are not part of `after` and are not stored with it. */
  readonly secrets: Attributes;
  readonly members: MemberDelta | undefined;
  /** Paths that a PATCH names; a PUT and an operation without path name none, for a client may only be repeating what it has read. */
  readonly named: ReadonlySet<string>;
  /** A POST or PUT: what `after` has, the client has said just now. */
  readonly whole: boolean;
  /** The change is one of the account rules' own: `after` is what they decided. */
  readonly decided: boolean;
  /** A POST that takes over the record of somebody who is here already (L5): all that it says is said anew. */
  readonly adopts: boolean;
}

/** A POST, before it is made or once it could not be. */
export interface Newcomer {
  readonly type: ResourceType;
  /** As it came: what makes the change of whom it means. */
  readonly body: Json | undefined;
  readonly given: Attributes;
  /** Why it could not be made: a value is taken. Undefined: it has not been tried. */
  readonly taken: ScimError | undefined;
}

export interface Removal {
  readonly type: ResourceType;
  readonly stored: StoredResource;
}

/** What is written in the same commit as the change. */
export interface Effects {
  /** What is stored in place of `after`. */
  readonly attributes?: Attributes;
  readonly audience?: Audience;
  readonly account?: AccountWrites;
  /** What the client asserts by the change. */
  readonly said?: Said;
  /** Resources that must exist when this is written, beyond those that `storage.json` names. */
  readonly references?: readonly Reference[];
  /** Changes of other resources that follow, in the same commit. */
  readonly also?: readonly ChangeSet[];
}

/** Both are called before the commit with what fits the schema. They may refuse it with a ScimError, and write nothing themselves. */
export interface Behaviour {
  readonly beforeWrite: (context: Context, change: Change) => Promise<Effects>;
  readonly beforeRemove?: (context: Context, removal: Removal) => Promise<void>;
  /**
   * Fills in the attributes that `storage.json` calls computed, for all resources of an answer at once.
   * @param wanted whether the answer can hold the attribute with this path
   */
  readonly fill?: (context: Context, resources: readonly StoredResource[], wanted: (path: string) => boolean) => Promise<readonly StoredResource[]>;
  /**
   * Who is here already whom a POST means (L5), as the change of them that it is; undefined where it means nobody. Asked before the POST is made, and
   * again where a value was taken. May refuse with a ScimError.
   */
  readonly meant?: (context: Context, newcomer: Newcomer) => Promise<ChangeRequest | undefined>;
  /** Values that belong to the resource alone while it has these attributes, beyond those of `storage.json`. */
  readonly claims?: (attributes: Attributes, policy: Policy) => readonly Claim[];
}

/** By name of the resource type. */
export type Behaviours = ReadonlyMap<string, Behaviour>;

export async function effectsOf(context: Context, change: Change): Promise<Effects> {
  return (await context.behaviours.get(change.type.name)?.beforeWrite(context, change)) ?? {};
}

export async function checkRemoval(context: Context, removal: Removal): Promise<void> {
  await context.behaviours.get(removal.type.name)?.beforeRemove?.(context, removal);
}

/** Both at once: what a verb wants, and what follows from the change of attributes that it is. */
export function merged(first: Effects, second: Effects): Effects {
  const [a, b] = [first.account, second.account];
  if (!a || !b) return { ...first, ...second };
  return { ...first, ...second, account: { ...a, ...b, ...lists(a, b) } };
}

const lists = (a: AccountWrites, b: AccountWrites): AccountWrites =>
  ({ links: [...(a.links ?? []), ...(b.links ?? [])], mails: [...(a.mails ?? []), ...(b.mails ?? [])], endsSessions: [...(a.endsSessions ?? []), ...(b.endsSessions ?? [])] });
