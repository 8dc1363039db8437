/** Behind each answer: the request's entry in the provisioning log, and in the audit log what was refused for want of a right. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ScimError } from '../../errors.ts';
import { withoutQuotes, type Report } from '../../resources/report.ts';
import type { ProvisioningDocument } from '../../store/documents.ts';
import { hintFor } from '../../tenancy/hints.ts';
import { noteRefusal, type Caller } from '../authenticate.ts';
import type { Services } from '../services.ts';
import { isDryRun } from './dry-run.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Why it was not done, once that is so. */
    failure: ScimError | null;
  }
}

export function logRequest(request: FastifyRequest, reply: FastifyReply, services: Services): void {
  const { caller, failure } = request;
  if (!caller) return;
  const { report, principal } = caller;
  const dry = isDryRun(request);
  if (!dry) {
    for (const { type, id, error } of report.forbidden) noteRefusal(request, services, error, { type, id });
    if (failure && !request.noted && (failure.status === 403 || failure.status === 429)) noteRefusal(request, services, failure);
  }
  const at = services.now();
  services.provisioning.add({
    // Of a dry run only that it was: there may be nobody of whom it tells.
    values: dry ? new Map() : report.values,
    entry: {
      t: principal.tenant, client: principal.client, at, ms: Math.round(reply.elapsedTime), request: request.id,
      method: request.method, endpoint: endpointOf(request), status: reply.statusCode,
      outcome: outcomeOf(dry ? { operations: [] } : report, reply.statusCode),
      operations: dry ? [] : report.operations,
      ...(dry ? { dryRun: true } : {}),
      tolerances: caller.tolerances.applied,
      ...(report.filter === undefined ? {} : { filter: report.filter }),
      ...(report.more === 0 || dry ? {} : { more: report.more }),
      ...(failure ? { error: errorOf(caller, failure) } : {}),
    },
  });
}

/** `/Users`, without the base and the id. */
function endpointOf({ routeOptions }: FastifyRequest): string {
  const url = (routeOptions.url ?? '').replace(/^.*\/scim\/v2/, '');
  return url === '' ? '/' : url;
}

function outcomeOf({ operations }: Pick<Report, 'operations'>, status: number): ProvisioningDocument['outcome'] {
  if (status >= 500) return 'failed';
  if (status >= 400) return 'refused';
  const [first, ...others] = new Set(operations.map(({ outcome }) => outcome));
  if (first === undefined) return 'read';
  return others.length > 0 ? 'mixed' : first;
}

function errorOf({ settings }: Caller, { status, scimType, message }: ScimError): NonNullable<ProvisioningDocument['error']> {
  const hint = hintFor(settings.kind, { status, scimType, detail: message });
  return { ...(scimType ? { scimType } : {}), detail: withoutQuotes(message), ...(hint === undefined ? {} : { hint }) };
}
