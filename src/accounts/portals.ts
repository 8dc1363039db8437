/** A portal as the place where people sign in (P3, P5): its name and language are on its pages and in its mails, and they lead back to it. */
import { notFound } from '../errors.ts';
import { LANGUAGES } from '../policy.ts';
import type { Context } from '../resources/context.ts';
import { unrestricted } from '../store/audience.ts';
import type { StoredResource } from '../store/codec.ts';
import { findById } from '../store/resources.ts';
import { textAt } from './attributes.ts';

/** @throws ScimError 404 for one that is not there or closed */
export async function getPortal({ scope }: Pick<Context, 'scope'>, id: string): Promise<StoredResource> {
  const portal = await findById(unrestricted(scope), scope.store.registry.type('Portal'), id);
  if (portal?.attributes['active'] === false || !portal) throw notFound('Portal');
  return portal;
}

/** What pages and mails of the tenant say becomes the portal's. */
export function atPortal(context: Context, { attributes }: StoredResource): Context {
  const { tenant } = context;
  const locale = textAt(attributes, 'locale')?.toLowerCase() ?? '';
  const language = LANGUAGES.find((one) => locale === one || locale.startsWith(`${one}-`) || (one === 'nb' && /^no(-|$)/.test(locale))) ?? tenant.policy.language;
  return { ...context, tenant: { ...tenant, policy: { ...tenant.policy, displayName: textAt(attributes, 'displayName') ?? tenant.policy.displayName, language } } };
}

/** Where a portal is, once somebody has signed in; undefined where it has no address of the web. */
export function addressOfPortal({ attributes }: StoredResource): string | undefined {
  const url = textAt(attributes, 'url');
  return url !== undefined && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : undefined;
}
