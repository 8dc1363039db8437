/**
 * Somebody comes back (L5): a POST that means a person who is here already, deactivated. What it does is a setting of the client: it is refused, takes
 * the record over under the same id, or asks an administrator (`matches.ts`). Never a second person, and never without an entry in both logs.
 */
import { uniqueness } from '../errors.ts';
import type { Newcomer } from '../resources/behaviours.ts';
import { AS_READ, type ChangeRequest } from '../resources/change.ts';
import { mayDo, type Context } from '../resources/context.ts';
import { replaceRequest } from '../resources/replace.ts';
import { externalIdOf } from '../resources/write.ts';
import { fold } from '../scim/fold.ts';
import type { Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import type { StoredResource } from '../store/codec.ts';
import type { MatchDocument } from '../store/documents.ts';
import { findMatch } from '../store/matches.ts';
import { findByExternalId } from '../store/named.ts';
import { findByClaim, findByUnique } from '../store/resources.ts';
import { DAY_MS } from '../time.ts';
import { complexAt, textAt, withExtension } from './attributes.ts';
import { addressOf, factsOf, userNameOf } from './facts.ts';
import { askAdministrators } from './matches.ts';
import { checkRightsOf } from './rights.ts';

/** A yes is for the client's next tries, not for a mistake long after. */
const ADOPTED_MS = 7 * DAY_MS;

interface Found {
  readonly person: StoredResource;
  readonly by: MatchDocument['by'];
}

/** @throws ScimError 409 uniqueness: refused, an administrator was asked, or the values are those of several people */
export async function whoComesBack(context: Context, newcomer: Newcomer): Promise<ChangeRequest | undefined> {
  const { onRehire, linksActive } = context.principal;
  if (newcomer.taken === undefined && onRehire === 'refuse' && linksActive === 'refuse') return undefined;
  const [found, ...others] = await peopleMeant(context, newcomer);
  if (!found) return undefined;
  if (others.length > 0) throw uniqueness('userName, address and externalId are those of different people who are here already: none of them is taken over.');
  const { person } = found;
  if (!isLeaver(person)) return activeRequest(context, newcomer, found);
  switch (onRehire) {
    case 'refuse':
      throw refusal(context, newcomer, person);
    case 'adopt':
      return adoptRequest(context, newcomer, person, await matchWith(context, person));
    case 'ask':
      throw await askAdministrators(context, found, textAt(newcomer.given, 'externalId'));
  }
}

/** Whoever waits for the first day has not left. */
export const isLeaver = ({ attributes }: StoredResource): boolean => {
  const { active, dates } = factsOf(attributes);
  return !active && dates.hiresAt === undefined;
};

/** Everybody whom the caller sees and the POST names: by userName; and of those who have left by an address that is theirs alone, and by this client's externalId. */
async function peopleMeant({ scope, principal: { client } }: Context, { type, given }: Newcomer): Promise<readonly Found[]> {
  const [address, externalId] = [addressOf(given), textAt(given, 'externalId')];
  const [named, reached, called] = await Promise.all([
    findByUnique(scope, type, 'userName', fold(userNameOf(given))),
    address === undefined ? undefined : findByClaim(scope, type, 'address', fold(address)),
    externalId === undefined || client === '' ? [] : findByExternalId(scope, type, client, externalId),
  ]);
  const left = [...(reached ? [{ person: reached, by: 'address' as const }] : []), ...called.map((person) => ({ person, by: 'externalId' as const }))].filter(({ person }) => isLeaver(person));
  const all: readonly Found[] = [...(named ? [{ person: named, by: 'userName' as const }] : []), ...left];
  return all.filter(({ person: { id } }, index) => all.findIndex(({ person }) => person.id === id) === index);
}

function refusal(context: Context, { taken }: Newcomer, { id }: StoredResource) {
  const reason = taken?.message.replace(/\.$/, '') ?? 'The person is here already';
  const who = mayDo(context.principal, 'users:read') ? `${reason} by somebody who is deactivated: ${id}. Set active to true there` : `${reason} by somebody who is deactivated`;
  return uniqueness(`${who}, or set onRehire of this client.`);
}

/** Somebody active: an administrator has let the client have the record, or a second provider may have its own name for the person. */
async function activeRequest(context: Context, newcomer: Newcomer, { person, by }: Found): Promise<ChangeRequest | undefined> {
  if (context.principal.onRehire === 'ask') {
    const match = await matchWith(context, person);
    if (match && isDecided(context, match)) return adoptRequest(context, newcomer, person, match);
  }
  const externalId = textAt(newcomer.given, 'externalId');
  return context.principal.linksActive === 'adopt' && by === 'userName' && externalId !== undefined ? linkRequest(context, newcomer, person, externalId) : undefined;
}

const isDecided = ({ now }: Context, { state, decided }: MatchDocument) => state === 'adopted' && decided !== undefined && now().getTime() - decided.at.getTime() < ADOPTED_MS;

const matchWith = ({ scope, principal: { client } }: Context, { id }: StoredResource) => findMatch(scope, { client, person: id });

const taken = () => uniqueness('userName is already taken.');

/** Attributes as the POST says; groups, portals, and roles of which it says nothing, as they were; no leave date but its own. */
function adoptRequest(context: Context, { type, body, given }: Newcomer, { id }: StoredResource, match: MatchDocument | undefined): ChangeRequest {
  const put = replaceRequest(context, type, id, body, AS_READ);
  return {
    ...put, action: 'adopt', adopts: true,
    ...(match ? { account: { match: { id: match._id, becomes: 'used' } } } : {}),
    want: async (current) => {
      // Another POST was faster: it is that one's person now.
      if (!isLeaver(current) && !(match && isDecided(context, match))) throw taken();
      await checkRightsOf(context, current, 'To take over the record');
      const wanted = await put.want(current);
      return { ...wanted, attributes: comingBack(given, current.attributes, wanted.attributes) };
    },
  };
}

function comingBack(given: Attributes, before: Attributes, after: Attributes): Attributes {
  const { roles } = before;
  const account = complexAt(after, ACCOUNT_EXTENSION);
  const leaveDate = textAt(complexAt(given, ACCOUNT_EXTENSION), 'leaveDate');
  const dated = withExtension(after, ACCOUNT_EXTENSION, { ...loginOf(before), ...account, leaveDate });
  return { ...dated, active: given['active'] !== false, ...(given['roles'] === undefined && roles !== undefined ? { roles } : {}) };
}

/** How somebody signs in and who they are here, which a POST that says the dates does not mean to end. */
function loginOf(attributes: Attributes): Attributes {
  const account = complexAt(attributes, ACCOUNT_EXTENSION);
  return Object.fromEntries(KEPT.flatMap((name) => (account[name] === undefined ? [] : [[name, account[name]]])));
}

const KEPT = ['signInMethod', 'mustChangePassword', 'twoFactorRequired', 'population'] as const;

/** The person stays as they are: two providers would write over each other from the first day. */
function linkRequest(context: Context, { type }: Newcomer, { id }: StoredResource, externalId: string): ChangeRequest {
  return {
    type, id, action: 'link', precondition: AS_READ, named: () => new Set(),
    want: (current) => {
      if (externalIdOf(current, context.principal.client) !== undefined) throw taken();
      return { attributes: { ...current.attributes, externalId }, members: undefined };
    },
  };
}
