/** Invitations: S3 to S5. A link of three days in a mail whose subject and text the sender may edit; sent again, it is the edited one. */
import { conflict, invalidValue, notFound } from '../errors.ts';
import { checkAddress } from '../mail/address.ts';
import { checkPlaceholders, DRAFT_MOST, usualInvitation, type Draft } from '../mail/invitation.ts';
import { merged, type Effects } from '../resources/behaviours.ts';
import { patch } from '../resources/patch.ts';
import type { Context } from '../resources/context.ts';
import type { Attributes } from '../scim/schema.ts';
import { MESSAGE } from '../scim/urns.ts';
import type { EditedInvitation } from '../store/account-documents.ts';
import { groupType } from '../store/memberships.ts';
import { findById } from '../store/resources.ts';
import { credentialOf } from './credentials.ts';
import { addressOf, factsOf, withFacts } from './facts.ts';
import { newLink, type NewLink } from './links.ts';
import { invitationMail, languageOf, mailsOf } from './mails.ts';
import { happen, whyNot } from './state.ts';
import { perform, userType } from './verbs.ts';

/** What is not given is as it was edited before (S5), or as the person's language has it; what is empty is as that has it. */
export interface InvitationRequest extends EditedInvitation {
  /** The group that the person joins (S3: mandatory in the console). */
  readonly group?: string;
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
export async function inviteAgain(context: Context, person: string, edited: EditedInvitation = {}): Promise<void> {
  checkDraft(edited);
  await send(context, person, edited, true);
}

/** The person stays, without an account. @throws ScimError 404, 409 */
export async function withdraw(context: Context, person: string): Promise<void> {
  await perform(context, person, { action: 'withdraw', event: { kind: 'withdraw' }, effects: () => Promise.resolve({ account: { removesCredential: true } }) });
}

async function send(context: Context, person: string, edited: EditedInvitation, again: boolean): Promise<void> {
  const kind = again ? 'inviteAgain' : 'invite';
  const current = await findById(context.scope, userType(context), person);
  const link = activationLink(context, current?.attributes ?? {});
  const at = link.document.created.toISOString();
  await perform(context, person, {
    action: kind, event: { kind, at, until: link.document.expires.toISOString() },
    effects: async (attributes) => {
      checkReachable(attributes);
      const draft = await draftOf(context, person, attributes, edited);
      const mails = mailsOf(invitationMail(context, { person, attributes, link }, draft, again));
      return { account: { links: [link.document], mails, invitation: editedIn(draft, usualOf(context, attributes)) ?? null } };
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

/**
 * L1: a person whom a client creates and whose accounts are by invitation. The mail is part of the commit that creates them.
 * @param again what was edited for the invitation before is used again
 */
export async function invitationEffects(context: Context, person: string, attributes: Attributes, effects: Effects, again: boolean): Promise<Effects> {
  const address = addressOf(attributes);
  if (address === undefined || checkAddress(address) !== undefined) return effects;
  const link = activationLink(context, attributes);
  const { facts } = happen(factsOf(attributes), { kind: again ? 'inviteAgain' : 'invite', at: link.document.created.toISOString(), until: link.document.expires.toISOString() });
  const invited = withFacts(attributes, facts);
  const draft = again ? await draftOf(context, person, invited) : usualOf(context, invited);
  const mails = mailsOf(invitationMail(context, { person, attributes: invited, link }, draft, again));
  return merged({ ...effects, account: effects.account ?? {} }, { attributes: invited, account: { links: [link.document], mails } });
}

const usualOf = (context: Context, attributes: Attributes): Draft => usualInvitation(context.tenant.policy, languageOf(context, attributes));

/** S5: what a form begins with, and what is sent. */
export async function draftOf(context: Context, person: string, attributes: Attributes, edited: EditedInvitation = {}): Promise<Draft> {
  const usual = usualOf(context, attributes);
  const { invitation: kept = {} } = (await credentialOf(context.scope, person)) ?? {};
  const part = (name: keyof Draft) => (edited[name] === undefined ? usable(kept[name], name) : given(edited[name])) ?? usual[name];
  return { subject: part('subject'), text: part('text') };
}

/** Placeholders are checked once more: the mail may have others by now. */
const usable = (kept: string | undefined, name: keyof Draft) => (kept !== undefined && checkPlaceholders(kept, name) ? undefined : kept);

/** What differs from the usual one: the rest follows the person's language. */
function editedIn(draft: Draft, usual: Draft): EditedInvitation | undefined {
  const edited = { ...(draft.subject === usual.subject ? {} : { subject: draft.subject }), ...(draft.text === usual.text ? {} : { text: draft.text }) };
  return Object.keys(edited).length === 0 ? undefined : edited;
}

const given = (edited: string | undefined) => (edited?.trim() === '' ? undefined : edited);

function checkDraft(draft: EditedInvitation): void {
  for (const name of ['subject', 'text'] as const) {
    const value = given(draft[name]);
    if (value === undefined) continue;
    if (value.length > DRAFT_MOST) throw invalidValue(`${name} is longer than ${DRAFT_MOST} characters.`);
    const faults = checkPlaceholders(value, name);
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
