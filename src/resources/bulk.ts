/**
 * POST /Bulk: RFC 7644 section 3.7. Every operation is prepared as its single form is, with the same authorisation and checks, and is all or
 * nothing by itself; those that do not touch the same resource are written together. Ids are given out first, so that operations may refer
 * to each other forwards, backwards and in circles.
 */
import { conflict, invalidValue, notFound, quote, ScimError, unavailable } from '../errors.ts';
import { executionOrder, nextChunk, type Orderable } from '../scim/bulk-order.ts';
import { bulkReferences, isBroken, withIds, type BrokenOperation, type BulkOperation, type BulkRequest } from '../scim/bulk-request.ts';
import { asksDisplay } from '../scim/members.ts';
import type { BatchResult, ChangeSet } from '../store/change-set.ts';
import { commitAll } from '../store/commit.ts';
import { isMongoError } from '../store/mongo-errors.ts';
import { findById } from '../store/resources.ts';
import { KnownPeople } from './bulk-known.ts';
import { change, prepareChange, type ChangeRequest, type Precondition } from './change.ts';
import type { Context } from './context.ts';
import { newId, prepareCreate } from './create.ts';
import { patchRequest } from './patch.ts';
import { locationOf } from './present.ts';
import { prepareRemove, removeOnly } from './remove.ts';
import { replaceRequest } from './replace.ts';
import { AS_IT_WAS, reportResult } from './write.ts';

export interface BulkResult {
  readonly method: string;
  readonly bulkId: string | undefined;
  /** Absent for a POST that failed. */
  readonly location: string | undefined;
  /** Of the resource afterwards; absent after DELETE and after a failure. */
  readonly version: number | undefined;
  readonly status: number;
  readonly error: ScimError | undefined;
}

/** How many operations are prepared at once: fewer than the password queue holds. */
const PREPARED_AT_ONCE = 32;

/** An operation on its way. A broken one takes its turn too, for failOnErrors counts it there. */
interface Task extends Orderable {
  readonly operation: BulkOperation | BrokenOperation;
  readonly id: string;
  readonly deletes: boolean;
  /** Names the version that it is meant for. */
  readonly named: boolean;
}

type Prepared = { readonly task: Task; readonly changeSet: ChangeSet } | { readonly task: Task; readonly done: BulkResult };

/** @returns one result per operation that was processed, in the order of the request (R-BULK-7) */
export async function bulk(context: Context, request: BulkRequest, precondition: (ifMatch: string | undefined) => Precondition): Promise<readonly BulkResult[]> {
  const run = new BulkRun(context, request, precondition);
  await run.all();
  return run.results.flatMap((result) => result ?? []);
}

class BulkRun {
  readonly results: (BulkResult | undefined)[] = [];
  private errors = 0;
  /** Why MongoDB could not be reached: the outcome of what was tried is unknown, and nothing more is tried. */
  private readonly lost: unknown[] = [];
  private readonly failed = new Set<string>();
  private readonly ids: Map<string, string>;
  private readonly known: KnownPeople;
  private readonly context: Context;
  private readonly request: BulkRequest;
  private readonly precondition: (ifMatch: string | undefined) => Precondition;

  constructor(context: Context, request: BulkRequest, precondition: (ifMatch: string | undefined) => Precondition) {
    this.context = context;
    this.known = new KnownPeople(context);
    this.request = request;
    this.precondition = precondition;
    this.ids = new Map(request.operations.flatMap((operation) => (!isBroken(operation) && operation.method === 'POST' && operation.bulkId !== undefined ? [[operation.bulkId, newId()]] : [])));
  }

  async all(): Promise<void> {
    await this.known.find(this.request.operations, this.ids);
    let rest = executionOrder(this.request.operations.map((operation) => this.task(operation)));
    while (rest.length > 0 && !this.isStopped() && !this.isLost()) {
      const chunk = nextChunk(rest);
      rest = rest.slice(chunk.length);
      await this.write(this.beforeStop(await this.prepareAll(chunk)));
    }
    if (this.isLost()) this.giveUp(rest);
  }

  private isLost(): boolean {
    return this.lost.length > 0;
  }

  private isStopped(): boolean {
    return this.errors >= this.request.failOnErrors;
  }

  private task(operation: BulkOperation | BrokenOperation): Task {
    const { index } = operation;
    if (isBroken(operation)) return { index, operation, id: '', key: `broken|${index}`, needs: new Set(), makes: false, deletes: false, named: false };
    const makes = operation.method === 'POST';
    const id = this.idOf(makes ? `bulkId:${operation.bulkId ?? ''}` : (operation.id ?? ''));
    const needs = new Set(Array.from(bulkReferences(operation), (bulkId) => this.ids.get(bulkId) ?? ''));
    return { index, operation, id, key: id, needs, makes, deletes: operation.method === 'DELETE', named: operation.version !== undefined };
  }

  private idOf(id: string): string {
    return id.startsWith('bulkId:') ? (this.ids.get(id.slice('bulkId:'.length)) ?? id) : id;
  }

