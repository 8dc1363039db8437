/** Below `/account`: password, address (S10) and second factor (J5), changed by their owner. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { changeOwnAddress } from '../../accounts/address-change.ts';
import { changePassword, confirmOwner } from '../../accounts/choose-password.ts';
import { ownWordsOf } from '../../accounts/credentials.ts';
import { factsOf, userNameOf } from '../../accounts/facts.ts';
import { beginEnrolment, checkCode, confirmEnrolment, currentEnrolment, dropSecondFactor, type Enrolled, type Enrolment } from '../../accounts/second-factor.ts';
import { ScimError } from '../../errors.ts';
import { goOnAfterChange } from '../people.ts';
import { ownPage, type Own } from './account-pages.ts';
import { fieldOf, frameOf, sendPage, type PageParts } from './frame.ts';
import { codeFault, statusOf, type CodeFault } from './step-pages.ts';
import { changeAddress as changeAddressPage, type AddressFault } from './views/address.tsx';
import { passwordRules } from './views/password-rules.tsx';
import { choosePassword as choosePasswordPage, CURRENT_WRONG, passwordSet } from './views/password.tsx';
import { recoveryCodes, secondFactor, secondFactorBegin, secondFactorEnrol } from './views/second-factor.tsx';

export function securityPages(app: FastifyInstance, parts: PageParts): void {
  passwordPages(app, parts);
  addressPages(app, parts);
  enrolmentPages(app, parts);
  removalPages(app, parts);
}

const frame = (parts: PageParts, request: FastifyRequest, reply: FastifyReply, { context, stored }: Own) => frameOf(request, reply, parts, context.tenant, stored.attributes);

function passwordPages(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;
  const show = (request: FastifyRequest, reply: FastifyReply, own: Own, broken: readonly string[], status = 200) => {
    const page = frame(parts, request, reply, own);
    const { context, stored: { attributes } } = own;
    const rules = passwordRules({ policy: context.tenant.policy, words: ownWordsOf(context, attributes), broken }, page);
    return sendPage(reply, choosePasswordPage({ page, purpose: 'change', action: `${base}/account/password`, rules, broken, needsCurrent: true, name: userNameOf(attributes) }), status);
  };
  app.get('/account/password', ownPage(parts, (request, reply, own) => show(request, reply, own, [])));
  app.post('/account/password', ownPage(parts, async (request, reply, own) => {
    const changed = await changePassword(own.context, own.person, fieldOf(request, 'current'), fieldOf(request, 'password'));
    if (changed.kind === 'wrong') return show(request, reply, own, [CURRENT_WRONG], 422);
    if (changed.kind === 'broken') return show(request, reply, own, changed.rules, 422);
    await goOnAfterChange(request, reply, services, own);
    return sendPage(reply, passwordSet({ page: frame(parts, request, reply, own), purpose: 'change', signInAddress: `${base}/account` }));
  }));
}

function addressPages(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;
  const show = (request: FastifyRequest, reply: FastifyReply, own: Own, address: string, error?: AddressFault) =>
    sendPage(reply, changeAddressPage({ page: frame(parts, request, reply, own), action: `${base}/account/address`, address, ...(error ? { error } : {}) }), error ? 422 : 200);
  app.get('/account/address', ownPage(parts, (request, reply, own) => show(request, reply, own, '')));
  app.post('/account/address', ownPage(parts, async (request, reply, own) => {
    const address = fieldOf(request, 'address').trim();
    if (!(await confirmOwner(own.context, own.stored, fieldOf(request, 'current')))) return show(request, reply, own, address, 'current');
    const asked = await askAddress(own, address);
    if (asked === 'wrong' || asked === 'taken') return show(request, reply, own, address, asked);
    if (asked === 'changed') await goOnAfterChange(request, reply, services, own);
    return reply.redirect(`${base}/account`, 303);
  }));
}

async function askAddress({ context, person }: Own, address: string): Promise<'confirm' | 'changed' | AddressFault> {
  try {
    return await changeOwnAddress(context, person, address);
  } catch (error) {
    if (!(error instanceof ScimError) || (error.status !== 400 && error.status !== 409)) throw error;
    return error.status === 400 ? 'wrong' : 'taken';
  }
}

function enrolmentPages(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;
  const show = (request: FastifyRequest, reply: FastifyReply, own: Own, enrolment: Enrolment, fault?: CodeFault) =>
    sendPage(reply.headers(fault?.headers ?? {}), secondFactorEnrol({ page: frame(parts, request, reply, own), action: `${base}/account/second-factor`, ...enrolment, ...(fault ? { error: fault.error } : {}) }), statusOf(fault, 422));
  const askPassword = (request: FastifyRequest, reply: FastifyReply, own: Own, isWrong: boolean) =>
    sendPage(reply, secondFactorBegin({ page: frame(parts, request, reply, own), action: `${base}/account/second-factor/begin`, isWrong }), isWrong ? 422 : 200);
  const replace = `${base}/account/second-factor/replace`;

  // Who has none shows by the password that it is them, and who has one by a code of it.
  app.get('/account/second-factor', ownPage(parts, (request, reply, own) => (isEnrolled(own) ? reply.redirect(replace, 303) : askPassword(request, reply, own, false))));
  app.post('/account/second-factor/begin', ownPage(parts, async (request, reply, own) => {
    if (isEnrolled(own)) return reply.redirect(replace, 303);
    if (!(await confirmOwner(own.context, own.stored, fieldOf(request, 'current')))) return askPassword(request, reply, own, true);
    return show(request, reply, own, await beginEnrolment(own.context, own.person));
  }));
  app.get('/account/second-factor/replace', ownPage(parts, (request, reply, own) => sendPage(reply, secondFactor({ page: frame(parts, request, reply, own), action: replace }))));
  app.post('/account/second-factor/replace', ownPage(parts, async (request, reply, own) => {
    const fault = await codeFault(parts, own.person, () => checkCode(own.context, own.person, fieldOf(request, 'code')));
    if (fault) return sendPage(reply.headers(fault.headers), secondFactor({ page: frame(parts, request, reply, own), action: replace, error: fault.error }), statusOf(fault, 422));
    return show(request, reply, own, await beginEnrolment(own.context, own.person, { replaces: true }));
  }));
  app.post('/account/second-factor', ownPage(parts, async (request, reply, own) => {
    let enrolled: Enrolled | undefined;
    const fault = await codeFault(parts, own.person, async () => (enrolled = await confirmEnrolment(own.context, own.person, fieldOf(request, 'code'))) !== undefined);
    if (fault) return show(request, reply, own, await currentEnrolment(own.context, own.person), fault);
    if (enrolled?.replaced) await goOnAfterChange(request, reply, services, own);
    return sendPage(reply, recoveryCodes({ page: frame(parts, request, reply, own), codes: enrolled?.codes ?? [], continueAddress: `${base}/account` }));
  }));
}

const isEnrolled = ({ stored }: Own) => factsOf(stored.attributes).twoFactorEnrolled;

function removalPages(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;
  const action = `${base}/account/second-factor/remove`;
  app.get('/account/second-factor/remove', ownPage(parts, (request, reply, own) => sendPage(reply, secondFactor({ page: frame(parts, request, reply, own), action }))));
  app.post('/account/second-factor/remove', ownPage(parts, async (request, reply, own) => {
    // Who must have one sets up another, and does not go without.
    if (factsOf(own.stored.attributes).twoFactorRequired) return reply.redirect(`${base}/account`, 303);
    const fault = await codeFault(parts, own.person, () => checkCode(own.context, own.person, fieldOf(request, 'code')));
    if (fault) return sendPage(reply.headers(fault.headers), secondFactor({ page: frame(parts, request, reply, own), action, error: fault.error }), statusOf(fault, 422));
    await dropSecondFactor(own.context, own.person);
    await goOnAfterChange(request, reply, services, own);
    return reply.redirect(`${base}/account`, 303);
  }));
}
