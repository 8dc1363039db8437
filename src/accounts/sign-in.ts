/** Sign-in with a password: J7, S7, J5. Unknown, wrong, locked and deactivated are answered alike. */
import { auditOf, type Context } from '../resources/context.ts';
import type { CredentialDocument, Entry } from '../store/account-documents.ts';
import { unrestricted } from '../store/audience.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { StoredResource } from '../store/codec.ts';
import { writeApart } from '../store/write-apart.ts';
import { tryPassword } from './attempts.ts';
import { entryOf } from './entries.ts';
import { factsOf, type Facts } from './facts.ts';
import { findAccount } from './find-account.ts';
import { newLink } from './links.ts';
import { mustRenew } from './renewal.ts';
import { userType } from './verbs.ts';

export type SignedIn =
  | { readonly kind: 'in'; readonly person: StoredResource; readonly epoch: number; readonly entry: Entry }
  /** The password was right; something is to be done before there is a session. `token` stands for that and for nothing else. */
  | { readonly kind: 'renew' | 'secondFactor' | 'enrol'; readonly token: string }
  | { readonly kind: 'refused' };

/** How long somebody has for the step between password and session. */
export const STEP_MINUTES = 15;

/**
 * @param name user name or address, as typed
 * @param portal at which; who has no access there is refused like anybody (P3, P4)
 * @throws ScimError 503 when too many passwords wait to be checked
 */
export async function signIn(given: Context, name: string, password: string, portal?: string): Promise<SignedIn> {
  // Who signs in is seen by themselves, whatever population they belong to.
  const context = { ...given, scope: unrestricted(given.scope) };
  const person = await findAccount(context, name);
  const entry = person && (await entryOf(context.scope, person, portal));
  const credential = await tryPassword(context, name, entry && person, password);
  return person && entry && credential ? accepted(context, person, credential, entry) : { kind: 'refused' };
}

async function accepted(context: Context, person: StoredResource, credential: CredentialDocument, entry: Entry): Promise<SignedIn> {
  const facts = factsOf(person.attributes);
  const step = nextStep(context, facts);
  if (step === undefined) {
    await writeApart(context.scope, { person: person.id, at: context.now(), account: {}, audit: byPerson(context, 'signIn', person.id) });
    return { kind: 'in', person, epoch: credential.epoch ?? 0, entry };
  }
  const link = newLink(context, step, STEP_MINUTES, { entry });
  // What ended logins since the password was read ends this step too.
  const document = { ...link.document, epoch: credential.epoch ?? 0 };
  await writeApart(context.scope, { person: person.id, at: context.now(), account: { links: [document] }, audit: byPerson(context, `signIn.${step}`, person.id) });
  return { kind: step, token: link.token };
}

/** Whoever signs in does so themselves. */
const byPerson = (context: Context, action: string, id: string): AuditEntry => ({ ...auditOf(context, action, userType(context), id, []), by: { kind: 'person', id } });

/** Combinations: "second factor first", then the renewal. */
function nextStep(context: Context, facts: Facts): 'secondFactor' | 'enrol' | 'renew' | undefined {
  if (facts.twoFactorEnrolled) return 'secondFactor';
  if (facts.twoFactorRequired) return 'enrol';
  return mustRenew(context, facts) ? 'renew' : undefined;
}