  private async prepareAll(chunk: readonly Task[]): Promise<readonly Prepared[]> {
    const prepared: Prepared[] = [];
    for (let start = 0; start < chunk.length; start += PREPARED_AT_ONCE) {
      prepared.push(...(await Promise.all(chunk.slice(start, start + PREPARED_AT_ONCE).map((task) => this.prepare(task)))));
    }
    return prepared;
  }

  private async prepare(task: Task): Promise<Prepared> {
    try {
      if (isBroken(task.operation)) throw task.operation.error;
      const changeSet = await this.changeSet(task, this.resolved(task.operation));
      if (changeSet) return { task, changeSet };
      this.context.report.unchanged({ action: ACTIONS[task.operation.method] ?? '', type: task.operation.type.name, id: task.id }, AS_IT_WAS);
      return { task, done: await this.unchanged(task) };
    } catch (error) {
      return { task, done: this.failure(task, error) };
    }
  }

  /** R-BULK-13: no reference to something that was not made is ever stored. */
  private resolved(operation: BulkOperation): BulkOperation {
    return withIds(operation, (bulkId) => {
      const id = this.ids.get(bulkId);
      if (id === undefined) throw invalidValue(`There is no POST with the bulkId ${quote(bulkId)} in this request.`);
      if (this.failed.has(id)) throw neededFailed(bulkId);
      return id;
    });
  }

  private async changeSet(task: Task, operation: BulkOperation): Promise<ChangeSet | undefined> {
    const request = await this.changeRequest(task, operation);
    if (request) return prepareChange(this.context, request);
    if (operation.method === 'DELETE') return prepareRemove(this.context, operation.type, task.id, this.precondition(operation.version));
    return prepareCreate(this.context, operation.type, task.id, operation.data);
  }

  private async changeRequest({ id }: Task, operation: BulkOperation): Promise<ChangeRequest | undefined> {
    if (this.known.has(operation)) return this.known.changeRequest(operation, id);
    const { method, type, data, version } = operation;
    if (method === 'PUT') return replaceRequest(this.context, type, id, data, this.precondition(version));
    return method === 'PATCH' ? patchRequest(this.context, type, id, data, this.precondition(version)) : undefined;
  }

  /** What comes behind the error that stops the request is not processed (R-BULK-9). */
  private beforeStop(prepared: readonly Prepared[]): readonly Prepared[] {
    let errors = this.errors;
    const stop = prepared.findIndex((entry) => 'done' in entry && entry.done.error !== undefined && ++errors >= this.request.failOnErrors);
    return stop < 0 ? prepared : prepared.slice(0, stop + 1);
  }

  /** Writes a chunk. What comes before an operation that cannot be written is written first: it may be why, or what it needs. */
  private async write(prepared: readonly Prepared[]): Promise<void> {
    let pending = prepared;
    while (pending.length > 0 && !this.isStopped() && !this.isLost()) {
      pending = this.beforeStop(this.withoutOrphans(pending));
      const cut = pending.findIndex((entry, position) => position > 0 && readsNames(entry));
      if (cut > 0) {
        await this.write(pending.slice(0, cut));
        pending = pending.slice(cut);
        continue;
      }
      const writable = pending.flatMap((entry) => ('changeSet' in entry ? [entry] : []));
      const { results, fault } = await this.commit(writable.map(({ changeSet }) => changeSet), (refused) => this.processed(pending, refused));
      if (this.isLost()) {
        this.giveUp(pending.map(({ task }) => task));
        return;
      }
      if (!fault) {
        await this.settle(pending, results);
        return;
      }
      const position = pending.findIndex((entry) => entry === writable[fault.index]);
      const culprit = pending[position];
      if (!culprit) return;
      if (writable.length === 1) {
        await this.settle(pending.slice(0, position), []);
        if (this.isStopped()) return;
        this.record(culprit.task, this.failure(culprit.task, await this.known.reasonOf(culprit.task.operation, fault.cause)));
        pending = pending.slice(position + 1);
      } else {
        // What comes after it may be in its way too: it is tried alone before it is given up.
        const cutAt = fault.index === 0 ? position + 1 : position;
        await this.write(pending.slice(0, cutAt));
        pending = pending.slice(cutAt);
      }
    }
  }

  /** What refers to something that could not be made cannot be written either, nor what refers to that. */
  private withoutOrphans(entries: readonly Prepared[]): readonly Prepared[] {
    const failed = new Set(this.failed);
    const bulkIdOf = new Map(Array.from(this.ids, ([bulkId, id]) => [id, bulkId]));
    let current = entries;
    for (let size = -1; size < failed.size; ) {
      size = failed.size;
      current = current.map((entry) => {
        const missing = [...entry.task.needs].find((id) => failed.has(id) && id !== entry.task.id);
        const orphan: Prepared = 'changeSet' in entry && missing !== undefined ? { task: entry.task, done: this.failure(entry.task, neededFailed(bulkIdOf.get(missing) ?? '')) } : entry;
        if ('done' in orphan && orphan.done.error && orphan.task.makes) failed.add(orphan.task.id);
        return orphan;
      });
    }
    return current;
  }

