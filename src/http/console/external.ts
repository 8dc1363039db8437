/**
 * External users (X1 to X6): the same list and the same acts at a company's card and for the whole tenant. One contact is selected in the list,
 * then a button says what for; each act is a page of its own.
 */
import type { FastifyInstance } from 'fastify';
import { getContact, listContacts, makeContact, register, removeLogin, removeRegistration, rolesToChoose, SHOWN, type ContactPerson } from '../../accounts/contact-people.ts';
import { brokenBy, credentialOf, ownWordsOf } from '../../accounts/credentials.ts';
import { getOrganisation, type Organisation } from '../../accounts/organisations.ts';
import { conflict, forbidden, notFound, ScimError } from '../../errors.ts';
import { checkAddress } from '../../mail/address.ts';
import { pathParameter } from '../api/calls.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { passwordRules } from '../pages/views/password-rules.tsx';
import { idIn } from './directory.ts';
import { form, type Given, type Problem, type Saved } from './forms.ts';
import { rememberCompany } from './recent.ts';
import { externalListScreen } from './views/external.tsx';
import { addContactScreen, endExternalScreen, registerScreen } from './views/external-edit.tsx';
import { screen, type Visit } from './visit.ts';

const PAGE = 50;
export const ACTS = ['edit', 'remove', 'login'] as const;
export type Act = (typeof ACTS)[number];

/** Where the list stands. */
interface Room {
  readonly place: 'companies' | 'external';
  readonly path: string;
}
const ROOMS: readonly Room[] = [{ place: 'companies', path: '/console/companies/:id/external' }, { place: 'external', path: '/console/external-users' }];

export interface Subject {
  readonly company: Organisation | undefined;
  readonly person: ContactPerson;
}

export function externalScreens(app: FastifyInstance, parts: PageParts): void {
  for (const room of ROOMS) {
    app.get(room.path, screen(parts, room.place, (visit) => showList(visit, room)));
    app.get(`${room.path}/pick`, screen(parts, room.place, async (visit) => {
      const [person, act] = [queryOf(visit.request, 'person') ?? '', ACTS.find((one) => one === queryOf(visit.request, 'act'))];
      if (person === '' || act === undefined) return showList(visit, room, true);
      const { id } = await getContact(visit.context, person);
      return visit.reply.redirect(`${parts.base}${listPath(visit, room)}/${encodeURIComponent(id)}/${act}${shownQuery(visit)}`, 303);
    }));
    form(app, parts, room.place, `${room.path}/:person/edit`, { find: (visit) => subjectIn(visit, room), show: showRegistration, save: (visit, subject, given) => saveRegistration(visit, subject, given, room) });
    form(app, parts, room.place, `${room.path}/:person/remove`, {
      find: (visit) => registeredIn(visit, room, ({ registered }) => registered),
      show: ({ page, request }, subject, given) => endExternalScreen({ page, given, ...subject, act: 'remove', query: queryPart(request.url) }),
      save: async (visit, { person }) => {
        await removeRegistration(visit.context, person.id);
        return back(visit, room, 'unregistered', person.name);
      },
    });
    form(app, parts, room.place, `${room.path}/:person/login`, {
      find: (visit) => registeredIn(visit, room, ({ loginEnabled }) => loginEnabled),
      show: ({ page, request }, subject, given) => endExternalScreen({ page, given, ...subject, act: 'login', query: queryPart(request.url) }),
      save: async (visit, { person }) => {
        await removeLogin(visit.context, person.id);
        return back(visit, room, 'loginRemoved', person.name);
      },
    });
  }
  form(app, parts, 'companies', '/console/companies/:id/external/new', {
    find: (visit) => {
      forExternal(visit);
      return getOrganisation(visit.context, 'Company', idIn(visit));
    },
    show: ({ page }, company, given) => addContactScreen({ page, given, company }),
    save: addContact,
  });
}

/** X1. @throws ScimError 403 */
function forExternal({ rights }: Visit): void {
  if (!rights.has('users.manage') && !rights.has('externalUsers.manage')) throw forbidden('To manage external users needs the right externalUsers.manage.');
}

