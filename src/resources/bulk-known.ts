/** POSTs of a bulk request that mean people who are here already (L5): they become changes of those. */
import { ScimError, uniqueness } from '../errors.ts';
import { isBroken, type BrokenOperation, type BulkOperation } from '../scim/bulk-request.ts';
import type { ChangeRequest } from './change.ts';
import type { Context } from './context.ts';
import { whoIsMeant } from './create.ts';

const AT_ONCE = 32;

export class KnownPeople {
  /** By position: why whom it means is not changed, if it is refused. */
  private readonly refusals = new Map<number, ScimError | undefined>();
  private readonly context: Context;

  constructor(context: Context) {
    this.context = context;
  }

  /** Looked up first, for others of the request may refer to them. @param ids by bulkId: that of somebody who is here becomes theirs */
  async find(operations: readonly (BulkOperation | BrokenOperation)[], ids: Map<string, string>): Promise<void> {
    const { onRehire, linksActive } = this.context.principal;
    if (onRehire === 'refuse' && linksActive === 'refuse') return;
    const posts = operations.flatMap((operation) => (isBroken(operation) || operation.method !== 'POST' ? [] : [operation]));
    for (let start = 0; start < posts.length; start += AT_ONCE) await Promise.all(posts.slice(start, start + AT_ONCE).map((operation) => this.look(operation, ids)));
  }

  private async look({ index, type, data, bulkId }: BulkOperation, ids: Map<string, string>): Promise<void> {
    try {
      const meant = await whoIsMeant(this.context, type, data, undefined);
      if (!meant) return;
      this.refusals.set(index, undefined);
      if (bulkId !== undefined) ids.set(bulkId, meant.id);
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      this.refusals.set(index, error);
    }
  }

  has({ index }: BulkOperation): boolean {
    return this.refusals.has(index);
  }

  /** @param id of whom it meant when the request began. @throws ScimError where that is refused, or they were changed since */
  async changeRequest({ index, type, data }: BulkOperation, id: string): Promise<ChangeRequest> {
    const refused = this.refusals.get(index);
    const meant = refused ? undefined : await whoIsMeant(this.context, type, data, undefined);
    if (meant?.id !== id) throw refused ?? uniqueness('The person was changed meanwhile.');
    return meant;
  }

  /** Whose value a POST was refused for, where the client may know. */
  async reasonOf(operation: BulkOperation | BrokenOperation, cause: unknown): Promise<unknown> {
    if (isBroken(operation) || operation.method !== 'POST' || !(cause instanceof ScimError) || cause.scimType !== 'uniqueness') return cause;
    try {
      await whoIsMeant(this.context, operation.type, operation.data, cause);
      return cause;
    } catch (better) {
      return better;
    }
  }
}
