/** The shapes of what is stored. Every document carries its tenant in `t`; `docs/decisions.md` says why the rest looks as it does. */
import type { ComplexValue, Value } from '../scim/schema.ts';
import type { SourceOf } from './sources.ts';

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
  /**
   * The same attributes in the form in which they are compared: what filters, sorts and indexes look at, never what is answered. `_search` in it,
   * a name that no attribute can have, holds `SearchKeys`.
   */
  readonly k: ComplexValue;
  /** How often an edge to this resource was made. Written with each, so that it cannot be deleted at the same time. */
  readonly mr: number;
  /** How often something of the login was written; absent for who never had one. */
  readonly cr?: number;
  /** What each client asserted last of what more than one decides: a repetition is no assertion (design section 5). */
  readonly said?: readonly (Said & { readonly client: string })[];
  /** Users only: who set each attribute last. */
  readonly src?: readonly SourceOf[];
  /** Who may see it: a population of people, `all` for other resources, `console` for what no client without `admin.grant` sees. */
  readonly p: string;
  /** Groups only: the short key in their edges, and the number of members. */
  readonly gk?: string;
  readonly mc?: number;
}

/** Users only. */
export interface Said {
  readonly active?: boolean;
  /** As the client writes it. */
  readonly leaveDate?: string;
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

/**
 * A person who was hidden (L6): apart from all others, so that no query that knows nothing of it finds them. What others had of them has ended:
 * memberships, references, claims, and everything of the login but the number of its last epoch.
 */
export interface HiddenDocument extends Pick<ResourceDocument, '_id' | 't' | 'v' | 'created' | 'ext' | 'a' | 'p' | 'said' | 'src'> {
  readonly at: Date;
  readonly by: Actor;
  /** Taken out of `a`, so that an erasure of those to whom they lead finds them. */
  readonly references: readonly { readonly path: string; readonly id: string; readonly value: Value }[];
  /** The ids of the groups that they were in. */
  readonly groups: readonly string[];
}

/** A POST that means somebody deactivated, which an administrator decides about (L5): one for each client and person. */
export interface MatchDocument {
  readonly _id: string;
  readonly t: string;
  readonly client: string;
  readonly person: string;
  /** By what the person was found. */
  readonly by: 'userName' | 'address' | 'externalId';
  /** What the client calls the person. */
  readonly externalId?: string;
  /** `adopted`: an administrator has said yes, and the client's next POST of the person takes the record over. */
  readonly state: 'open' | 'adopted' | 'refused';
  readonly at: Date;
  /** When the client asked last, and how often. */
  readonly last: Date;
  readonly times: number;
  readonly decided?: { readonly at: Date; readonly by: Actor };
}

/** Somebody who was erased, until the worker has seen that nothing is left of them and has said so. */
export interface ErasureDocument {
  /** The person's id. */
  readonly _id: string;
  readonly t: string;
  /** When they were gone for everybody. */
  readonly at: Date;
  /** Not before: what was on its way in that moment has arrived. */
  readonly due: Date;
  /** How many documents, by collection. */
  readonly removed: Readonly<Record<string, number>>;
  /** Which process is at it, and until when. */
  readonly lease?: { readonly owner: string; readonly until: Date };
}

/** Whose doing something is: a provisioning client, a person, or the server itself and its operator at the command line. */
export interface Actor {
  readonly kind: 'client' | 'person' | 'system';
  readonly id: string;
}

/**
 * Who did what to whom, when and from where: everything that a security event (RFC 9967) will need, and names of attributes instead of
 * values. Nothing in it is personal: the address of a person stands in a trace.
 */
export interface AuditDocument {
  /** UUIDv7: the order of the log. */
  readonly _id: string;
  readonly t: string;
  readonly at: Date;
  readonly by: Actor;
  /** `create`, `replace`, `patch` and `delete` of resources; else what was done, like `token.issue`. */
  readonly action: string;
  readonly on: { readonly type: string; readonly id: string };
  readonly request: string;
  /** The address of a client's request; a person's is in a trace. */
  readonly from?: string;
  readonly changed: readonly string[];
  /** What settings were changed to; of an export its columns, the names of its filters, and its rows. Never a person's attributes. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** The version that resulted; absent after a delete. */
  readonly version?: number;
  /** Why it was not done. */
  readonly refused?: string;
  /** How often, where the same refusal came many times within a minute. */
  readonly times?: number;
}

/** What is personal about an entry of a log, kept apart and found by the person, so that an erasure reaches it. */
export interface TraceDocument {
  readonly _id: string;
  readonly t: string;
  readonly person: string;
  /** The entry of the audit log or provisioning log. */
  readonly entry: string;
  readonly at: Date;
  readonly from?: string;
  /** The values that the entry leaves out, by path. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Ids of others that stand in the values: those of a manager, and the like. */
  readonly mentions?: readonly string[];
}

/** One request of a provisioning client, as Rollcall understood it. */
export interface ProvisioningDocument {
  /** UUIDv7. */
  readonly _id: string;
  readonly t: string;
  readonly client: string;
  readonly at: Date;
  readonly ms: number;
  readonly request: string;
  readonly method: string;
  /** The endpoint, for instance `/Users`; ids stand in `operations`. */
  readonly endpoint: string;
  /** A filter with its values taken out. */
  readonly filter?: string;
  readonly status: number;
  readonly outcome: 'read' | 'changed' | 'unchanged' | 'mixed' | 'refused' | 'failed';
  readonly operations: readonly LoggedOperation[];
  /** Asked with `Prefer: handling=dry-run`: nothing of it was done. */
  readonly dryRun?: boolean;
  /** Operations beyond those that are listed. */
  readonly more?: number;
  /** Operations on people who were erased since. */
  readonly erased?: number;
  readonly tolerances: readonly string[];
  readonly error?: { readonly scimType?: string; readonly detail: string; readonly hint?: string };
}

export interface LoggedOperation {
  readonly action: string;
  readonly type: string;
  readonly id?: string;
  /** What was asked: `replace name.familyName`, `add members`. Paths only. */
  readonly asked: readonly string[];
  readonly outcome: 'changed' | 'unchanged' | 'refused';
  readonly changed: readonly string[];
  /** Why it was refused, or why nothing changed. */
  readonly reason?: string;
}

/** What is true of the database as a whole: which steps of `migrations.ts` it has behind it, and that its first start has been. */
export interface SystemDocument {
  readonly _id: 'version' | 'firstStart';
  readonly version?: number;
  readonly at?: Date;
}

export interface TenantDocument {
  readonly _id: string;
  /** As in paths: `/t/{name}/scim/v2`. */
  readonly name: string;
  readonly created: Date;
  /** `deleted`: nobody gets in any more, and the worker takes away what is left. */
  readonly state: 'active' | 'suspended' | 'deleted';
  /** What departs from `POLICY`. */
  readonly policy: Readonly<Record<string, unknown>>;
  /** Grows with every change that might take an administrator away, so that two of them cannot pass each other. */
  readonly administrators?: number;
}

export interface ClientDocument {
  readonly _id: string;
  readonly t: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** What departs from `CLIENT_SETTINGS`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The User that the client acts as, if it is bound to one. */
  readonly person?: string;
  readonly created: Date;
}

export interface TokenDocument {
  /** SHA-256 of the token, hexadecimal. */
  readonly _id: string;
  readonly t: string;
  readonly client: string;
  /** `bearer` is sent with each request; `secret` is exchanged for short ones at `/oauth/token`. */
  readonly use: 'bearer' | 'secret';
  /** The first characters, by which people tell tokens apart. */
  readonly label: string;
  readonly created: Date;
  readonly expires: Date;
  readonly lastUsed?: Date;
  /** The token that ends some time after this one is first used. */
  readonly succeeds?: { readonly token: string; readonly graceSeconds: number };
  /** When its people were told that it ends soon. */
  readonly warned?: Date;
}

/** What a client has switched off, deleted and taken out of groups lately, and what an administrator decided about it: one for each client. */
export interface GuardDocument {
  /** The client's id. */
  readonly _id: string;
  readonly t: string;
  /** What was counted, by the start of five minutes; what is over goes with the next write. */
  readonly used?: readonly (GuardAmount & { readonly at: Date })[];
  /** How many people the client sees: counted where the number alone does not do, and at most once an hour. */
  readonly people?: { readonly count: number; readonly at: Date };
  /** By an administrator: so many more may pass until then, or everything. */
  readonly released?: GuardAmount & { readonly all: boolean; readonly until: Date };
  readonly hold?: GuardHold;
  /** What the last reservation got: so the one update that decides also tells. */
  readonly last?: { readonly granted: readonly boolean[]; readonly window: GuardAmount; readonly extra: GuardAmount };
}

export interface GuardAmount {
  /** People deactivated or deleted. */
  readonly changes: number;
  /** Memberships of groups that ended. */
  readonly members: number;
}

/** Something was refused and waits for an administrator; `refused`: one has said no, and nothing passes until one says otherwise. */
export interface GuardHold {
  readonly state: 'open' | 'refused';
  readonly since: Date;
  /** Which limit was reached, what it was, and how much was asked for then; absent where an administrator stopped the client unasked. */
  readonly about?: { readonly kind: keyof GuardAmount; readonly limit: number; readonly asked: number };
  /** Changes that were refused since. */
  readonly refusals: number;
  readonly last: Date;
}
