/** Lists of groups, companies, portals and their people for screens: what SCIM would answer to the same filter, a page after the other. */
import type { Context } from '../resources/context.ts';
import { list } from '../resources/list.ts';
import type { Presented } from '../resources/present.ts';
import type { ResourceType } from '../scim/schema.ts';

export interface Page {
  readonly count: number;
  /** Undefined: the first page. */
  readonly cursor?: string | undefined;
}

export interface Asked {
  readonly filter: string | undefined;
  readonly sortBy: string;
  readonly attributes: readonly string[];
}

export interface ListedPage {
  readonly found: readonly Presented[];
  readonly total: number;
  /** For the page behind; undefined where there is none. */
  readonly cursor: string | undefined;
}

/** @throws ScimError 400 invalidCursor, expiredCursor, tooMany; 403 */
export async function listPage(context: Context, type: ResourceType, { filter, sortBy, attributes }: Asked, { count, cursor = '' }: Page): Promise<ListedPage> {
  const { resources, totalResults, nextCursor } = await list(context, type, { filter, sortBy, descending: false, startIndex: 1, count, askedCount: count, cursor, attributes, excludedAttributes: undefined });
  return { found: resources, total: totalResults, cursor: nextCursor };
}

/** Everything of a short list, as for a choice; of a long one its beginning. */
export const listAll = (context: Context, type: ResourceType, asked: Asked): Promise<readonly Presented[]> =>
  listPage(context, type, asked, { count: context.limits.maxPageSize }).then(({ found }) => found);

/** What somebody typed, as it stands in a filter. */
export const quoted = (text: string): string => JSON.stringify(text.trim().slice(0, LONGEST));
const LONGEST = 200;
