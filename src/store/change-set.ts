/**
 * What a use case wants to happen, all of it or nothing: `commit` is the only way to write resources. Preconditions are part of the
 * writes themselves, so nothing is checked first and written later.
 */
import type { MemberDelta } from '../scim/members.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { Audience } from './audience.ts';
import type { AuditEntry } from './audit.ts';

export interface Claim {
  readonly kind: string;
  /** The folded value. */
  readonly value: string;
}

export type Write = InsertWrite | UpdateWrite | RemoveWrite;

interface Common {
  readonly type: ResourceType;
  readonly id: string;
  /** Canonical UTC text. */
  readonly at: string;
}

export interface InsertWrite extends Common {
  readonly kind: 'insert';
  /** Who may see it: an `Audience`. */
  readonly audience: Audience;
  readonly attributes: Attributes;
  readonly externalId: ExternalId | undefined;
  readonly claims: readonly Claim[];
  readonly members: MemberDelta | undefined;
  readonly references: readonly Reference[];
}

export interface UpdateWrite extends Common {
  readonly kind: 'update';
  /** The version that was read; required where attributes change. Undefined: only edges change, on whatever version there is. */
  readonly version: number | undefined;
  readonly attributes: Attributes | undefined;
  readonly externalId: ExternalId | undefined;
  readonly released: readonly Claim[];
  readonly claims: readonly Claim[];
  readonly members: MemberDelta | undefined;
  readonly references: readonly Reference[];
}

export interface RemoveWrite extends Common {
  readonly kind: 'remove';
  readonly version: number | undefined;
}

/** A client's own name for the resource; without an id it is taken away. */
export interface ExternalId {
  readonly client: string;
  readonly id: string | undefined;
}

/** Another resource that must exist when this is written, and goes on existing while it is. */
export interface Reference {
  readonly type: ResourceType;
  readonly id: string;
  /** How errors call the attribute that refers to it. */
  readonly name: string;
}

export interface ChangeSet {
  readonly write: Write;
  /** A new password's hash. It is no attribute: the version does not change by it. */
  readonly credential?: { readonly hash: string };
  /** It is refused where it leaves nobody who can give rights. */
  readonly keepsAdministrator?: boolean;
  readonly audit: AuditEntry;
}

/** What became of a change set. `unchanged`: the edges were as asked already, and nothing was written. */
export type CommitResult =
  /** The version is undefined after a removal. */
  | { readonly kind: 'done'; readonly version: number | undefined }
  | { readonly kind: 'unchanged' }
  /** The version is no longer the one that was read, or the resource is gone: read again. */
  | { readonly kind: 'conflict' };
