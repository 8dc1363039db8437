/** Looks at every command that the driver sends and keeps those that do not name their tenant (design section 3). */
import type { mongo } from 'mongoose';

/** Commands that belong to no tenant, or carry no query. */
const EXEMPT = new Set(['hello', 'ping', 'endSessions', 'getMore', 'killCursors', 'commitTransaction', 'abortTransaction', 'createIndexes', 'create', 'dropDatabase', 'listCollections', 'saslStart', 'saslContinue']);
/** The token look-up is by hash and finds the tenant; a tenant is its own; keys and versions are the server's; the worker looks for what is due in all tenants. */
const EXEMPT_COLLECTIONS = new Set(['tokens', 'tenants', 'sweeps', 'keys', 'system', 'outbox', 'erasures', 'imports']);

/** A link and a session are found by the hash of what somebody holds; their tenant follows from them. */
const HASHED = new Set(['links', 'sessions']);
const isByHash = (name: string, command: mongo.Document) => name === 'find' && HASHED.has(String(command['find'])) && Object.keys(command['filter'] as object).join() === '_id';

/** The worker asks which tenants have anything waiting. */
const isDueScan = (name: string, command: mongo.Document) => name === 'distinct' && command['key'] === 't';

export function watchCommands(): { monitor: (event: mongo.CommandStartedEvent) => void; withoutTenant: () => readonly string[] } {
  const offenders = new Set<string>();
  return {
    monitor: ({ commandName, command }) => {
      if (!EXEMPT.has(commandName) && !EXEMPT_COLLECTIONS.has(String(command[commandName])) && !isByHash(commandName, command) && !isDueScan(commandName, command) && !namesTenant(commandName, command)) {
        offenders.add(JSON.stringify(command).slice(0, 400));
      }
    },
    withoutTenant: () => [...offenders],
  };
}

function namesTenant(name: string, command: mongo.Document): boolean {
  switch (name) {
    case 'find':
      return hasTenant(command['filter']);
    case 'aggregate':
      return list(command['pipeline']).some((stage) => hasTenant(stage['$match'])) && unions(command).every((pipeline) => pipeline.some((stage) => hasTenant(stage['$match'])));
    case 'count':
    case 'distinct':
    case 'findAndModify':
      return hasTenant(command['query']);
    case 'insert':
      return list(command['documents']).every(hasTenant);
    case 'update':
      return list(command['updates']).every((update) => hasTenant(update['q']));
    case 'delete':
      return list(command['deletes']).every((deletion) => hasTenant(deletion['q']));
    default:
      return false;
  }
}

const list = (value: unknown): readonly mongo.Document[] => (Array.isArray(value) ? value : []);
const unions = (command: mongo.Document) => list(command['pipeline']).flatMap((stage) => (stage['$unionWith'] ? [list(stage['$unionWith'].pipeline)] : []));

/** The tenant at the top, and again in every branch of an `$or`. */
function hasTenant(query: unknown): boolean {
  if (typeof query !== 'object' || query === null || !('t' in query) || typeof query.t !== 'string') return false;
  return branches(query).every((branch) => 't' in branch);
}

function branches(query: object): readonly object[] {
  return Object.entries(query).flatMap(([key, value]) => {
    if (key === '$or') return [...list(value), ...list(value).flatMap(branches)];
    if (key === '$and' || key === '$nor') return list(value).flatMap(branches);
    return [];
  });
}
