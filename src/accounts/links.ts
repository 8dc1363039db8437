/**
 * One-time links: 256 bits of which only the SHA-256 is kept, for one purpose of one person, dead with every change of password, address or
 * state (their epoch), and used by one atomic update in the commit of what they do. Opening one changes nothing: mail scanners do that.
 */
import { randomBytes } from 'node:crypto';
import type { Context } from '../resources/context.ts';
import type { AccountWrites } from '../store/change-set.ts';
import type { LinkDocument, LinkPurpose } from '../store/account-documents.ts';
import type { Store } from '../store/store.ts';
import { tokenHash } from '../store/tokens.ts';

const TOKEN = /^[\w-]{43}$/;

export interface NewLink {
  /** What stands in the address. */
  readonly token: string;
  readonly document: NonNullable<AccountWrites['links']>[number];
}

/** @param minutes how long it lives */
export function newLink({ now }: Context, purpose: LinkPurpose, minutes: number, more: Pick<LinkDocument, 'address' | 'entry' | 'audience'> = {}): NewLink {
  const token = randomBytes(32).toString('base64url');
  const created = now();
  return { token, document: { _id: tokenHash(token), purpose, created, expires: new Date(created.getTime() + minutes * 60_000), ...more } };
}

/** Where it leads: PUBLIC_URL alone decides, never a request. */
export const linkAddress = ({ publicUrl }: Pick<Context, 'publicUrl'>, page: string, token: string) => `${publicUrl}/${page}?token=${token}`;

export type FoundLink =
  | { readonly kind: 'good'; readonly link: LinkDocument }
  /** Also for a link that never was: whoever has only a token cannot tell. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'used' | 'expired'; readonly link: LinkDocument };

/** Looks without using. A link of an earlier epoch is as if it had never been. */
export async function findLink(store: Store, token: string, purposes: readonly LinkPurpose[], now: Date): Promise<FoundLink> {
  if (!TOKEN.test(token)) return { kind: 'unknown' };
  const link = await store.collections.links.findOne({ _id: tokenHash(token) });
  if (!link || !purposes.includes(link.purpose)) return { kind: 'unknown' };
  if (link.used) return { kind: 'used', link };
  const credential = await store.collections.credentials.findOne({ _id: link.person, t: link.t }, { projection: { epoch: 1 } });
  if ((credential?.epoch ?? 0) !== link.epoch) return { kind: 'unknown' };
  return { kind: link.expires > now ? 'good' : 'expired', link };
}
