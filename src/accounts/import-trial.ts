/** What only a commit decides, looked up beforehand for the report: names and addresses that somebody else has. */
import { uniqueness } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { fold } from '../scim/fold.ts';
import { unrestricted } from '../store/audience.ts';
import type { UpdateWrite, InsertWrite } from '../store/change-set.ts';
import type { ImportDocument } from '../store/import-documents.ts';
import { findManyBy } from '../store/resources.ts';
import { holdersOf, isHeldUnseen } from '../store/taken.ts';
import { userNameOf } from './facts.ts';
import { tableOf } from './import-columns.ts';
import { refusalOf, type Planned } from './import-plan.ts';
import { userType } from './verbs.ts';

type PersonWrite = InsertWrite | UpdateWrite;

const writeOf = ({ changeSet }: Planned): PersonWrite | undefined => (changeSet && changeSet.write.kind !== 'remove' && changeSet.write.type.name === 'User' ? changeSet.write : undefined);
const claimsOf = ({ claims }: PersonWrite) => claims.map(({ kind, value }) => `${kind}|${value}`);

/** The plan, with those refused who would be. Two queries, however many lines there are. */
export async function withTaken(context: Context, document: ImportDocument, planned: readonly Planned[]): Promise<readonly Planned[]> {
  const writes = planned.flatMap((plan) => writeOf(plan) ?? []);
  const everybody = unrestricted(context.scope);
  const names = writes.flatMap(({ attributes }) => (attributes ? [fold(userNameOf(attributes))] : []));
  const [holders, named] = await Promise.all([
    holdersOf(context.scope, writes.flatMap(claimsOf)),
    names.length === 0 ? [] : findManyBy(everybody, userType(context), 'userName', names),
  ]);
  const byName = new Map(named.map((person) => [fold(userNameOf(person.attributes)), person]));
  return Promise.all(planned.map(async (plan) => {
    const write = writeOf(plan);
    const holder = write?.attributes && byName.get(fold(userNameOf(write.attributes)));
    const claim = write?.claims.find(({ kind, value }) => (holders.get(`${kind}|${value}`) ?? write.id) !== write.id);
    const path = holder && holder.id !== write.id ? 'userName' : claim?.path;
    if (!write || path === undefined) return plan;
    const held = claim && path !== 'userName' ? { kind: 'claim' as const, claims: [`${claim.kind}|${claim.value}`] } : { kind: 'field' as const, type: write.type, filter: { _id: holder?.id ?? '' } };
    const text = (await isHeldUnseen(context.scope, held)) ? `${path} is already taken by somebody whom this client cannot see.` : `${path} is already taken.`;
    const { changeSet, person, ...rest } = plan;
    return { ...rest, ...(write.kind === 'update' && person !== undefined ? { person } : {}), outcome: refusalOf(tableOf(document), uniqueness(text)) };
  }));
}
