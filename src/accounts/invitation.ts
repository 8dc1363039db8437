/** Invitations: S3 to S5. A link of three days in a mail whose subject and text the sender may edit for this one time. */
import { conflict, invalidValue, notFound } from '../errors.ts';
import { checkAddress } from '../mail/address.ts';
import { checkPlaceholders, invitationDraft, type Draft } from '../mail/invitation.ts';
import { merged, type Effects } from '../resources/behaviours.ts';
import { patch } from '../resources/patch.ts';
import type { Context } from '../resources/context.ts';
import type { Attributes } from '../scim/schema.ts';
import { MESSAGE } from '../scim/urns.ts';
import { groupType } from '../store/memberships.ts';
import { findById } from '../store/resources.ts';
import { addressOf, factsOf, withFacts } from './facts.ts';
import { newLink, type NewLink } from './links.ts';
import { invitationMail, languageOf, mailsOf } from './mails.ts';
import { happen, whyNot } from './state.ts';
import { perform, userType } from './verbs.ts';

export interface InvitationRequest {
  /** The group that the person joins (S3: mandatory in the console). */
  readonly group?: string;
  /** What the sender has edited; the rest is as the person's language has it. */
  readonly subject?: string;
  readonly text?: string;
}

/**
 * Invites a person without an account; they join the group in a commit of its own before, which nobody notices who is not invited.
 * @throws ScimError 400 for an unknown placeholder or an address that is none, 404, 409 with the reason
 */
export async function invite(context: Context, person: string, { group, ...edited }: InvitationRequest): Promise<void> {
  checkDraft(edited);
  await checkPossible(context, person);
  if (group !== undefined) await join(context, person, group);
  await send(context, person, edited, false);
}

/** Before anything is done: a group joined for nothing would have to be left again. */
async function checkPossible(context: Context, person: string): Promise<void> {
  const current = await findById(context.scope, userType(context), person);
  if (!current) throw notFound('Person');
  const reason = whyNot(factsOf(current.attributes), 'invite');
  if (reason !== undefined) throw conflict(reason);
  checkReachable(current.attributes);
}

/** S5: a new link, the old one is dead; also before it has expired. @throws ScimError 400, 404, 409 */
export async function inviteAgain(context: Context, person: string, edited: Omit<InvitationRequest, 'group'> = {}): Promise<void> {
  checkDraft(edited);
  await send(context, person, edited, true);
}

/** The person stays, without an account. @throws ScimError 404, 409 */
export async function withdraw(context: Context, person: string): Promise<void> {
  await perform(context, person, { action: 'withdraw', event: { kind: 'withdraw' }, effects: () => Promise.resolve({ account: { removesCredential: true } }) });
}

async function send(context: Context, person: string, edited: Omit<InvitationRequest, 'group'>, again: boolean): Promise<void> {
  const kind = again ? 'inviteAgain' : 'invite';
  const current = await findById(context.scope, userType(context), person);
  const link = activationLink(context, current?.attributes ?? {});
  const at = link.document.created.toISOString();
  await perform(context, person, {
    action: kind, event: { kind, at, until: link.document.expires.toISOString() },
    effects: (attributes) => {
      checkReachable(attributes);
      return Promise.resolve({ account: { links: [link.document], mails: mailsOf(invitationMail(context, { person, attributes, link }, draftOf(context, attributes, edited), again)) } });
    },
  });
}

/** Three days, or until the leave date acts (Combinations). */
function activationLink(context: Context, attributes: Attributes): NewLink {
  const usual = context.tenant.policy.invitationHours * 60;
  const { leavesAt } = factsOf(attributes).dates;
  const left = leavesAt === undefined ? usual : Math.floor((Date.parse(leavesAt) - context.now().getTime()) / 60_000);
  return newLink(context, 'activate', Math.max(0, Math.min(usual, left)));
}

/** L1: a person whom a client creates and whose accounts are by invitation. The mail is part of the commit that creates them. */
export function invitationEffects(context: Context, person: string, attributes: Attributes, effects: Effects, again: boolean): Effects {
  const address = addressOf(attributes);
  if (address === undefined || checkAddress(address) !== undefined) return effects;
  const link = activationLink(context, attributes);
  const { facts } = happen(factsOf(attributes), { kind: again ? 'inviteAgain' : 'invite', at: link.document.created.toISOString(), until: link.document.expires.toISOString() });
  const invited = withFacts(attributes, facts);
  const mails = mailsOf(invitationMail(context, { person, attributes: invited, link }, draftOf(context, invited, {}), again));
  return merged({ ...effects, account: effects.account ?? {} }, { attributes: invited, account: { links: [link.document], mails } });
}

const draftOf = (context: Context, attributes: Attributes, { subject, text }: Omit<InvitationRequest, 'group'>): Draft => {
  const usual = invitationDraft(languageOf(context, attributes));
  return { subject: given(subject) ?? usual.subject, text: given(text) ?? usual.text };
};

const given = (edited: string | undefined) => (edited?.trim() === '' ? undefined : edited);

function checkDraft({ subject, text }: Omit<InvitationRequest, 'group'>): void {
  for (const [name, value] of [['subject', subject], ['text', text]] as const) {
    const faults = given(value) === undefined || value === undefined ? undefined : checkPlaceholders(value, name);
    if (faults && faults.unknown.length > 0) throw invalidValue(`${name}: these are no placeholders here: ${faults.unknown.join(', ')}.`);
    if (faults) throw invalidValue(`${name} needs ${faults.missing.join(', ')}.`);
  }
}

function checkReachable(attributes: Attributes): void {
  const address = addressOf(attributes);
  const wrong = address === undefined ? 'is missing' : checkAddress(address);
  if (wrong !== undefined) throw conflict(`The person's e-mail address ${wrong}: correct it first.`);
}

function join(context: Context, person: string, group: string): Promise<void> {
  return patch(context, groupType(context.scope), group, { schemas: [MESSAGE.patchOp], Operations: [{ op: 'add', path: 'members', value: [{ value: person }] }] }, 'any');
}
