/**
 * What a use case wants to happen, all of it or nothing: `commit` is the only way to write resources. Preconditions are part of the
 * writes themselves, so nothing is checked first and written later.
 */
import type { ScimError } from '../errors.ts';
import type { MemberDelta } from '../scim/members.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { Audience } from './audience.ts';
import type { AuditEntry } from './audit.ts';
import type { StoredResource } from './codec.ts';
import type { Actor, Said } from './documents.ts';
import type { SourceOf } from './sources.ts';
import type { EditedInvitation, Entry, LinkDocument, LinkPurpose, NextFactorDocument, OutboxDocument, SecondFactorDocument, SessionDocument } from './account-documents.ts';

export interface Claim {
  readonly kind: string;
  /** How errors call the attribute. */
  readonly path: string;
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
  readonly said?: SaidBy;
  readonly sources?: readonly SourceOf[] | undefined;
  readonly claims: readonly Claim[];
  readonly members: MemberDelta | undefined;
  readonly references: readonly Reference[];
  /** What a hidden person had: with it they come back, and their hidden copy is used up. */
  readonly restores?: Pick<StoredResource, 'version' | 'created' | 'externalIds' | 'said' | 'sources'>;
}

export interface UpdateWrite extends Common {
  readonly kind: 'update';
  /** Who may see it from now on, where that changes. */
  readonly audience?: Audience | undefined;
  /** The version that was read; required where attributes change. Undefined: only edges change, on whatever version there is. */
  readonly version: number | undefined;
  readonly attributes: Attributes | undefined;
  readonly externalId: ExternalId | undefined;
  readonly said?: SaidBy;
  /** Written with the attributes. */
  readonly sources?: readonly SourceOf[] | undefined;
  readonly released: readonly Claim[];
  readonly claims: readonly Claim[];
  readonly members: MemberDelta | undefined;
  readonly references: readonly Reference[];
  /** Of somebody else whose record becomes part of this one: what clients called them and what they asserted. */
  readonly inherits?: Pick<StoredResource, 'externalIds' | 'said'>;
}

export interface RemoveWrite extends Common {
  readonly kind: 'remove';
  readonly version: number | undefined;
  /** Who hides a person: gone for everybody, with a copy that can be restored (L6). */
  readonly hides?: Actor | undefined;
  /** The id of whom references lead to from now on; without it they go with the resource. */
  readonly heir?: string;
}

/** A client's own name for the resource; without an id it is taken away. */
export interface ExternalId {
  readonly client: string;
  readonly id: string | undefined;
}

export type SaidBy = Said & { readonly client: string };

/** Another resource that must exist when this is written, and goes on existing while it is. */
export interface Reference {
  readonly type: ResourceType;
  readonly id: string;
  /** How errors call the attribute that refers to it. */
  readonly name: string;
}

/** What is written of a person's login in the same transaction. None of it is an attribute, so the version does not change by it. */
export interface AccountWrites {
  readonly password?: { readonly hash: string; readonly earlier: readonly string[] };
  /** Everything that was given out before ends: sessions, links and challenges. */
  readonly endsAll?: boolean;
  /** Sessions by one of the entries end; those by others go on (X5, P4). */
  readonly endsSessions?: readonly SessionsOf[];
  /** The id of a session that ends: where another was faster, nothing is written. */
  readonly endsSession?: string;
  readonly resetsFailures?: boolean;
  /** Nothing is written where there are fewer wrong passwords: a good sign-in has come between. */
  readonly needsFailures?: number;
  /** The session that begins with it. */
  readonly session?: Omit<SessionDocument, 't' | 'person'>;
  /** The login is taken away: password, second factor, and what was given out. */
  readonly removesCredential?: boolean;
  /** `null` takes it away. */
  readonly secondFactor?: SecondFactorDocument | null;
  /** A match that waits (L5): where somebody else has decided in this moment, nothing is written. */
  readonly match?: { readonly id: string; readonly becomes: 'adopted'; readonly by: Actor } | { readonly id: string; readonly becomes: 'used' };
  readonly nextFactor?: NextFactorDocument;
  /** What the sender of an invitation has edited; `null`: nothing. Gone with a password, and with the login. */
  readonly invitation?: EditedInvitation | null;
  /** Links of this purpose that were not used end: the last one asked for counts. */
  readonly endsPurpose?: LinkPurpose;
  /** The link that this uses up: where another was faster, nothing is written. */
  readonly uses?: string;
  /** Of the epoch that results, unless one says otherwise. */
  readonly links?: readonly (Omit<LinkDocument, 't' | 'person' | 'epoch'> & Partial<Pick<LinkDocument, 'epoch'>>)[];
  readonly mails?: readonly Omit<OutboxDocument, 't' | 'state' | 'attempts' | 'due'>[];
}

/** Whose sessions, by which entry; what is left out does not matter. */
export interface SessionsOf {
  readonly person?: string;
  /** The id of a session that goes on. */
  readonly except?: string;
  readonly kind?: Entry['kind'];
  readonly portal?: string;
  readonly company?: string;
}

export interface ChangeSet {
  readonly write: Write;
  readonly account?: AccountWrites;
  readonly audit: AuditEntry;
  /** Changes of other resources that follow from this one: written with it or not at all. */
  readonly also?: readonly ChangeSet[];
  /** Where this one cannot be written on the version that was read, nothing of the call is: 409. */
  readonly together?: boolean;
}

/** What became of a change set. `unchanged`: the edges were as asked already, and nothing was written. */
export type CommitResult =
  /** The version is undefined after a removal. */
  | { readonly kind: 'done'; readonly version: number | undefined }
  | { readonly kind: 'unchanged' }
  /** The version is no longer the one that was read, or the resource is gone: read again. */
  | { readonly kind: 'conflict' };

/** In a batch: `refused` by the guard of the client that asks, or `skipped` because an error before it ends the request. */
export type BatchResult = CommitResult | { readonly kind: 'refused'; readonly error: ScimError } | { readonly kind: 'skipped' };
