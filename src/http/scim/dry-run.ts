/**
 * `Prefer: handling=dry-run` (RFC 7240, a value of our own): the answer that a write would get, and nothing of it is done. Other values, and
 * other methods, are as if they were not there (section 2: what is not understood is ignored).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DryRun } from '../../store/dry-run.ts';
import type { Store } from '../../store/store.ts';
import type { Services } from '../services.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Begun with the first context of the request. */
    dryRun: DryRun | null;
  }
}

const APPLIED = 'handling=dry-run';

export function dryRuns(app: FastifyInstance): void {
  app.decorateRequest('dryRun', null);
  // Before the answer leaves, so that nobody waits for what is only tried; a streamed answer is read until it has left.
  app.addHook('onSend', async (request, reply, payload) => {
    if (!isDryRun(request)) return payload;
    reply.header('preference-applied', APPLIED);
    noteChanges(request, reply);
    if (typeof payload === 'string' || payload === null || payload === undefined) await request.dryRun?.end();
    return payload;
  });
  app.addHook('onResponse', (request) => request.dryRun?.end() ?? Promise.resolve());
  app.addHook('onRequestAbort', (request) => request.dryRun?.end() ?? Promise.resolve());
}

/** The names of the attributes that would change; empty where nothing would. */
function noteChanges({ caller }: FastifyRequest, reply: FastifyReply): void {
  const [operation, ...others] = caller?.report.operations ?? [];
  if (operation && others.length === 0 && reply.statusCode < 400) reply.header('rollcall-changes', operation.changed.join(', '));
}

export function storeFor(request: FastifyRequest, { store }: Services): Store {
  if (!isDryRun(request)) return store;
  request.dryRun ??= new DryRun(store);
  return request.dryRun.store;
}

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Of a caller who is known: nothing else is a write. */
export const isDryRun = ({ caller, method, routeOptions, headers }: FastifyRequest): boolean =>
  caller !== null && WRITES.includes(method) && !(routeOptions.url ?? '').endsWith('/.search') && handlingIn(headers['prefer']) === 'dry-run';

/** Section 2: names are compared without case, a value may be quoted, and of a preference that is given twice the first counts. */
function handlingIn(prefer: string | readonly string[] | undefined): string | undefined {
  const text = typeof prefer === 'string' ? prefer : (prefer?.join(',') ?? '');
  const [first] = Array.from(text.matchAll(PREFERENCE), ([, name = '', quoted, plain]) => ({ name: name.toLowerCase(), value: quoted ?? plain })).filter(({ name }) => name === 'handling');
  return first?.value;
}

const PREFERENCE = /(?:^|,)\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*(?:"([^"\\]*)"|([^",;\s]*)))?(?:\s*;[^,"]*(?:"[^"]*"[^,"]*)*)?/g;
