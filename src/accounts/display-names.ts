/** What those are called who stand in a log by their ids: people, clients, and everything else that has a name. */
import type { Context } from '../resources/context.ts';
import type { StoredResource } from '../store/codec.ts';
import { findMany } from '../store/resources.ts';
import { textAt } from './attributes.ts';
import { nameOf, userNameOf } from './facts.ts';

export interface Named {
  readonly type: string;
  readonly id: string;
}

/** By id. Whoever is gone, or is not for the caller to see, has none. */
export async function displayNames({ scope }: Pick<Context, 'scope'>, wanted: readonly Named[]): Promise<ReadonlyMap<string, string>> {
  const { store, tenant } = scope;
  const idsOf = (type: string) => [...new Set(wanted.filter((one) => one.type === type).map(({ id }) => id))];
  const clients = idsOf('Client');
  const types = store.registry.resourceTypes.filter(({ name }) => wanted.some(({ type }) => type === name));
  const [owners, ...found] = await Promise.all([
    clients.length === 0 ? [] : store.collections.clients.find({ _id: { $in: clients }, t: tenant }, { projection: { name: 1 } }).toArray(),
    ...types.map((type) => findMany(scope, type, idsOf(type.name))),
  ]);
  const resources = found.flatMap((some) => Array.from(some.values(), (resource): [string, string] => [resource.id, called(resource)]));
  return new Map([...owners.map(({ _id, name }): [string, string] => [_id, name]), ...resources].filter(([, name]) => name !== ''));
}

const called = ({ attributes }: StoredResource) => nameOf(attributes) || textAt(attributes, 'displayName') || userNameOf(attributes);
