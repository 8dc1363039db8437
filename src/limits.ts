/**
 * The numbers of design section 6 rule 8. Limits are checked before the work they bound; what announces a limit
 * (ServiceProviderConfig, error texts) reads it from here.
 */
export interface Limits {
  /** Bytes of a request body. */
  readonly bodyBytes: number;
  readonly jsonDepth: number;
  /** Resources on a page where the request names no count, and at most. */
  readonly pageSize: number;
  readonly maxPageSize: number;
  /** Characters of a filter or a PATCH path. */
  readonly filterLength: number;
  readonly filterDepth: number;
  /** Comparisons in one filter. */
  readonly filterTerms: number;
  readonly patchOperations: number;
  /** Operations of a PATCH that does nothing but add and remove members (Q48). */
  readonly memberOperations: number;
  /** Members in one PATCH operation. */
  readonly valuesPerOperation: number;
  /** Elements of a multi-valued attribute; members are edges and have no such limit. */
  readonly valuesPerAttribute: number;
  /** Characters of one text value. */
  readonly stringLength: number;
  /** Results that a query may have if it sorts by an attribute without an index. */
  readonly unindexedSort: number;
  /** People of a tenant up to whom a list counts them one by one; more are taken from the counts of seats. */
  readonly countedPeople: number;
  /** Queries with `co` or `ew`, which read an index from end to end, at once in this process; and how many may wait. */
  readonly scans: number;
  readonly waitingScans: number;
  /** Bytes of one resource's attributes as JSON: folded they may grow elevenfold, and a document of MongoDB ends at 16 MB. */
  readonly resourceBytes: number;
  /** Seconds for which a cursor can be used. */
  readonly cursorSeconds: number;
  /** Operations in one bulk request, and its bytes. */
  readonly bulkOperations: number;
  readonly bulkBytes: number;
  /** Attempts to sign in from one range of addresses, in bursts of twice as many. */
  readonly signInsPerSecond: number;
  /** Milliseconds for one MongoDB operation. */
  readonly operationMs: number;
  /** The same for all that an export reads; and how many of one tenant run at once in this process. */
  readonly exportMs: number;
  readonly exports: number;
  /** Milliseconds that work waits for other work on the same keys in this process: a stopped MongoDB must not make a queue of minutes. */
  readonly lockMs: number;
  /** Of a file of people: its bytes, lines and columns, and the bytes of one line; and how many imports are kept in a tenant. */
  readonly importBytes: number;
  readonly importLines: number;
  readonly importColumns: number;
  readonly importLineBytes: number;
  readonly imports: number;
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  bodyBytes: 1024 * 1024,
  jsonDepth: 32,
  pageSize: 100,
  maxPageSize: 1000,
  filterLength: 4096,
  filterDepth: 20,
  filterTerms: 100,
  patchOperations: 100,
  memberOperations: 1000,
  valuesPerOperation: 1000,
  valuesPerAttribute: 1000,
  stringLength: 65_536,
  unindexedSort: 10_000,
  countedPeople: 50_000,
  scans: 2,
  waitingScans: 20,
  resourceBytes: 1024 * 1024,
  cursorSeconds: 3600,
  bulkOperations: 1000,
  bulkBytes: 10 * 1024 * 1024,
  signInsPerSecond: 10,
  operationMs: 2000,
  exportMs: 600_000,
  exports: 4,
  lockMs: 5000,
  importBytes: 64 * 1024 * 1024,
  importLines: 1_000_000,
  importColumns: 200,
  importLineBytes: 65_536,
  imports: 50,
});
