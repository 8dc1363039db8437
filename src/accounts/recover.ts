/** Recovery: S6, J9, P5. The same answer in the same time, whether or not somebody is known; the mail goes to the stored address. */
import { auditOf, type Context } from '../resources/context.ts';
import { findAccount } from './find-account.ts';
import { entryOf, hasEntry } from './entries.ts';
import { factsOf, statusOf } from './facts.ts';
import { inviteAgain } from './invitation.ts';
import { newLink } from './links.ts';
import { mailsOf, recoveryMail, signInElsewhereMail, type Mail } from './mails.ts';
import { unrestricted } from '../store/audience.ts';
import type { Entry, LinkDocument } from '../store/account-documents.ts';
import type { StoredResource } from '../store/codec.ts';
import { noteRecovery } from '../store/reminders.ts';
import { writeApart } from '../store/write-apart.ts';
import { userType } from './verbs.ts';

/** Nobody waits for it: what it takes must not tell whether there was somebody. @param name a user name or an address, as typed. @param portal at which it was asked for */
export function recover(context: Context, name: string, portal?: string): void {
  context.scope.store.background(sendRecovery(context, name, portal), 'a recovery was not sent');
}

async function sendRecovery(context: Context, name: string, portal: string | undefined): Promise<void> {
  const person = await findAccount({ ...context, scope: unrestricted(context.scope) }, name);
  if (!person || !(await noteRecovery(context.scope, person.id, context.now()))) return;
  const facts = factsOf(person.attributes);
  const entry = await entryOf(context.scope, person, portal);
  // Combinations: who could not get in with a password is sent none.
  if (!entry && facts.signInMethod !== 'sso' && !(portal === undefined && (await hasEntry(context.scope, person)))) return;
  if (facts.signInMethod === 'sso' && facts.active) await write(context, person, [], signInElsewhereMail(context, person.id, person.attributes));
  switch (statusOf(facts)) {
    case 'invited':
      await inviteAgain(context, person.id);
      return;
    case 'active':
    case 'locked':
      if (facts.signInMethod === 'password') await sendLink(context, person, entry);
      return;
    case 'none':
      // P5: the first password of a portal user, who was saved without one.
      if (entry?.kind === 'portal') await sendLink(context, person, entry);
      return;
    case 'deactivated':
      return;
  }
}

async function sendLink(context: Context, person: StoredResource, entry: Entry | undefined): Promise<void> {
  const link = newLink(context, 'reset', context.tenant.policy.recoveryMinutes, entry ? { entry } : {});
  await write(context, person, [link.document], recoveryMail(context, { person: person.id, attributes: person.attributes, link }));
}

/** Neither an attribute nor the password changes, so there is no new version: the link, the mail and the audit entry alone. */
async function write(context: Context, person: StoredResource, links: readonly Omit<LinkDocument, 't' | 'person' | 'epoch'>[], mail: Mail | undefined): Promise<void> {
  if (!mail) return;
  await writeApart(context.scope, { person: person.id, at: context.now(), account: { links, mails: mailsOf(mail) }, audit: auditOf(context, 'recover.ask', userType(context), person.id, []) });
}
