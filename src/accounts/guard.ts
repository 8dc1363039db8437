/** The guard of a provisioning client: its settings for the store, and the mail to administrators when it holds something back. */
import { guardHeld } from '../mail/administrator-mails.ts';
import type { ClientDocument, TenantDocument } from '../store/documents.ts';
import type { Guard } from '../store/guard.ts';
import { settingsOf } from '../tenancy/client-settings.ts';
import { mailingOf, mailsToAdministrators, type MailingParts } from './to-administrators.ts';

/** @returns undefined for a client without limits */
export function guardOf(parts: MailingParts, tenant: TenantDocument, client: ClientDocument): Guard | undefined {
  const { guardChanges: changes, guardShare: share, guardMembers: members } = settingsOf(client);
  if (changes === 0 && members === 0) return undefined;
  return {
    client: client._id,
    limits: { changes, share, members },
    mails: async ({ about, since }) => {
      if (!about) return [];
      const mailing = mailingOf(parts, tenant);
      const link = `${mailing.publicUrl}/sign-in`;
      return mailsToAdministrators(parts, mailing, tenant._id, 'guardHeld', (head, name) => guardHeld(head, { name, client: client.name, ...about, when: since, link }));
    },
  };
}
