/** Change of address: S10. A link of three days to the new address; until it is followed the old one stays, and the new one is held for nobody. */
import { conflict, invalidValue, notFound, uniqueness } from '../errors.ts';
import { checkAddress } from '../mail/address.ts';
import { auditOf, type Context } from '../resources/context.ts';
import { fold } from '../scim/fold.ts';
import { isComplex, isList, type Attributes, type Value } from '../scim/schema.ts';
import { unrestricted } from '../store/audience.ts';
import type { LinkDocument } from '../store/account-documents.ts';
import { findByClaim, findById } from '../store/resources.ts';
import { writeApart } from '../store/write-apart.ts';
import { addressOf, factsOf, statusOf } from './facts.ts';
import { newLink } from './links.ts';
import { addressChangedMail, addressConfirmMail, mailsOf } from './mails.ts';
import { checkRightsOf } from './rights.ts';
import { perform, userType } from './verbs.ts';
import { inviteAgain } from './invitation.ts';

const LINK_MINUTES = 3 * 24 * 60;

/**
 * By somebody who manages people, and is told where another one has the address. Somebody who was only invited gets a new invitation there at once
 * (Combinations), and so does everybody where the policy `confirmAddress` is off (J5).
 * @throws ScimError 400 invalidValue, 404, 409
 */
export const changeAddress = (context: Context, person: string, address: string): Promise<Outcome> => change(context, person, address, { isOwner: false });

/**
 * By the person themselves, who must not learn by it which addresses have an account here: one of somebody else's is pending as any other is, but
 * no mail goes to it, so nobody can confirm it.
 * @throws ScimError as `changeAddress`; 409 for another one's address only where there is nothing to confirm
 */
export const changeOwnAddress = (context: Context, person: string, address: string): Promise<Outcome> => change(context, person, address, { isOwner: true });

/** Whether the owner of the new address is asked first. */
type Outcome = 'confirm' | 'changed';

async function change(context: Context, person: string, address: string, { isOwner }: { readonly isOwner: boolean }): Promise<Outcome> {
  const wrong = checkAddress(address);
  if (wrong !== undefined) throw invalidValue(`address ${wrong}.`);
  const current = await findById(context.scope, userType(context), person);
  if (!current) throw notFound('Person');
  await checkRightsOf(context, current, 'To change the address');
  const facts = factsOf(current.attributes);
  const status = statusOf(facts);
  const isAtOnce = status === 'invited' || status === 'none' || facts.signInMethod !== 'password' || !context.tenant.policy.confirmAddress;
  const isTaken = await isAnothers(context, person, address);
  if (isTaken && (isAtOnce || !isOwner)) throw uniqueness('The address is already taken.');
  if (status === 'deactivated') throw conflict('The account is deactivated: reactivate it first.');
  if (isAtOnce) {
    await writeAddress(context, person, address, undefined);
    if (status === 'invited') await inviteAgain(context, person);
    return 'changed';
  }
  const link = newLink(context, 'confirmAddress', LINK_MINUTES, { address });
  const mails = mailsOf(addressConfirmMail(context, { person, attributes: current.attributes, link }, address));
  const account = { endsPurpose: 'confirmAddress', links: [link.document], mails: isTaken ? [] : mails } as const;
  await writeApart(context.scope, { person, at: context.now(), account, audit: auditOf(context, 'askAddress', userType(context), person, []) });
  return 'confirm';
}

/** @param link that was followed. @throws ScimError 409 where the address was taken meanwhile or the link was used */
export async function confirmAddress(context: Context, link: LinkDocument): Promise<void> {
  if (link.address === undefined) throw notFound('Link');
  await writeAddress(context, link.person, link.address, link._id);
}

async function isAnothers({ scope }: Context, person: string, address: string): Promise<boolean> {
  const holder = await findByClaim(unrestricted(scope), userType({ scope }), 'address', fold(address));
  return holder !== undefined && holder.id !== person;
}

/** The old address is told; everything that was given out before ends; userName follows where it was the address. */
async function writeAddress(context: Context, person: string, address: string, uses: string | undefined): Promise<void> {
  await perform(context, person, {
    action: 'changeAddress', event: { kind: 'changeAddress' },
    attributes: (before) => withAddress(before, address),
    effects: (_attributes, current) => {
      const old = addressOf(current.attributes);
      const status = statusOf(factsOf(current.attributes));
      const told = old !== undefined && (status === 'active' || status === 'locked') ? mailsOf(addressChangedMail(context, person, current.attributes, old)) : [];
      return Promise.resolve({ account: { ...(uses === undefined ? {} : { uses }), mails: told } });
    },
  });
}

function withAddress(attributes: Attributes, address: string): Attributes {
  const old = addressOf(attributes);
  const emails = isList(attributes['emails']) ? attributes['emails'] : [];
  const isOld = (email: Value) => isComplex(email) && email['value'] === old;
  const at = emails.findIndex(isOld);
  const changed: readonly Value[] = at < 0 ? [...emails, { value: address, type: 'work', primary: true }] : emails.map((email, index) => (index === at && isComplex(email) ? { ...email, value: address } : email));
  const { userName } = attributes;
  const follows = typeof userName === 'string' && old !== undefined && fold(userName) === fold(old);
  return { ...attributes, emails: changed, ...(follows ? { userName: address } : {}) };
}
