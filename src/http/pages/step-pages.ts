/** The steps between a right password and a session: `/renew` (S7), `/second-factor` and `/enrol` (J5). What they may do is in a cookie. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { choosePassword } from '../../accounts/choose-password.ts';
import { ownWordsOf } from '../../accounts/credentials.ts';
import { userNameOf } from '../../accounts/facts.ts';
import { beginEnrolment, checkCode, confirmEnrolment, currentEnrolment, type Enrolled } from '../../accounts/second-factor.ts';
import { ScimError } from '../../errors.ts';
import type { LinkPurpose } from '../../store/account-documents.ts';
import { enterByStep, openLink, setSessionCookie, throttleCodes, type OpenedLink } from '../people.ts';
import { checkForm, fieldOf, frameOf, sendPage, setStep, stepOf, type PageParts } from './frame.ts';
import { passwordRules } from './views/password-rules.tsx';
import { choosePassword as choosePasswordPage, passwordSet } from './views/password.tsx';
import { recoveryCodes, secondFactor, secondFactorEnrol } from './views/second-factor.tsx';

type Good = Extract<OpenedLink, { kind: 'good' }>;

export function stepPages(app: FastifyInstance, parts: PageParts): void {
  const { services, base } = parts;

  /** Runs `act` for whoever has the step; anybody else begins with the password. */
  const step = (purpose: LinkPurpose, act: (request: FastifyRequest, reply: FastifyReply, opened: Good) => Promise<FastifyReply> | FastifyReply) => async (request: FastifyRequest, reply: FastifyReply) => {
    if (request.method === 'POST') checkForm(request, services);
    const opened = await openLink(request, services, stepOf(request, services), [purpose]);
    // A step that an application began goes on there: nobody gets a cookie for it.
    return opened.kind === 'good' && opened.link.audience === undefined ? act(request, reply, opened) : reply.redirect(`${base}/sign-in`, 303);
  };
  const frame = (request: FastifyRequest, reply: FastifyReply, { context, person }: Good) => frameOf(request, reply, parts, context.tenant, person.attributes);

  const showRenew = (request: FastifyRequest, reply: FastifyReply, opened: Good, broken: readonly string[], status = 200) => {
    const page = frame(request, reply, opened);
    const { context, person: { attributes } } = opened;
    const rules = passwordRules({ policy: context.tenant.policy, words: ownWordsOf(context, attributes), broken }, page);
    return sendPage(reply, choosePasswordPage({ page, purpose: 'renew', action: `${base}/renew`, rules, broken, needsCurrent: false, name: userNameOf(attributes) }), status);
  };
  app.get('/renew', step('renew', (request, reply, opened) => showRenew(request, reply, opened, [])));
  app.post('/renew', step('renew', async (request, reply, opened) => {
    const chosen = await choosePassword(opened.context, opened.link, fieldOf(request, 'password'));
    if (chosen.kind === 'broken') return showRenew(request, reply, opened, chosen.rules, 422);
    return sendPage(reply, passwordSet({ page: frame(request, reply, opened), purpose: 'renew', signInAddress: `${base}/sign-in` }));
  }));

  app.get('/second-factor', step('secondFactor', (request, reply, opened) => sendPage(reply, secondFactor({ page: frame(request, reply, opened), action: `${base}/second-factor` }))));
  app.post('/second-factor', step('secondFactor', async (request, reply, opened) => {
    const fault = await codeFault(parts, opened.link.person, () => checkCode(opened.context, opened.link.person, fieldOf(request, 'code')));
    if (fault) return sendPage(reply.headers(fault.headers), secondFactor({ page: frame(request, reply, opened), action: `${base}/second-factor`, error: fault.error }), statusOf(fault, 401));
    return goOn(request, reply, opened);
  }));

  const showEnrol = async (request: FastifyRequest, reply: FastifyReply, opened: Good, fault?: CodeFault) => {
    const enrolment = fault ? await currentEnrolment(opened.context, opened.link.person) : await beginEnrolment(opened.context, opened.link.person);
    return sendPage(reply.headers(fault?.headers ?? {}), secondFactorEnrol({ page: frame(request, reply, opened), action: `${base}/enrol`, ...enrolment, ...(fault ? { error: fault.error } : {}) }), statusOf(fault, 422));
  };
  app.get('/enrol', step('enrol', (request, reply, opened) => showEnrol(request, reply, opened)));
  app.post('/enrol', step('enrol', async (request, reply, opened) => {
    let enrolled: Enrolled | undefined;
    const fault = await codeFault(parts, opened.link.person, async () => (enrolled = await confirmEnrolment(opened.context, opened.link.person, fieldOf(request, 'code'))) !== undefined);
    if (fault) return showEnrol(request, reply, opened, fault);
    const stepped = await enterByStep(request, opened);
    if (stepped.kind === 'in') setSessionCookie(reply, services, stepped.session);
    if (stepped.kind === 'renew') setStep(reply, services, stepped.token);
    return sendPage(reply, recoveryCodes({ page: frame(request, reply, opened), codes: enrolled?.codes ?? [], continueAddress: `${base}/${stepped.kind === 'renew' ? 'renew' : 'account'}` }));
  }));

  async function goOn(request: FastifyRequest, reply: FastifyReply, opened: Good): Promise<FastifyReply> {
    const stepped = await enterByStep(request, opened);
    if (stepped.kind === 'refused') return reply.redirect(`${base}/sign-in`, 303);
    if (stepped.kind === 'renew') return setStep(reply, services, stepped.token).redirect(`${base}/renew`, 303);
    return setSessionCookie(reply, services, stepped.session).redirect(`${base}/account`, 303);
  }
}

/** What is wrong with a code: it is not right, or too many were tried. The headers say when there may be another one (RFC 6585 section 4). */
export interface CodeFault {
  readonly error: 'refused' | 'throttled';
  readonly headers: ScimError['headers'];
}

export async function codeFault({ services }: PageParts, person: string, check: () => Promise<boolean>): Promise<CodeFault | undefined> {
  try {
    throttleCodes(services, person);
  } catch (error) {
    if (error instanceof ScimError && error.status === 429) return { error: 'throttled', headers: error.headers };
    throw error;
  }
  return (await check()) ? undefined : { error: 'refused', headers: {} };
}

/** @param refused for a code that is not right */
export const statusOf = (fault: CodeFault | undefined, refused: number): number => (fault ? (fault.error === 'throttled' ? 429 : refused) : 200);
