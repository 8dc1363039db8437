/** External users (X2 to X6): `externalUsers.manage`, or `users.manage`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { makeContact, register, removeLogin, removeRegistration } from '../../accounts/external-users.ts';
import { invalidValue } from '../../errors.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { bodyOf, pathParameter } from './calls.ts';
import { managingExternal } from './managing.ts';
import { companyList } from './company-routes.ts';

const PERSON = { givenName: 'text', familyNamePrefix: 'text', familyName: 'text', address: 'text', language: 'text' } as const;
const REGISTRATION = { userName: 'text', password: 'text', role: 'textOrNull', loginEnabled: 'flag' } as const;

export function externalRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/external-users', {
    GET: (request) => companyList(managingExternal(request, services), request, services, 'external', undefined),
    POST: async (request, reply) => {
      const context = managingExternal(request, services);
      const { company, userName, password, role, loginEnabled, ...person } = bodyOf(request, { ...PERSON, ...REGISTRATION, company: 'text' });
      if (company === undefined) throw invalidValue('company is missing: the id of the Company whose contact person this is.');
      return reply.code(201).send(await makeContact(context, person, company, without({ userName, password, role, loginEnabled })));
    },
  });
  path(app, '/external-users/:id', {
    PUT: (request) => register(managingExternal(request, services), pathParameter(request, 'id'), bodyOf(request, REGISTRATION)),
    DELETE: async (request, reply) => {
      await removeRegistration(...on(request));
      return reply.code(204).send();
    },
  });
  path(app, '/external-users/:id/login', {
    DELETE: async (request, reply) => {
      await removeLogin(...on(request));
      return reply.code(204).send();
    },
  });

  function on(request: FastifyRequest) {
    return [managingExternal(request, services), pathParameter(request, 'id')] as const;
  }
}

type Given<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** What was not sent is not there. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
const without = <T extends object>(values: T): Given<T> => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