const shownIn = ({ request }: Visit, { place }: Room) => SHOWN.find((one) => one === queryOf(request, 'show')) ?? (place === 'companies' ? 'contacts' : 'external');
const queryPart = (url: string) => (url.includes('?') ? url.slice(url.indexOf('?')) : '');
/** What was chosen in the list box goes along, so that the list is as it was. */
function shownQuery({ request }: Visit): string {
  const shown = SHOWN.find((one) => one === queryOf(request, 'show'));
  return shown === undefined ? '' : `?show=${shown}`;
}
const listPath = (visit: Visit, { path }: Room) => path.replace(':id', encodeURIComponent(idIn(visit)));
const back = (visit: Visit, room: Room, done: 'saved' | 'unregistered' | 'loginRemoved', about: string): Saved => ({ to: listPath(visit, room) + shownQuery(visit), done, about });

const companyIn = (visit: Visit, { place }: Room) => (place === 'companies' ? getOrganisation(visit.context, 'Company', idIn(visit)) : undefined);

async function showList(visit: Visit, room: Room, isNobody = false) {
  forExternal(visit);
  const { request, reply, context, page } = visit;
  const company = await companyIn(visit, room);
  if (company) rememberCompany(visit, company.id);
  const [search, cursor, shown] = [queryOf(request, 'search') ?? '', queryOf(request, 'cursor'), shownIn(visit, room)];
  const found = await listContacts(context, { company: company?.id, shown, search }, { count: PAGE, cursor });
  return sendPage(reply, externalListScreen({ page, company, found, search, shown, isFirst: cursor === undefined, isNobody, selected: queryOf(request, 'person') }), isNobody ? 422 : 200);
}

/** @throws ScimError 403, 404: also for who is no contact of that company */
async function subjectIn(visit: Visit, room: Room): Promise<Subject> {
  forExternal(visit);
  const [company, person] = await Promise.all([companyIn(visit, room), getContact(visit.context, pathParameter(visit.request, 'person'))]);
  if (person.company === undefined || (company && person.company !== company.id)) throw notFound('Contact person');
  return { company, person };
}

/** X4, X5: only while there is something to end. @throws ScimError 409 */
async function registeredIn(visit: Visit, room: Room, isSo: (person: ContactPerson) => boolean): Promise<Subject> {
  const subject = await subjectIn(visit, room);
  if (!isSo(subject.person)) throw conflict(`${subject.person.name} has nothing of the kind that could be removed.`);
  return subject;
}

const rulesFor = ({ context, page }: Visit, { person: { attributes } }: Subject, { problems }: Given) =>
  passwordRules({ policy: context.tenant.policy, words: ownWordsOf(context, attributes), broken: problems.map(({ text }) => text) }, page);

async function showRegistration(visit: Visit, subject: Subject, given: Given): Promise<string> {
  return registerScreen({ page: visit.page, given, ...subject, roles: await rolesToChoose(visit.context), rules: rulesFor(visit, subject, given), query: queryPart(visit.request.url) });
}

/** X3: the password is needed the first time and may be left empty later. */
async function saveRegistration(visit: Visit, { person }: Subject, given: Given, room: Room): Promise<Saved> {
  const { context, page: { translate } } = visit;
  const [userId, password] = [given.value('userId').trim(), given.value('password')];
  const required = [...(userId === '' ? ['userId'] : []), ...(password === '' && !person.registered ? ['password'] : [])].map((field): Problem => ({ field, text: translate('console.fault.required') }));
  const broken = password === '' ? [] : await brokenBy(context, password, person.attributes, await credentialOf(context.scope, person.id));
  const problems = [...required, ...broken.map((rule) => ({ field: 'password', text: rule }))];
  if (problems.length > 0) return { problems };
  try {
    await register(context, person.id, { userId, password, role: given.value('role').trim(), loginEnabled: given.value('login') !== 'inactive' });
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'uniqueness') return { problems: [{ field: 'userId', text: translate('console.external.userId.taken') }] };
    throw error;
  }
  return back(visit, room, 'saved', person.name);
}

async function addContact({ context, page: { translate } }: Visit, { id }: Organisation, given: Given): Promise<Saved> {
  const typed = (name: string) => given.value(name).trim();
  const person = { givenName: typed('givenName'), infix: typed('infix'), familyName: typed('familyName'), address: typed('email') };
  const required = ['givenName', 'familyName'].filter((field) => typed(field) === '').map((field) => ({ field, text: translate('console.fault.required') }));
  const wrong = person.address !== '' && checkAddress(person.address) !== undefined ? [{ field: 'email', text: translate('console.fault.address') }] : [];
  if (required.length + wrong.length > 0) return { problems: [...required, ...wrong] };
  await makeContact(context, id, person);
  return { to: `/console/companies/${encodeURIComponent(id)}/external`, done: 'created', about: [person.givenName, person.infix, person.familyName].filter((part) => part !== '').join(' ') };
}
