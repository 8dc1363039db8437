/**
 * External users (X1 to X6): the same list and the same acts at a company's card and for the whole tenant. One contact is selected in the list,
 * then a button says what for; each act is a page of its own.
 */
import type { FastifyInstance } from 'fastify';
import { brokenBy, credentialOf, ownWordsOf } from '../../accounts/credentials.ts';
import { makeContact, register, removeLogin, removeRegistration } from '../../accounts/external-users.ts';
import { getOrganisation, rolesToChoose, type Organisation } from '../../accounts/organisations.ts';
import { findPeople, personOf } from '../../accounts/people.ts';
import { userType } from '../../accounts/verbs.ts';
import { conflict, forbidden, notFound, ScimError } from '../../errors.ts';
import { checkAddress } from '../../mail/address.ts';
import { getStored } from '../../resources/read.ts';
import type { Attributes } from '../../scim/schema.ts';
import { SHOWN } from '../../store/search-keys.ts';
import { pathParameter } from '../api/calls.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { passwordRules } from '../pages/views/password-rules.tsx';
import { contactOf, contactsIn, namesOf, type Contact } from './contact.ts';
import { idIn } from './directory.ts';
import { form, type Given, type Problem, type Saved } from './forms.ts';
import { rememberCompany } from './recent.ts';
import { externalListScreen } from './views/external.tsx';
import { addContactScreen, endExternalScreen, registerScreen } from './views/external-edit.tsx';
import { screen, type Visit } from './visit.ts';

const PAGE = 50;
/** X6: the choices of the list box, in its order. */
export const CHOICES = SHOWN.filter((shown) => shown !== 'portal');
export type Choice = (typeof CHOICES)[number];
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
  readonly person: Contact;
}
interface Known extends Subject {
  readonly attributes: Attributes;
}

