/**
 * What a change of a User means for the person's login, whatever the route (L1 to L7, S11, X3 to X5, P1 to P4): the attributes that a client
 * writes become events of `state.ts`, and what only Rollcall decides stays as it is.
 */
import { invalidValue } from '../errors.ts';
import type { Policy } from '../policy.ts';
import type { Behaviour, Change, Effects } from '../resources/behaviours.ts';
import type { Context } from '../resources/context.ts';
import { fold } from '../scim/fold.ts';
import type { Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import { POPULATIONS, type Audience } from '../store/audience.ts';
import type { AccountWrites, Claim } from '../store/change-set.ts';
import { eventsOf, saidOf, startingFacts, takesPassword } from './asserted.ts';
import { complexAt, withExtension } from './attributes.ts';
import { fillPeople } from './computed.ts';
import { withInstants } from './dates.ts';
import { addressOf, factsOf, isToBeInvited, userNameOf, statusOf, withFacts, type Facts } from './facts.ts';
import { credentialOf, newPassword } from './credentials.ts';
import { invitationEffects } from './invitation.ts';
import { addressChangedMail } from './mails.ts';
import { accessOf } from './portal-access.ts';
import { whoComesBack } from './rehire.ts';
import { checkRightsOf } from './rights.ts';
import { membershipsByRoles } from './roles.ts';
import { happen, type Event } from './state.ts';
import { settleEntries, type Settlement } from './ways-in.ts';

export const personBehaviour: Behaviour = {
  beforeWrite: async (context, given) => {
    if (given.decided) return {};
    const settled = await settleEntries(context, given);
    const change = { ...given, after: settled.attributes };
    const before = change.before && factsOf(change.before.attributes);
    const events = [...eventsOf(context, change, before)];
    const { facts: happenedFacts, endsAll } = happenAll(startingFacts(context, change, before), events);
    const waits = happenedFacts.dates.hiresAt !== undefined;
    const facts: Facts = { ...happenedFacts, ...(waits && isNewcomer(context, change, happenedFacts) ? { signInMethod: 'password' } : {}), dates: withInstants(happenedFacts.dates, change.after, context.tenant.policy) };
    const happened = new Set(events.map(({ kind }) => kind));
    // L1: also where the first day is moved to one that is not ahead.
    const invited = facts.active && (isNewcomer(context, change, facts) || (happened.has('hire') && isToBeInvited(facts)));
    if (settled.needsPassword && facts.activatedAt === undefined && facts.signInMethod !== 'sso' && !invited) throw invalidValue('password is needed when somebody is registered as an external user.');
    if (happened.has('changeAddress') && before?.signInMethod === 'password') await checkRightsOf(context, change.before, 'To change the address');
    const account: AccountWrites = {
      ...(endsAll && change.before ? { endsAll: true } : {}),
      ...(happened.has('unlock') ? { resetsFailures: true } : {}),
      ...(happened.has('changeMethod') ? { removesCredential: true } : {}),
      ...(settled.ends.length > 0 ? { endsSessions: settled.ends } : {}),
      ...(await passwordOf(context, change)),
    };
    const also = await membershipsByRoles(context, change.id, change.before?.attributes ?? {}, change.after);
    const chosen = audienceOf(change);
    const audience = chosen ?? settled.audience;
    const effects: Effects = {
      said: saidOf(context, change),
      attributes: withFacts(chosen ? change.after : withPopulation(change.after, settled), facts),
      ...(audience ? { audience } : {}),
      ...(Object.keys(account).length > 0 ? { account } : {}),
      references: settled.references,
      ...(also.length > 0 ? { also } : {}),
    };
    // Combinations: who was invited at the old address is invited at the new one.
    const moved = before !== undefined && statusOf(before) === 'invited' && statusOf(facts) === 'invited' && happened.has('changeAddress');
    return withMails(context, change, before, invited || moved ? await invitationEffects(context, change.id, effects.attributes ?? change.after, effects, moved) : effects);
  },
  meant: whoComesBack,
  fill: fillPeople,
  claims: addressClaims,
};

/** L1: somebody whom a client has just made and whom it invites; on the first day where that is ahead. */
const isNewcomer = ({ principal }: Context, { before, adopts }: Change, { signInMethod }: Facts) => (before === undefined || adopts) && signInMethod === 'none' && principal.newcomers === 'invite';

function happenAll(start: Facts, events: readonly Event[]): { readonly facts: Facts; readonly endsAll: boolean } {
  let [facts, endsAll] = [start, false];
  for (const event of events) {
    const result = happen(facts, event);
    facts = result.facts;
    endsAll ||= result.endsAll;
  }
  return { facts, endsAll };
}

const accountOf = (attributes: Attributes) => complexAt(attributes, ACCOUNT_EXTENSION);

/** It is hashed before the transaction begins. */
async function passwordOf(context: Context, change: Change): Promise<AccountWrites> {
  const { id, before, secrets: { password } } = change;
  if (typeof password !== 'string' || !takesPassword(context, change)) return {};
  await checkRightsOf(context, before, 'To set the password');
  return { password: await newPassword(synced(context), password, {}, before && (await credentialOf(context.scope, id))), resetsFailures: true };
}

/** The password was chosen elsewhere, under other rules: it may hold the person's name. */
function synced({ tenant: { name, policy } }: Context): Pick<Context, 'tenant'> {
  return { tenant: { name, policy: { ...policy, passwordLength: policy.syncedPasswordLength } } };
}

/** The old address is told, for its owner must learn that somebody took the account along (S10). */
function withMails(context: Context, { id, before: stored, after }: Change, before: Facts | undefined, effects: Effects): Effects {
  const old = stored && addressOf(stored.attributes);
  const status = before && statusOf(before);
  if (!stored || old === undefined || old === addressOf(after) || (status !== 'active' && status !== 'locked') || before?.signInMethod !== 'password') return effects;
  const mail = addressChangedMail(context, id, stored.attributes, old);
  return mail ? { ...effects, account: { ...effects.account, mails: [...(effects.account?.mails ?? []), mail] } } : effects;
}

/** S2u: who can sign in with a password, is invited to, or may choose one at a portal (P5) has the address alone; everybody where the policy says so. */
function addressClaims(attributes: Attributes, { addressUnique }: Policy): readonly Claim[] {
  const address = addressOf(attributes);
  const { signInMethod } = factsOf(attributes);
  const signsIn = signInMethod === 'password' || accessOf(attributes).length > 0;
  const claimed = address === undefined || (addressUnique === 'accounts' && !signsIn) ? [] : [{ kind: 'address', path: 'emails', value: fold(address) }];
  // A user name that is the address of another account would shut out its owner.
  const name = fold(userNameOf(attributes));
  return signsIn && name.includes('@') && claimed.every(({ value }) => value !== name) ? [...claimed, { kind: 'address', path: 'userName', value: name }] : claimed;
}

/** The population is an attribute too: it says what the entries have made of it. */
function withPopulation(attributes: Attributes, { audience }: Settlement): Attributes {
  return audience === undefined ? attributes : withExtension(attributes, ACCOUNT_EXTENSION, { ...accountOf(attributes), population: audience });
}

function audienceOf({ after, before }: Change): Audience | undefined {
  const population = accountOf(after)['population'];
  if (population === undefined) return undefined;
  const known = POPULATIONS.find((one) => one === population);
  if (!known) throw invalidValue(`${ACCOUNT_EXTENSION}:population must be one of ${POPULATIONS.join(', ')}.`);
  return before?.audience === 'console' || before?.audience === known ? undefined : known;
}
