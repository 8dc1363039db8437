/**
 * What a resource type does beyond keeping attributes. The use cases here ask; `accounts` answers; `app.ts` brings them together. So an
 * account rule holds for whatever route a change comes by.
 */
import type { MemberDelta } from '../scim/members.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
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
}

export interface Removal {
  readonly type: ResourceType;
  readonly stored: StoredResource;
}

/** What is written in the same commit as the change. */
export interface Effects {
  readonly credential?: { readonly hash: string };
  /** The commit is refused where nobody is left who can give rights. */
  readonly keepsAdministrator?: boolean;
}

/** Both are called before the commit with what fits the schema. They may refuse it with a ScimError, and write nothing themselves. */
export interface Behaviour {
  readonly beforeWrite: (context: Context, change: Change) => Promise<Effects>;
  readonly beforeRemove?: (context: Context, removal: Removal) => Promise<Effects>;
}

/** By name of the resource type. */
export type Behaviours = ReadonlyMap<string, Behaviour>;

export async function effectsOf(context: Context, change: Change): Promise<Effects> {
  return (await context.behaviours.get(change.type.name)?.beforeWrite(context, change)) ?? {};
}

export async function effectsOfRemoval(context: Context, removal: Removal): Promise<Effects> {
  return (await context.behaviours.get(removal.type.name)?.beforeRemove?.(context, removal)) ?? {};
}
