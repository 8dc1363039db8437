/** X2: companies by search and by what the caller dealt with last. */
import type { Context } from '../resources/context.ts';
import { getStored } from '../resources/read.ts';
import type { Attributes } from '../scim/schema.ts';
import { EXTERNAL_EXTENSION, PORTAL_EXTENSION } from '../scim/urns.ts';
import { recentlyTouched } from '../store/recent.ts';
import { findMany } from '../store/resources.ts';
import { complexAt, textAt } from './attributes.ts';
import { externalOf } from './external.ts';
import { readPage, type FoundPage, type Page } from './found-pages.ts';
import { termsIn } from './people-query.ts';
import { accessOf } from './portal-access.ts';
import { userType } from './verbs.ts';

export interface Company {
  readonly id: string;
  readonly displayName: string;
  readonly number: string | undefined;
  /** A company that is closed has no login. */
  readonly active: boolean;
}

export interface CompanyPage extends Omit<FoundPage, 'found'> {
  readonly companies: readonly Company[];
}

const companyType = ({ scope }: Context) => scope.store.registry.type('Company');
const companyOf = ({ id, attributes }: { readonly id: string; readonly attributes: Attributes }): Company =>
  ({ id, displayName: textAt(attributes, 'displayName') ?? '', number: textAt(attributes, 'number'), active: attributes['active'] !== false });

/** @param search as typed: terms with commas between them, each the beginning of a name, of a word in it or of a number. @throws ScimError 400 */
export async function listCompanies(context: Context, search: string | undefined, page: Page): Promise<CompanyPage> {
  const { found, ...rest } = await readPage(context, {
    type: companyType(context), audiences: ['all'], statuses: ['none', 'deactivated'], terms: termsIn(search ?? ''), roles: [], byInfix: false, attributes: ['displayName', 'number', 'active'],
  }, page);
  return { companies: found.map(companyOf), ...rest };
}

/** @throws ScimError 404 for one that is not there or not for the caller to see */
export const getCompany = async (context: Context, id: string): Promise<Company> => companyOf(await getStored(context, companyType(context), id));

const MOST_RECENT = 10;

/** Those that the caller changed somebody or something of, the last first. */
export async function recentCompanies(context: Context): Promise<readonly Company[]> {
  const { scope, principal } = context;
  const touched = await recentlyTouched(scope, principal.actor.id);
  const people = await findMany(scope, userType(context), touched.filter(({ type }) => type === 'User').map(({ id }) => id));
  const ids = touched.flatMap(({ type, id }) => (type === 'Company' ? [id] : companiesOf(people.get(id)?.attributes ?? {})));
  const last = [...new Set(ids)];
  const found = await findMany(scope, companyType(context), last);
  return last.flatMap((id) => found.get(id) ?? []).slice(0, MOST_RECENT).map(companyOf);
}

function companiesOf(attributes: Attributes): readonly string[] {
  if (Object.keys(complexAt(attributes, EXTERNAL_EXTENSION)).length === 0 && Object.keys(complexAt(attributes, PORTAL_EXTENSION)).length === 0) return [];
  return [externalOf(attributes).company ?? [], accessOf(attributes).map(({ customer }) => customer)].flat();
}
