/** Mails that nobody asks for: a password must be renewed soon (S7), a token of a client ends soon. Each is written with the mark that it was. */
import type { Policy } from '../policy.ts';
import { renewalReminder } from '../mail/account-mails.ts';
import { tokenExpires } from '../mail/administrator-mails.ts';
import type { TokenDocument } from '../store/documents.ts';
import { remindOnce, passwordsToRemind, tokensToWarn, warnOnce } from '../store/reminders.ts';
import { findMany } from '../store/resources.ts';
import { factsOf, nameOf, statusOf, userNameOf } from './facts.ts';
import { letterhead, mailTo, mailsOf, type Mailing } from './mails.ts';
import { addressOf } from './facts.ts';
import type { Surroundings } from './system.ts';
import { mailingOf, mailsToAdministrators } from './to-administrators.ts';
import { DAY_MS } from '../time.ts';

/** How many days before its end a token is told of. */
const TOKEN_DAYS = 14;

type Parts = Pick<Surroundings, 'store' | 'config' | 'now'>;

/** S7: as many days before as the policy says, once each, to people who sign in with a password here. */
export async function remindOfRenewals(parts: Parts): Promise<void> {
  const { store, now } = parts;
  for await (const tenant of store.collections.tenants.find({ state: 'active' })) {
    const mailing = mailingOf(parts, tenant);
    const { policy } = mailing.tenant;
    if (policy.passwordDays === 0) continue;
    // The nearest first: whoever is told of one day is not told of seven.
    for (const days of policy.renewalReminders.toSorted((a, b) => a - b)) {
      for await (const person of passwordsToRemind(store.scope(tenant._id), windowOf(policy, days, now()), days)) {
        if (store.closing) return;
        await remind(parts, mailing, tenant._id, person, days);
      }
    }
  }
}

/** Set so long ago that so many days are left, or fewer. */
function windowOf({ passwordDays }: Policy, days: number, now: Date): { readonly after: Date; readonly until: Date } {
  return { after: new Date(now.getTime() - passwordDays * DAY_MS), until: new Date(now.getTime() - (passwordDays - days) * DAY_MS) };
}

async function remind({ store }: Parts, mailing: Mailing, tenant: string, { id, changed }: { readonly id: string; readonly changed: Date }, days: number): Promise<void> {
  const scope = store.scope(tenant);
  const person = (await findMany(scope, store.registry.type('User'), [id])).get(id);
  const facts = person && factsOf(person.attributes);
  const isMeant = person && facts?.signInMethod === 'password' && statusOf(facts) === 'active';
  const until = new Date(changed.getTime() + mailing.tenant.policy.passwordDays * DAY_MS);
  const content = isMeant && renewalReminder(letterhead(mailing, person.attributes), { name: nameOf(person.attributes) || userNameOf(person.attributes), link: `${mailing.publicUrl}/sign-in`, days, until });
  const mail = content && mailTo(mailing, 'renewalReminder', id, person.attributes, addressOf(person.attributes), content);
  await remindOnce(scope, id, days, mailsOf(mail || undefined), mailing.now());
}

/** To every administrator of the tenant who has an address. */
export async function warnOfTokens(parts: Parts): Promise<void> {
  const { store, now } = parts;
  for await (const token of tokensToWarn(store, now(), new Date(now().getTime() + TOKEN_DAYS * DAY_MS))) {
    if (store.closing) return;
    const tenant = await store.collections.tenants.findOne({ _id: token.t, state: 'active' });
    if (tenant) await warn(parts, mailingOf(parts, tenant), token);
  }
}

async function warn(parts: Parts, mailing: Mailing, token: TokenDocument): Promise<void> {
  const { store } = parts;
  const client = await store.collections.clients.findOne({ _id: token.client, t: token.t });
  const days = Math.max(0, Math.floor((token.expires.getTime() - mailing.now().getTime()) / DAY_MS));
  const told = { label: token.label, client: client?.name ?? '', days, until: token.expires, link: `${mailing.publicUrl}/sign-in` };
  const mails = await mailsToAdministrators(parts, mailing, token.t, 'tokenExpires', (head, name) => tokenExpires(head, { ...told, name }));
  await warnOnce(store.scope(token.t), token._id, mails, mailing.now());
}
