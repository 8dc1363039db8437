/** Portal users of a company (P1 to P4): the address, the portal, a switch for each access and one over all of them. */
import type { FastifyInstance } from 'fastify';
import { changeAddress } from '../../accounts/address-change.ts';
import { getPerson } from '../../accounts/external-users.ts';
import { getOrganisation, openPortals, type Organisation } from '../../accounts/organisations.ts';
import { findPeople } from '../../accounts/people.ts';
import type { Access } from '../../accounts/portal-access.ts';
import { makePortalUser, savePortals } from '../../accounts/portal-users.ts';
import { forbidden, notFound, ScimError } from '../../errors.ts';
import { checkAddress } from '../../mail/address.ts';
import { pathParameter } from '../api/calls.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { contactOf, contactsIn, namesOf, type Contact } from './contact.ts';
import { idIn, pathIn } from './directory.ts';
import { form, type Given, type Problem, type Saved } from './forms.ts';
import { rememberCompany } from './recent.ts';
import { editPortalUserScreen, newPortalUserScreen, portalUsersScreen, type NamedAccess } from './views/portal-users.tsx';
import { screen, type Visit } from './visit.ts';

const PAGE = 50;

interface Subject {
  readonly company: Organisation;
  readonly person: Contact;
  readonly access: readonly NamedAccess[];
  readonly portals: readonly Organisation[];
}

export function portalUserScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/companies/:id/portal', screen(parts, 'companies', async (visit) => {
    const { request, reply, context, page } = visit;
    const company = await companyIn(visit);
    rememberCompany(visit, company.id);
    const [search, cursor] = [queryOf(request, 'search') ?? '', queryOf(request, 'cursor')];
    const found = contactsIn(await findPeople(context, { shown: 'portal', company: company.id, search }, { count: PAGE, cursor }));
    const names = await namesOf(context, 'Portal', portalsIn(found.people));
    return sendPage(reply, portalUsersScreen({ page, company, found, search, names, isFirst: cursor === undefined }));
  }));
  form(app, parts, 'companies', '/console/companies/:id/portal/new', {
    find: async (visit) => ({ company: await companyIn(visit), portals: await openPortals(visit.context) }),
    show: ({ page }, subject, given) => newPortalUserScreen({ page, given, ...subject }),
    save: addPortalUser,
  });
  form(app, parts, 'companies', '/console/companies/:id/portal/:person', { find: subjectIn, show: ({ page }, subject, given) => editPortalUserScreen({ page, given, ...subject }), save: savePortalUser });
}

const portalsIn = (people: readonly Contact[]) => people.flatMap(({ access }) => access.map(({ portal }) => portal));
const listOf = ({ id }: Organisation) => `${pathIn('companies', id)}/portal`;

/** @throws ScimError 403 without the right for portal users, 404 */
function companyIn(visit: Visit): Promise<Organisation> {
  const { rights, context } = visit;
  if (!rights.has('users.manage') && !rights.has('portalUsers.manage')) throw forbidden('To manage portal users needs the right portalUsers.manage.');
  return getOrganisation(context, 'Company', idIn(visit));
}

/** @throws ScimError 404 also for who has no access for that company */
async function subjectIn(visit: Visit): Promise<Subject> {
  const { context } = visit;
  const company = await companyIn(visit);
  const [found, portals] = await Promise.all([getPerson(context, pathParameter(visit.request, 'person')), openPortals(context)]);
  const person = contactOf(found);
  if (!person.access.some(({ customer }) => customer === company.id)) throw notFound('Portal user');
  const [places, customers] = await Promise.all([namesOf(context, 'Portal', portalsIn([person])), namesOf(context, 'Company', person.access.map(({ customer }) => customer))]);
  return { company, person, portals, access: person.access.map((one) => ({ ...one, portalName: places.get(one.portal) ?? one.portal, customerName: customers.get(one.customer) ?? one.customer })) };
}

function addressProblems({ page: { translate } }: Visit, address: string): readonly Problem[] {
  if (address === '') return [{ field: 'email', text: translate('console.fault.required') }];
  return checkAddress(address) === undefined ? [] : [{ field: 'email', text: translate('console.fault.address') }];
}

/** P2: neither the portal nor the customer may be missing (P1); the customer is the company whose screen this is. */
async function addPortalUser(visit: Visit, { company }: { readonly company: Organisation }, given: Given): Promise<Saved> {
  const { context, page: { translate } } = visit;
  const typed = (name: string) => given.value(name).trim();
  const address = typed('email');
  const problems = [...addressProblems(visit, address), ...(typed('portal') === '' ? [{ field: 'portal', text: translate('console.fault.required') }] : [])];
  if (problems.length > 0) return { problems };
  const person = { givenName: typed('givenName'), familyNamePrefix: typed('infix'), familyName: typed('familyName'), address };
  const invited = given.ticked('invite');
  return notTaken(visit, async () => {
    await makePortalUser(context, person, { portal: typed('portal'), customer: company.id, enabled: true }, { enabled: given.ticked('enabled'), invited });
    return { to: listOf(company), done: invited ? 'invited' : 'created', about: address };
  });
}

/** P2 to P4. A new address goes its own way (S10), and first: if it is refused, nothing else is done. */
async function savePortalUser(visit: Visit, { company, person, access }: Subject, given: Given): Promise<Saved> {
  const { context } = visit;
  const address = given.value('email').trim();
  const problems = addressProblems(visit, address);
  if (problems.length > 0) return { problems };
  const [on, gone, added] = [given.all('on'), given.all('drop'), given.value('portal').trim()];
  const kept = access.filter((one) => !gone.includes(keyOf(one))).map((one): Access => ({ portal: one.portal, customer: one.customer, enabled: on.includes(keyOf(one)) }));
  const isNew = added !== '' && !kept.some(({ portal, customer }) => portal === added && customer === company.id);
  return notTaken(visit, async () => {
    const asked = address === (person.address ?? '') ? 'same' : await changeAddress(context, person.id, address);
    await savePortals(context, person.id, { enabled: person.portalsEnabled, access: person.access }, { enabled: given.ticked('enabled'), access: [...kept, ...(isNew ? [{ portal: added, customer: company.id, enabled: true }] : [])] });
    return { to: listOf(company), done: asked === 'confirm' ? 'addressAsked' : 'saved', about: asked === 'confirm' ? address : person.name };
  });
}

/** How the boxes of the form name an access. */
export const keyOf = ({ portal, customer }: Pick<Access, 'portal' | 'customer'>) => `${portal}.${customer}`;

async function notTaken({ page }: Visit, save: () => Promise<Saved>): Promise<Saved> {
  try {
    return await save();
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'uniqueness') return { problems: [{ field: 'email', text: page.translate('console.fault.taken') }] };
    throw error;
  }
}
