/** People who were hidden (L6): who they are, and how they end for good, at once or after their time. How they come back is in `restore.ts`. */
import { invalidCursor, notFound } from '../errors.ts';
import { policyOf } from '../policy.ts';
import { auditOf, type Context } from '../resources/context.ts';
import { seal, unseal } from '../seal.ts';
import type { Actor } from '../store/documents.ts';
import { hiddenBefore, listHidden, removeHidden, type HiddenPerson, type HiddenPlace } from '../store/hidden.ts';
import { DAY_MS } from '../time.ts';
import { textAt } from './attributes.ts';
import { checkName } from './erase.ts';
import { addressOf, nameOf, userNameOf } from './facts.ts';
import { checkRightsThrough, getHidden } from './restore.ts';
import type { Surroundings } from './system.ts';
import { userType } from './verbs.ts';

export interface HiddenView {
  readonly id: string;
  readonly userName: string;
  readonly name: string;
  readonly address: string | undefined;
  readonly hiddenAt: Date;
  readonly hiddenBy: Actor;
  /** When they are erased. */
  readonly until: Date;
}

/** The last hidden first. @throws ScimError 400 invalidCursor */
export async function listHiddenPeople(context: Context, { count, cursor }: { readonly count: number; readonly cursor: string | undefined }): Promise<{ readonly people: readonly HiddenView[]; readonly nextCursor: string | undefined }> {
  const found = await listHidden(context.scope, cursor === undefined ? undefined : openPlace(context, cursor), count + 1);
  const people = found.slice(0, count);
  const last = people.at(-1);
  return { people: people.map((person) => viewOf(context, person)), nextCursor: found.length > count && last ? sealPlace(context, last) : undefined };
}

export interface HiddenDetail extends HiddenView {
  /** Those that there still are, by name. */
  readonly groups: readonly string[];
  readonly groupsGone: number;
}

/** @throws ScimError 404 */
export async function viewHidden(context: Context, id: string): Promise<HiddenDetail> {
  const { hidden, groups } = await getHidden(context, id);
  return { ...viewOf(context, hidden), groups: groups.flatMap(({ attributes }) => textAt(attributes, 'displayName') ?? []), groupsGone: hidden.groups.length - groups.length };
}

function viewOf({ tenant }: Context, { stored: { id, attributes }, at, by }: HiddenPerson): HiddenView {
  return { id, userName: userNameOf(attributes), name: nameOf(attributes), address: addressOf(attributes), hiddenAt: at, hiddenBy: by, until: new Date(at.getTime() + tenant.policy.hiddenDays * DAY_MS) };
}

const purposeOf = ({ scope }: Context) => `hidden ${scope.tenant}`;
const sealPlace = (context: Context, { at, stored: { id } }: HiddenPerson) => seal(context.secretKeys, purposeOf(context), JSON.stringify({ at: at.toISOString(), id } satisfies HiddenPlace));

function openPlace(context: Context, cursor: string): HiddenPlace {
  const text = unseal(context.secretKeys, purposeOf(context), cursor);
  if (text === undefined) throw invalidCursor('The cursor is not one of this list.');
  // Only what `sealPlace` wrote opens.
  return JSON.parse(text) as HiddenPlace; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
}

/** @param name repeats the userName. @throws ScimError 400, 403 where they would have rights again, 404; then nothing has changed */
export async function eraseHidden(context: Context, id: string, name: string | undefined): Promise<void> {
  const { hidden, groups } = await getHidden(context, id);
  await checkRightsThrough(context, groups, 'To erase the data of a person who had rights');
  checkName(hidden.stored.attributes, name);
  if (!(await removeHidden(context.scope, id, auditOf(context, 'erase', userType(context), id, []), context.now()))) throw notFound('Hidden person');
}

/** Those whose time is over. Safe with any number of processes: one of them takes the copy, the others find none. */
export async function eraseExpired({ store, now }: Pick<Surroundings, 'store' | 'now'>): Promise<void> {
  for await (const { _id: tenant, policy } of store.collections.tenants.find({ state: { $ne: 'deleted' } })) {
    const scope = store.scope(tenant);
    const before = new Date(now().getTime() - policyOf(policy).hiddenDays * DAY_MS);
    for (let ids = await hiddenBefore(scope, before); ids.length > 0; ids = await hiddenBefore(scope, before)) {
      for (const id of ids) {
        if (store.closing) return;
        await removeHidden(scope, id, { by: { kind: 'system', id: 'rollcall' }, action: 'erase', on: { type: 'User', id }, request: '', changed: [] }, now());
      }
    }
  }
}
