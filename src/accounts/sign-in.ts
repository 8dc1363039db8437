/** Sign-in with a password: J7, S7, J5. Unknown, wrong, locked and deactivated are answered alike. */
import { auditOf, type Context } from '../resources/context.ts';
import type { Entry, SessionDocument } from '../store/account-documents.ts';
import { unrestricted } from '../store/audience.ts';
import type { AuditEntry } from '../store/audit.ts';
import { writeWhileOpen } from '../store/write-apart.ts';
import { tryPassword, type Judged } from './attempts.ts';
import { entryOf } from './entries.ts';
import { factsOf, type Facts } from './facts.ts';
import { findAccount } from './find-account.ts';
import { newLink } from './links.ts';
import { mustRenew } from './renewal.ts';
import { beginSession } from './token-sessions.ts';
import { userType } from './verbs.ts';

export type SignedIn =
  | ({ readonly kind: 'in'; readonly person: string } & Begun)
  /** The password was right; something is to be done before there is a session. `token` stands for that and for nothing else. */
  | { readonly kind: Step; readonly token: string }
  | { readonly kind: 'refused' };

export interface Begun {
  /** The cookie's value; for an application the refresh token. */
  readonly session: string;
  readonly document: SessionDocument;
}

type Step = 'renew' | 'secondFactor' | 'enrol';

export interface Attempt {
  /** User name or address, as typed. */
  readonly name: string;
  readonly password: string;
  /** At which; who has no access there is refused like anybody (P3, P4). */
  readonly portal: string | undefined;
  /** The application that is to have tokens (`sign-in-audience.ts`); undefined: our own pages. Kept through a step between. */
  readonly audience: string | undefined;
  /** The header User-Agent. */
  readonly agent: string;
}

/** How long somebody has for the step between password and session. */
export const STEP_MINUTES = 15;

/** @throws ScimError 503 when too many passwords wait to be checked */
export async function signIn(given: Context, { name, password, portal, audience, agent }: Attempt): Promise<SignedIn> {
  // Who signs in is seen by themselves, whatever population they belong to.
  const context = { ...given, scope: unrestricted(given.scope) };
  let entry: Entry | undefined;
  const find = async () => {
    const person = await findAccount(context, name);
    entry = person && (await entryOf(context.scope, person, portal));
    return entry && person;
  };
  return (await tryPassword<SignedIn>(context, { name, password, find, accept: async (judged) => (entry ? accepted(context, judged, { entry, agent, audience }) : REFUSED) })) ?? REFUSED;
}

const REFUSED = { kind: 'refused' } as const;

async function accepted(context: Context, { person: { id, attributes }, credential: { epoch = 0 } }: Judged, { entry, agent, audience }: Pick<Attempt, 'agent' | 'audience'> & { readonly entry: Entry }): Promise<SignedIn> {
  const step = nextStep(context, factsOf(attributes));
  const now = context.now();
  // What has ended logins since the password was read ends the session and the step too: they are of its epoch.
  const session = step === undefined ? beginSession(context, { epoch, entry, agent }, audience) : undefined;
  const link = step === undefined ? undefined : newLink(context, step, STEP_MINUTES, { entry, ...(audience === undefined ? {} : { audience }) });
  const account = { resetsFailures: true, ...(session ? { session: session.document } : {}), ...(link ? { links: [{ ...link.document, epoch }] } : {}) };
  const isIn = await writeWhileOpen(context.scope, { person: id, at: now, account, audit: byPerson(context, step === undefined ? 'signIn' : `signIn.${step}`, id) });
  if (!isIn) return REFUSED;
  if (session) return { kind: 'in', person: id, session: session.token, document: { ...session.document, t: context.scope.tenant, person: id } };
  return step && link ? { kind: step, token: link.token } : REFUSED;
}

/** Whoever signs in does so themselves. */
const byPerson = (context: Context, action: string, id: string): AuditEntry => ({ ...auditOf(context, action, userType(context), id, []), by: { kind: 'person', id } });

/** Combinations: "second factor first", then the renewal. */
function nextStep(context: Context, facts: Facts): Step | undefined {
  if (facts.twoFactorEnrolled) return 'secondFactor';
  if (facts.twoFactorRequired) return 'enrol';
  return mustRenew(context, facts) ? 'renew' : undefined;
}
