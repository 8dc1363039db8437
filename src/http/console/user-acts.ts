/** What can be done with a user's login: S3, S5, S9 to S11, J5 to J8, J10, J11. Each is a form of its own, with the question and the way back. */
import type { FastifyInstance } from 'fastify';
import { isAdministrator, setAdministrator } from '../../accounts/administrators.ts';
import { changeAddress } from '../../accounts/address-change.ts';
import { setPassword } from '../../accounts/choose-password.ts';
import { brokenBy, credentialOf, ownWordsOf } from '../../accounts/credentials.ts';
import { deactivate, reactivate, setLeaveDate, unlock } from '../../accounts/deactivate.ts';
import { erase } from '../../accounts/erase.ts';
import { withdraw } from '../../accounts/invitation.ts';
import { userGroups, viewPerson, type PersonView } from '../../accounts/person-view.ts';
import { previewReactivation } from '../../accounts/reactivation.ts';
import { dropSecondFactor } from '../../accounts/second-factor.ts';
import { moveToGroup } from '../../accounts/user-groups.ts';
import { conflict, forbidden, ScimError } from '../../errors.ts';
import { checkAddress } from '../../mail/address.ts';
import { isDay } from '../../time.ts';
import type { PageParts } from '../pages/frame.ts';
import { passwordRules } from '../pages/views/password-rules.tsx';
import { form, goTo, type Given, type Saved } from './forms.ts';
import { invitationActs } from './user-invite.ts';
import { pathOf, personIn } from './user.ts';
import { addressScreen, confirmScreen, deleteScreen, groupScreen, passwordScreen, reactivateScreen } from './views/user-acts.tsx';
import { screen, type Visit } from './visit.ts';

type Save = (visit: Visit, view: PersonView, given: Given) => Promise<Saved>;
type Show = (visit: Visit, view: PersonView, given: Given) => string | Promise<string>;

const find = (visit: Visit) => viewPerson(visit.context, personIn(visit));

export function userActs(app: FastifyInstance, parts: PageParts): void {
  const act = (name: string, show: Show, save: Save) => form(app, parts, 'users', `/console/users/:id/${name}`, { find, show, save });
  const confirm = (name: 'withdraw' | 'deactivate' | 'second-factor', save: Save) => act(name, ({ page }, view, given) => confirmScreen({ page, view, given, name }), save);

  invitationActs(act);
  confirm('withdraw', done('withdrawn', ({ context }, id) => withdraw(context, id)));
  confirm('second-factor', done('secondFactorDropped', ({ context }, id) => dropSecondFactor(context, id)));
  confirm('deactivate', done('deactivated', (visit, id) => {
    checkOther(visit, id);
    return deactivate(visit.context, id);
  }));
  act('group', async ({ page, context }, view, given) => groupScreen({ page, view, given, groups: await userGroups(context) }), saveGroup);
  act('password', ({ page, context }, view, given) => passwordScreen({ page, view, given, rules: passwordRules({ policy: context.tenant.policy, words: ownWordsOf(context, view.stored.attributes), broken: given.problems.map(({ text }) => text) }, page) }), savePassword);
  act('email', ({ page }, view, given) => addressScreen({ page, view, given }), saveAddress);
  act('reactivate', async ({ page, context }, view, given) => reactivateScreen({ page, view, given, back: await previewReactivation(context, view.stored.id) }), saveReactivation);
  act('delete', ({ page }, view, given) => deleteScreen({ page, view, given }), saveDelete);

  app.post('/console/users/:id/unlock', screen(parts, 'users', async (visit) => {
    const view = await find(visit);
    await unlock(visit.context, view.stored.id);
    return goTo(visit, { to: pathOf(view.stored.id), done: 'unlocked', about: view.name });
  }));
  app.post('/console/users/:id/admin', screen(parts, 'users', async (visit) => {
    const view = await find(visit);
    const { id } = view.stored;
    const wanted = typeof visit.request.body === 'object' && visit.request.body !== null && 'isAdmin' in visit.request.body;
    if (wanted === (await isAdministrator(visit.context, id))) return goTo(visit, { to: pathOf(id), done: 'nothing' });
    await setAdministrator(visit.context, id, wanted);
    return goTo(visit, { to: pathOf(id), done: 'saved', about: view.name });
  }));
}

