/** Who set each attribute of a person last, for whoever wonders where a value comes from. */
import { notFound } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import type { Actor } from '../store/documents.ts';
import { findById, findMany } from '../store/resources.ts';
import type { SourceOf } from '../store/sources.ts';
import { nameOf, userNameOf } from './facts.ts';
import { userType } from './verbs.ts';

export interface AttributeSource {
  /** Of an extension its URN. */
  readonly attribute: string;
  readonly by: Actor & { readonly name?: string };
  readonly at: string;
  readonly import?: string;
}

/** By name of the attribute. What was set before sources were noted is not there. @throws ScimError 404 */
export async function sourcesOf(context: Context, id: string): Promise<readonly AttributeSource[]> {
  const person = await findById(context.scope, userType(context), id);
  if (!person) throw notFound('Person');
  const names = await actorNames(context, person.sources.map(({ by }) => by));
  const all = person.sources.flatMap(({ of, by, ...source }) => {
    const name = names.get(by.id);
    return of.map((attribute) => ({ attribute, by: { ...by, ...(name === undefined ? {} : { name }) }, ...source }));
  });
  return all.toSorted((a, b) => (a.attribute < b.attribute ? -1 : 1));
}

/** Which connection manages each attribute: the one that set it last, by its name. One that is gone manages nothing. */
export async function managedBy(context: Context, sources: readonly SourceOf[]): Promise<ReadonlyMap<string, string>> {
  const own = sources.filter(({ by }) => by.kind === 'client');
  if (own.length === 0) return new Map();
  const names = await actorNames(context, own.map(({ by }) => by));
  return new Map(own.flatMap(({ of, by }) => {
    const name = names.get(by.id);
    return name === undefined ? [] : of.map((attribute) => [attribute, name] as const);
  }));
}

/** Those whom the caller sees; whoever is gone has none. */
export async function actorNames(context: Context, actors: readonly Actor[]): Promise<ReadonlyMap<string, string>> {
  const { scope } = context;
  const ids = (kind: Actor['kind']) => [...new Set(actors.flatMap((actor) => (actor.kind === kind ? [actor.id] : [])))];
  const [people, clients] = await Promise.all([
    findMany(scope, userType(context), ids('person')),
    scope.store.collections.clients.find({ _id: { $in: ids('client') }, t: scope.tenant }, { projection: { name: 1 } }).toArray(),
  ]);
  return new Map([...clients.map(({ _id, name }) => [_id, name] as const), ...Array.from(people.values(), ({ id, attributes }) => [id, nameOf(attributes) || userNameOf(attributes)] as const)]);
}
