/** The shapes of what is stored. Every document carries its tenant in `t`; `docs/decisions.md` says why the rest looks as it does. */
import type { ComplexValue } from '../scim/schema.ts';

/** A resource: one collection per type, one shape for all. Instants are UTC text with milliseconds, whose order is the order in time. */
export interface ResourceDocument {
  /** UUIDv7, so that insertion order is index order. */
  readonly _id: string;
  readonly t: string;
  /** The version: grows by one with every change that an answer shows. */
  readonly v: number;
  readonly created: string;
  readonly lastModified: string;
  /** externalId, per provisioning client: a client sees and replaces only its own. */
  readonly ext: readonly { readonly client: string; readonly id: string }[];
  /** The attributes as sent, extensions under their short keys. */
  readonly a: ComplexValue;
  /** The same attributes in the form in which they are compared: what filters, sorts and indexes look at, never what is answered. */
  readonly k: ComplexValue;
  /** How often an edge to this resource was made. Written with each, so that it cannot be deleted at the same time. */
  readonly mr: number;
  /** How often the credential was written. */
  readonly cr?: number;
  /** Groups only: the short key in their edges, and the number of members. */
  readonly gk?: string;
  readonly mc?: number;
}

/** "m is a member of the group with key g." The group's key is part of `_id`, which makes it unique and readable by prefix. */
export interface EdgeDocument {
  readonly _id: string;
  readonly t: string;
  readonly g: string;
  readonly m: string;
  /** The member's resource type. */
  readonly ty: string;
}

/** A value that belongs to one resource by policy, in whatever places it stands. `_id` is `tenant|kind|folded value`. */
export interface ClaimDocument {
  readonly _id: string;
  readonly t: string;
  readonly owner: string;
}

/** Edges of a group key that no group has any more, to be deleted in the background. */
export interface SweepDocument {
  /** The dead group key. */
  readonly _id: string;
  readonly t: string;
}

export interface CredentialDocument {
  /** The account's id. */
  readonly _id: string;
  readonly t: string;
  /** PHC string of argon2id. */
  readonly hash: string;
  readonly changed: Date;
}

/** Who did what to whom, when: everything that a security event (RFC 9967) will need, and names of attributes instead of values. */
export interface AuditDocument {
  readonly _id: string;
  readonly t: string;
  readonly at: Date;
  readonly by: { readonly kind: 'client'; readonly id: string };
  readonly action: 'create' | 'replace' | 'patch' | 'delete';
  readonly on: { readonly type: string; readonly id: string };
  readonly request: string;
  readonly changed: readonly string[];
  /** The version that resulted; absent after a delete. */
  readonly version?: number;
}

export interface TenantDocument {
  readonly _id: string;
  readonly name: string;
  readonly created: Date;
}

export interface ClientDocument {
  readonly _id: string;
  readonly t: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Tolerances that are switched off; `strict` is all of them. */
  readonly refusedTolerances: readonly string[];
  /** What a successful PATCH answers: the resource, or always 204. */
  readonly patchAnswer: 'resource' | 'empty';
  /** URNs of the schemas that are switched on for the client beyond those that every client sees. */
  readonly shows?: readonly string[];
  /** The User that the client acts as, if it is bound to one. */
  readonly person?: string;
  readonly created: Date;
}

export interface TokenDocument {
  /** SHA-256 of the token, hexadecimal. */
  readonly _id: string;
  readonly t: string;
  readonly client: string;
  /** The first characters, by which people tell tokens apart. */
  readonly label: string;
  readonly created: Date;
  readonly expires: Date;
}
