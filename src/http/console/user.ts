/** `/console/users/new` (S2) and `/console/users/ID`: data, account, security, groups, and what happened. */
import type { FastifyInstance } from 'fastify';
import { displayNames } from '../../accounts/display-names.ts';
import { viewPerson } from '../../accounts/person-view.ts';
import { exportPerson } from '../../accounts/export-person.ts';
import { userType } from '../../accounts/verbs.ts';
import { Readable } from 'node:stream';
import { ScimError } from '../../errors.ts';
import { checkAddress } from '../../mail/address.ts';
import { make, newId } from '../../resources/create.ts';
import { change } from '../../resources/change.ts';
import type { Context } from '../../resources/context.ts';
import { patchRequest } from '../../resources/patch.ts';
import type { Json } from '../../scim/json.ts';
import { ACCOUNT_EXTENSION, MESSAGE, SCHEMA } from '../../scim/urns.ts';
import { isTimeZone } from '../../time.ts';
import { readAudit } from '../../tenancy/logs.ts';
import { pathParameter } from '../api/calls.ts';
import { sendPage, type PageParts } from '../pages/frame.ts';
import { form, type Given, type Problem, type Saved } from './forms.ts';
import { changedFields, managerOf, operationsOf } from './user-fields.ts';
import { logReaderOf, screen, type Visit } from './visit.ts';
import { editUserScreen, newUserScreen } from './views/user-edit.tsx';
import { userScreen } from './views/user.tsx';

export const personIn = ({ request }: Visit) => pathParameter(request, 'id');
export const pathOf = (id: string) => `/console/users/${encodeURIComponent(id)}`;

const TIMELINE = 20;

export function userScreens(app: FastifyInstance, parts: PageParts): void {
  form(app, parts, 'users', '/console/users/new', {
    find: () => Promise.resolve(undefined),
    show: ({ page }, _nothing, given) => newUserScreen({ page, given }),
    save: addUser,
  });

  app.get('/console/users/:id', screen(parts, 'users', async (visit) => {
    const id = personIn(visit);
    const [view, { entries }] = await Promise.all([viewPerson(visit.context, id), readAudit(logReaderOf(visit), { filter: `on eq "${id}"`, count: TIMELINE, cursor: undefined })]);
    const names = await displayNames(visit.context, entries.map(({ by: { kind, id: by } }) => ({ type: kind === 'client' ? 'Client' : 'User', id: by })));
    return sendPage(visit.reply, userScreen({ page: visit.page, view, entries, names, visitor: visit.person, languages: visit.context.tenant.policy.languages }));
  }));

  form(app, parts, 'users', '/console/users/:id/edit', {
    find: (visit) => viewPerson(visit.context, personIn(visit)),
    show: ({ page, context }, view, given) => editUserScreen({ page, view, given, languages: context.tenant.policy.languages }),
    save: async (visit, view, given) => {
      const fields = changedFields(view, given);
      const managed = fields.filter((field) => managerOf(view, field) !== undefined);
      const problems = [...problemsOf(visit, given, { withAddress: false }), ...(managed.length > 0 && !given.ticked('override') ? [{ field: 'override', text: visit.page.translate('console.user.override.wanted') }] : [])];
      if (problems.length > 0) return { problems };
      await saveUser(visit.context, view.stored.id, [...operationsOf(given, fields), { op: 'replace', path: `${ACCOUNT_EXTENSION}:twoFactorRequired`, value: given.ticked('twoFactor') }], managed.length > 0);
      return { to: pathOf(view.stored.id), done: 'saved', about: nameTyped(given) };
    },
  });

  app.get('/console/users/:id/data', screen(parts, 'users', async ({ context, reply, request }) => {
    const text = await exportPerson(context, pathParameter(request, 'id'));
    return reply.type('application/json; charset=utf-8').header('content-disposition', 'attachment; filename="person.json"').send(Readable.from(text));
  }));
}

/** What a connection manages is changed under a name of its own, so that the audit log tells (L2). */
async function saveUser(context: Context, id: string, Operations: Json[], overrides: boolean): Promise<void> {
  const type = userType(context);
  const request = patchRequest(context, type, id, { schemas: [MESSAGE.patchOp], Operations }, 'any');
  const action = overrides ? 'override' : request.action;
  await context.report.watch({ action, type: type.name, id }, change(context, { ...request, action }));
}

/** S2: three fields are mandatory here, and the address is the user name. */
async function addUser(visit: Visit, _nothing: undefined, given: Given): Promise<Saved> {
  const { context, page } = visit;
  const problems = problemsOf(visit, given, { withAddress: true });
  if (problems.length > 0) return { problems };
  const id = newId();
  const address = given.value('email').trim();
  const infix = given.value('infix').trim();
  try {
    await context.report.watch({ action: 'create', type: 'User' }, make(context, userType(context), id, {
      schemas: [SCHEMA.user], userName: address, active: true,
      name: { givenName: given.value('givenName').trim(), familyName: given.value('familyName').trim() },
      emails: [{ value: address, type: 'work', primary: true }],
      ...(infix === '' ? {} : { [ACCOUNT_EXTENSION]: { familyNamePrefix: infix } }),
    }));
  } catch (error) {
    // S2u: beside the field, with what was typed.
    if (error instanceof ScimError && error.status === 409) return { problems: [{ field: 'email', text: page.translate('console.fault.taken') }] };
    throw error;
  }
  return { to: pathOf(id), done: 'created', about: nameTyped(given) };
}

const nameTyped = (given: Given) => ['givenName', 'infix', 'familyName'].map((name) => given.value(name).trim()).filter((part) => part !== '').join(' ');

function problemsOf({ page: { translate } }: Visit, given: Given, { withAddress }: { readonly withAddress: boolean }): readonly Problem[] {
  const required = ['givenName', 'familyName', ...(withAddress ? ['email'] : [])].filter((name) => given.value(name).trim() === '').map((field) => ({ field, text: translate('console.fault.required') }));
  const address = given.value('email').trim();
  const wrong = withAddress && address !== '' && checkAddress(address) !== undefined ? [{ field: 'email', text: translate('console.fault.address') }] : [];
  const zone = given.value('timeZone').trim();
  const noZone = zone === '' || isTimeZone(zone) ? [] : [{ field: 'timeZone', text: translate('console.user.timeZone.wrong') }];
  return [...required, ...wrong, ...noZone];
}
