/** Seats, for the bill: `audit.read`, which is enough for a program that only reads, or `users.manage`, whose holders count people anyway (J1). */
import type { FastifyInstance } from 'fastify';
import { covers } from '../../rights.ts';
import { seatHistory } from '../../tenancy/seats.ts';
import { callerOf } from '../authenticate.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { doing, parameter } from './calls.ts';

export function seatRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/seats', {
    GET: (request) => {
      const right = covers(callerOf(request).principal.scopes, 'users.manage') ? 'users.manage' : 'audit.read';
      return seatHistory(doing(request, services, right), { from: parameter(request, 'from'), to: parameter(request, 'to') });
    },
  });
}
