/** A mail to every administrator of a tenant, each in their own language. */
import type { Content, Letterhead } from '../mail/letter.ts';
import { policyOf } from '../policy.ts';
import { administratorIds } from '../store/administrators.ts';
import type { TenantDocument } from '../store/documents.ts';
import { findMany } from '../store/resources.ts';
import { addressOf, nameOf, userNameOf } from './facts.ts';
import { letterhead, mailsOf, mailTo, type Mail, type Mailing } from './mails.ts';
import type { Surroundings } from './system.ts';

export type MailingParts = Pick<Surroundings, 'store' | 'now'> & { readonly config: Pick<Surroundings['config'], 'publicUrl'> };

export const mailingOf = ({ config, now }: MailingParts, { name, policy }: Pick<TenantDocument, 'name' | 'policy'>): Mailing =>
  ({ tenant: { name, policy: policyOf(policy) }, publicUrl: config.publicUrl, now });

/** To those who are not deactivated and have an address. @param compose is given whom it greets */
export async function mailsToAdministrators({ store }: MailingParts, mailing: Mailing, tenant: string, kind: string, compose: (head: Letterhead, name: string) => Content): Promise<readonly Mail[]> {
  const scope = store.scope(tenant);
  const people = await findMany(scope, store.registry.type('User'), await administratorIds(scope));
  return mailsOf(...Array.from(people.values(), ({ id, attributes }) =>
    (attributes['active'] === false ? undefined : mailTo(mailing, kind, id, attributes, addressOf(attributes), compose(letterhead(mailing, attributes), nameOf(attributes) || userNameOf(attributes))))));
}