  private async commit(changeSets: readonly ChangeSet[], processed: (refused: ReadonlySet<number>) => number): ReturnType<typeof commitAll> {
    if (changeSets.length === 0) return { results: [], fault: undefined };
    try {
      return await commitAll(this.context.scope, changeSets, processed);
    } catch (cause) {
      if (!(cause instanceof ScimError) && !isMongoError(cause)) throw cause;
      this.lost.push(cause);
      return { results: [], fault: undefined };
    }
  }

  /** How many of the change sets are processed where the client's guard refuses these: what comes behind the error that stops is not. */
  private processed(entries: readonly Prepared[], refused: ReadonlySet<number>): number {
    let errors = this.errors;
    let changeSets = 0;
    for (const entry of entries) {
      const isError = 'done' in entry ? entry.done.error !== undefined : refused.has(changeSets);
      if ('changeSet' in entry) changeSets++;
      if (isError && ++errors >= this.request.failOnErrors) break;
    }
    return changeSets;
  }

  /** Each is safe to repeat, and says so. */
  private giveUp(tasks: readonly Task[]): void {
    for (const task of tasks) if (!this.results[task.index]) this.record(task, this.failure(task, this.lost[0]));
  }

  private async settle(entries: readonly Prepared[], results: readonly BatchResult[]): Promise<void> {
    let position = 0;
    for (const entry of entries) {
      const result = 'changeSet' in entry ? results[position++] : undefined;
      const isWritten = result?.kind === 'done' || result?.kind === 'unchanged';
      // What has been written is told, even behind the error that ends the request.
      if (result?.kind === 'skipped' || (this.isStopped() && !isWritten)) continue;
      this.record(entry.task, 'done' in entry ? entry.done : await this.result(entry.task, entry.changeSet, result));
    }
  }

  private record(task: Task, result: BulkResult): void {
    this.results[task.index] = result;
    if (!result.error) return;
    this.errors++;
    if (task.makes) this.failed.add(task.id);
  }

  private async result(task: Task, changeSet: ChangeSet, result: Exclude<BatchResult, { kind: 'skipped' }> | undefined): Promise<BulkResult> {
    try {
      if (!result || result.kind === 'conflict') return await this.again(task);
      if (result.kind === 'refused') throw result.error;
      reportResult(this.context, changeSet, result);
      return result.kind === 'done' ? this.success(task, result.version) : await this.unchanged(task);
    } catch (error) {
      return this.failure(task, error);
    }
  }

  /** Somebody else changed the resource between reading and writing: the single form knows how to go on. */
  private async again(task: Task): Promise<BulkResult> {
    if (isBroken(task.operation)) throw task.operation.error;
    const operation = this.resolved(task.operation);
    const request = await this.changeRequest(task, operation);
    if (request) await change(this.context, request);
    else if (task.deletes) await removeOnly(this.context, operation.type, task.id, this.precondition(operation.version));
    else throw unavailable();
    return task.deletes ? this.success(task, undefined) : this.unchanged(task);
  }

  private async unchanged(task: Task): Promise<BulkResult> {
    const stored = isBroken(task.operation) ? undefined : await findById(this.context.scope, task.operation.type, task.id);
    if (!stored) throw notFound();
    return this.success(task, stored.version);
  }

  private success(task: Task, version: number | undefined): BulkResult {
    const status = task.makes ? 201 : task.deletes ? 204 : 200;
    return { ...this.common(task), location: this.location(task), version, status, error: undefined };
  }

  private failure(task: Task, error: unknown): BulkResult {
    if (!(error instanceof ScimError) && !isMongoError(error)) throw error;
    const known = error instanceof ScimError ? error : unavailable(error);
    this.context.report.refused({ action: ACTIONS[task.operation.method] ?? task.operation.method, type: isBroken(task.operation) ? '' : task.operation.type.name, ...(task.makes ? {} : { id: task.id }) }, known);
    return { ...this.common(task), location: task.makes ? undefined : this.location(task), version: undefined, status: known.status, error: known };
  }

  private common({ operation }: Task) {
    return { method: operation.method, bulkId: operation.bulkId };
  }

  private location({ operation, id }: Task): string | undefined {
    return isBroken(operation) ? undefined : locationOf(this.context, operation.type, id);
  }
}

/** As the audit log calls them. */
const ACTIONS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'replace', PATCH: 'patch', DELETE: 'delete' };

const neededFailed = (bulkId: string) => conflict(`The operation with the bulkId ${quote(bulkId)} failed.`);

/** A change that looks at the names of members must see those that were written before it. */
const readsNames = (entry: Prepared) => 'changeSet' in entry && entry.changeSet.write.kind === 'update' && entry.changeSet.write.members !== undefined && asksDisplay(entry.changeSet.write.members);