const done = (name: 'withdrawn' | 'deactivated' | 'secondFactorDropped', run: (visit: Visit, id: string) => Promise<void>): Save => async (visit, { stored: { id }, name: about }) => {
  await run(visit, id);
  return { to: pathOf(id), done: name, about };
};

/** Whoever switches themselves off cannot undo it. @throws ScimError 403 */
function checkOther({ person }: Visit, id: string): void {
  if (person === id) throw forbidden('Nobody deactivates or deletes themselves: ask another administrator.');
}

async function saveGroup({ context, page }: Visit, { stored: { id }, name }: PersonView, given: Given): Promise<Saved> {
  const group = given.value('group');
  if (group === '') return { problems: [{ field: 'group', text: page.translate('console.fault.required') }] };
  await moveToGroup(context, id, group);
  return { to: pathOf(id), done: 'moved', about: name };
}

/** J8. */
async function savePassword({ context, page }: Visit, { stored: { id, attributes }, name }: PersonView, given: Given): Promise<Saved> {
  const password = given.value('password');
  if (password === '') return { problems: [{ field: 'password', text: page.translate('console.fault.required') }] };
  const broken = await brokenBy(context, password, attributes, await credentialOf(context.scope, id));
  if (broken.length > 0) return { problems: broken.map((rule) => ({ field: 'password', text: rule })) };
  await setPassword(context, id, password, given.ticked('mustChange'));
  return { to: pathOf(id), done: 'passwordSet', about: name };
}

/** S10. */
async function saveAddress({ context, page: { translate } }: Visit, { stored: { id } }: PersonView, given: Given): Promise<Saved> {
  const address = given.value('email').trim();
  const problem = (text: string): Saved => ({ problems: [{ field: 'email', text }] });
  if (address === '') return problem(translate('console.fault.required'));
  if (checkAddress(address) !== undefined) return problem(translate('console.fault.address'));
  try {
    const outcome = await changeAddress(context, id, address);
    return { to: pathOf(id), done: outcome === 'confirm' ? 'addressAsked' : 'addressChanged', about: address };
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'uniqueness') return problem(translate('console.fault.taken'));
    throw error;
  }
}

/** J10, and the lock that survives unless it is lifted as well (Combinations). */
async function saveReactivation({ context }: Visit, { stored: { id }, name }: PersonView, given: Given): Promise<Saved> {
  await reactivate(context, id, given.ticked('unlock'));
  return { to: pathOf(id), done: 'reactivated', about: name };
}

/** J10 and J11: which of the two says the button. */
async function saveDelete(visit: Visit, { stored: { id }, name, userName }: PersonView, given: Given): Promise<Saved> {
  const { context, page: { translate } } = visit;
  checkOther(visit, id);
  if (given.ticked('clear')) {
    await setLeaveDate(context, id, '');
    return { to: pathOf(id), done: 'leaveDateCleared', about: name };
  }
  if (given.ticked('leave')) {
    const date = given.value('leaveDate');
    if (!isDay(date)) return { problems: [{ field: 'leaveDate', text: translate(date === '' ? 'console.fault.required' : 'console.user.delete.leave.wrong') }] };
    await setLeaveDate(context, id, date);
    return { to: pathOf(id), done: 'leaveDateSet', about: name };
  }
  if (!given.ticked('erase')) throw conflict('The form did not say what to do.');
  if (!given.ticked('understood')) return { problems: [{ field: 'understood', text: translate('console.user.delete.erase.missing') }] };
  await erase(context, id, userName);
  return { to: '/console/users', done: 'erased' };
}
