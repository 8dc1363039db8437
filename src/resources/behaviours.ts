/**
 * What a resource type does beyond keeping attributes. The use cases here ask; `accounts` answers; `app.ts` brings them together. So an
 * account rule holds for whatever route a change comes by.
 */
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import type { Context } from './context.ts';

export interface Change {
  readonly type: ResourceType;
  /** Undefined on create. */
  readonly before: StoredResource | undefined;
  readonly after: Attributes;
  /** Attributes that are never returned (`password`): they are not part of `after` and are not stored with it. */
  readonly secrets: Attributes;
}

/** What is written in the same commit as the change. */
export interface Effects {
  readonly credential?: { readonly hash: string };
}

export interface Behaviour {
  /** Called before the commit with a change that fits the schema. May refuse it with a ScimError; writes nothing itself. */
  readonly beforeWrite: (context: Context, change: Change) => Promise<Effects>;
}

/** By name of the resource type. */
export type Behaviours = ReadonlyMap<string, Behaviour>;

export async function effectsOf(context: Context, change: Change): Promise<Effects> {
  return (await context.behaviours.get(change.type.name)?.beforeWrite(context, change)) ?? {};
}