export function externalScreens(app: FastifyInstance, parts: PageParts): void {
  for (const room of ROOMS) {
    app.get(room.path, screen(parts, room.place, (visit) => showList(visit, room)));
    app.get(`${room.path}/pick`, screen(parts, room.place, async (visit) => {
      const [person, act] = [queryOf(visit.request, 'person') ?? '', ACTS.find((one) => one === queryOf(visit.request, 'act'))];
      if (person === '' || act === undefined) return showList(visit, room, true);
      await getStored(visit.context, userType(visit.context), person);
      return visit.reply.redirect(`${parts.base}${listPath(visit, room)}/${encodeURIComponent(person)}/${act}${shownQuery(visit)}`, 303);
    }));
    form(app, parts, room.place, `${room.path}/:person/edit`, { find: (visit) => subjectIn(visit, room), show: showRegistration, save: (visit, subject, given) => saveRegistration(visit, subject, given, room) });
    form(app, parts, room.place, `${room.path}/:person/remove`, {
      find: (visit) => registeredIn(visit, room, ({ registered }) => registered),
      show: ({ page, request }, { company, person }, given) => endExternalScreen({ page, given, company, person, act: 'remove', query: queryPart(request.url) }),
      save: async (visit, { person }) => {
        await removeRegistration(visit.context, person.id);
        return back(visit, room, 'unregistered', person.name);
      },
    });
    form(app, parts, room.place, `${room.path}/:person/login`, {
      find: (visit) => registeredIn(visit, room, ({ loginEnabled }) => loginEnabled),
      show: ({ page, request }, { company, person }, given) => endExternalScreen({ page, given, company, person, act: 'login', query: queryPart(request.url) }),
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

const shownIn = ({ request }: Visit, { place }: Room) => CHOICES.find((one) => one === queryOf(request, 'show')) ?? (place === 'companies' ? 'contacts' : 'external');
const queryPart = (url: string) => (url.includes('?') ? url.slice(url.indexOf('?')) : '');
/** What was chosen in the list box goes along, so that the list is as it was. */
function shownQuery({ request }: Visit): string {
  const shown = CHOICES.find((one) => one === queryOf(request, 'show'));
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
  const found = contactsIn(await findPeople(context, { shown, company: company?.id, search }, { count: PAGE, cursor }));
  const companies = company ? new Map<string, string>() : await namesOf(context, 'Company', found.people.map((person) => person.company));
  return sendPage(reply, externalListScreen({ page, company, companies, found, search, shown, isFirst: cursor === undefined, isNobody, selected: queryOf(request, 'person') }), isNobody ? 422 : 200);
}

/** @throws ScimError 403, 404: also for who is no contact of that company */
async function subjectIn(visit: Visit, room: Room): Promise<Known> {
  forExternal(visit);
  const { context, request } = visit;
  const [company, { id, audience, attributes }] = await Promise.all([companyIn(visit, room), getStored(context, userType(context), pathParameter(request, 'person'))]);
  const person = contactOf(personOf({ id, audience, attributes }));
  if (person.company === undefined || (company && person.company !== company.id)) throw notFound('Contact person');
  return { company, person, attributes };
}

/** X4, X5: only while there is something to end. @throws ScimError 409 */
async function registeredIn(visit: Visit, room: Room, isSo: (person: Contact) => boolean): Promise<Known> {
  const subject = await subjectIn(visit, room);
  if (!isSo(subject.person)) throw conflict(`${subject.person.name} has nothing of the kind that could be removed.`);
  return subject;
}

const rulesFor = ({ context, page }: Visit, { attributes }: Known, { problems }: Given) =>
  passwordRules({ policy: context.tenant.policy, words: ownWordsOf(context, attributes), broken: problems.map(({ text }) => text) }, page);

async function showRegistration(visit: Visit, subject: Known, given: Given): Promise<string> {
  const { company, person } = subject;
  return registerScreen({ page: visit.page, given, company, person, roles: await rolesToChoose(visit.context), rules: rulesFor(visit, subject, given), query: queryPart(visit.request.url) });
}

/** X3: the password is needed the first time and may be left empty later. */
async function saveRegistration(visit: Visit, { person, attributes }: Known, given: Given, room: Room): Promise<Saved> {
  const { context, page: { translate } } = visit;
  const [userId, password] = [given.value('userId').trim(), given.value('password')];
  const required = [...(userId === '' ? ['userId'] : []), ...(password === '' && !person.registered ? ['password'] : [])].map((field): Problem => ({ field, text: translate('console.fault.required') }));
  const broken = password === '' ? [] : await brokenBy(context, password, attributes, await credentialOf(context.scope, person.id));
  const problems = [...required, ...broken.map((rule) => ({ field: 'password', text: rule }))];
  if (problems.length > 0) return { problems };
  try {
    await register(context, person.id, { userName: userId, password, role: given.value('role').trim(), loginEnabled: given.value('login') !== 'inactive' });
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'uniqueness') return { problems: [{ field: 'userId', text: translate('console.external.userId.taken') }] };
    throw error;
  }
  return back(visit, room, 'saved', person.name);
}

async function addContact({ context, page: { translate } }: Visit, { id }: Organisation, given: Given): Promise<Saved> {
  const typed = (name: string) => given.value(name).trim();
  const person = { givenName: typed('givenName'), familyNamePrefix: typed('infix'), familyName: typed('familyName'), address: typed('email') };
  const required = ['givenName', 'familyName'].filter((field) => typed(field) === '').map((field) => ({ field, text: translate('console.fault.required') }));
  const wrong = person.address !== '' && checkAddress(person.address) !== undefined ? [{ field: 'email', text: translate('console.fault.address') }] : [];
  if (required.length + wrong.length > 0) return { problems: [...required, ...wrong] };
  await makeContact(context, person, id, {});
  return { to: `/console/companies/${encodeURIComponent(id)}/external`, done: 'created', about: [person.givenName, person.familyNamePrefix, person.familyName].filter((part) => part !== '').join(' ') };
}
