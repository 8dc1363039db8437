/** People who come back and about whom an administrator is asked (L5, the client's setting `onRehire`): asked once, listed, decided. */
import { v7 as uuid } from 'uuid';
import { conflict, invalidCursor, notFound, uniqueness, type ScimError } from '../errors.ts';
import { matchHeld } from '../mail/administrator-mails.ts';
import { AS_READ, change } from '../resources/change.ts';
import { auditOf, type Context } from '../resources/context.ts';
import { seal, unseal } from '../seal.ts';
import type { StoredResource } from '../store/codec.ts';
import type { MatchDocument } from '../store/documents.ts';
import { findMatch, holdMatch, listMatches, refuseHeld, type MatchPlace } from '../store/matches.ts';
import { findById, findMany } from '../store/resources.ts';
import { factsOf, nameOf, statusOf, userNameOf, withFacts, type Status } from './facts.ts';
import { previewReactivation, type Reactivation } from './reactivation.ts';
import { checkRightsOf } from './rights.ts';
import { actorNames } from './sources.ts';
import { happen, whyNot } from './state.ts';
import { mailsToAdministrators } from './to-administrators.ts';
import { userType } from './verbs.ts';

/** @returns the refusal, once the match is stored and the administrators are told: both happen once */
export async function askAdministrators(context: Context, { person, by }: { readonly person: StoredResource; readonly by: MatchDocument['by'] }, externalId: string | undefined): Promise<ScimError> {
  const { scope, principal: { client }, now } = context;
  const match = await holdMatch(scope, { client, person: person.id, by, ...(externalId === undefined ? {} : { externalId }) }, {
    id: uuid(), at: now(),
    audit: { ...auditOf(context, 'match.hold', userType(context), person.id, []), values: { client, by } },
    mails: () => mailsAbout(context, person),
  });
  return uniqueness(match.state === 'refused'
    ? `${by} is that of somebody who is deactivated, and an administrator has refused to let this client take the person over.`
    : `${by} is that of somebody who is deactivated: an administrator was asked whether this client takes the person over. Try again later.`);
}

async function mailsAbout(context: Context, { id, attributes }: StoredResource) {
  const { scope, now, publicUrl, principal } = context;
  const client = (await clientNames(context, [principal.client])).get(principal.client) ?? '';
  const link = `${publicUrl}/console/matches`;
  const mails = await mailsToAdministrators({ store: scope.store, now, config: { publicUrl } }, context, scope.tenant, 'matchHeld', (head, name) => matchHeld(head, { name, client, person: callName(attributes), link }));
  return mails.map((mail) => ({ ...mail, about: [id] }));
}

const callName = (attributes: StoredResource['attributes']) => nameOf(attributes) || userNameOf(attributes);

const clientNames = (context: Context, ids: readonly string[]) => actorNames(context, ids.map((id) => ({ kind: 'client', id })));

export interface MatchView extends Pick<MatchDocument, 'by' | 'externalId' | 'state' | 'at' | 'last' | 'times' | 'decided'> {
  readonly id: string;
  readonly client: { readonly id: string; readonly name: string | undefined };
  readonly person: { readonly id: string; readonly userName: string; readonly name: string; readonly status: Status };
}

/** The newest first; of people whom the caller does not see nothing. @throws ScimError 400 invalidCursor */
export async function matchesPage(context: Context, { count, cursor }: { readonly count: number; readonly cursor: string | undefined }): Promise<{ readonly matches: readonly MatchView[]; readonly nextCursor: string | undefined }> {
  const found = await listMatches(context.scope, cursor === undefined ? undefined : openPlace(context, cursor), count + 1);
  const page = found.slice(0, count);
  const last = page.at(-1);
  const [people, clients] = await Promise.all([findMany(context.scope, userType(context), page.map(({ person }) => person)), clientNames(context, page.map(({ client }) => client))]);
  const matches = page.flatMap((match) => {
    const person = people.get(match.person);
    return person ? [viewOf(match, person, clients.get(match.client))] : [];
  });
  return { matches, nextCursor: found.length > count && last ? sealPlace(context, last) : undefined };
}

function viewOf({ _id: id, client, by, externalId, state, at, last, times, decided }: MatchDocument, { id: person, attributes }: StoredResource, name: string | undefined): MatchView {
  return {
    id, client: { id: client, name }, person: { id: person, userName: userNameOf(attributes), name: nameOf(attributes), status: statusOf(factsOf(attributes)) },
    by, state, at, last, times, ...(externalId === undefined ? {} : { externalId }), ...(decided ? { decided } : {}),
  };
}

export interface MatchDetail extends MatchView {
  /** What the client has called the person so far. */
  readonly known: string | undefined;
  /** What comes back with the person; undefined for whoever is active meanwhile. */
  readonly back: Reactivation | undefined;
}

/** For whoever has to decide. @throws ScimError 404 */
export async function viewMatch(context: Context, id: string): Promise<MatchDetail> {
  const { match, person } = await getMatch(context, id);
  const clients = await clientNames(context, [match.client]);
  return {
    ...viewOf(match, person, clients.get(match.client)),
    known: person.externalIds.find(({ client }) => client === match.client)?.id,
    back: whyNot(factsOf(person.attributes), 'reactivate') === undefined ? await previewReactivation(context, person.id) : undefined,
  };
}

const purposeOf = ({ scope }: Context) => `matches ${scope.tenant}`;
const sealPlace = (context: Context, { at, _id: id }: MatchDocument) => seal(context.secretKeys, purposeOf(context), JSON.stringify({ at: at.toISOString(), id } satisfies MatchPlace));

function openPlace(context: Context, cursor: string): MatchPlace {
  const text = unseal(context.secretKeys, purposeOf(context), cursor);
  if (text === undefined) throw invalidCursor('The cursor is not one of this list.');
  // Only what `sealPlace` wrote opens.
  return JSON.parse(text) as MatchPlace; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
}

/**
 * The person is active again, without a leave date, and the client's: it finds them under its externalId, and its next POST of them within a week takes
 * the record over. @throws ScimError 403 where the person has rights, 404, 409
 */
export async function adoptMatch(context: Context, id: string): Promise<void> {
  const { match, person } = await getMatch(context, id);
  if (match.state === 'adopted') throw conflict('The match was decided meanwhile.');
  const asClient: Context = { ...context, principal: { ...context.principal, client: match.client } };
  const facts = ({ attributes }: StoredResource) => {
    const before = factsOf(attributes);
    return whyNot(before, 'reactivate') === undefined ? happen(before, { kind: 'reactivate' }).facts : before;
  };
  await change(asClient, {
    type: userType(context), id: person.id, action: 'adopt', precondition: AS_READ,
    want: (current) => ({ attributes: { ...withFacts(current.attributes, facts(current)), ...nameFor(match, current) }, members: undefined }),
    effects: async (current) => {
      await checkRightsOf(context, current, 'To let a client take over the record');
      return { account: { match: { id, becomes: 'adopted', by: context.principal.actor } }, said: { active: true } };
    },
  });
}

/** What the client called the person before stays where it gave no new name. */
function nameFor({ client, externalId }: MatchDocument, { externalIds }: StoredResource): { readonly externalId?: string } {
  const name = externalId ?? externalIds.find((entry) => entry.client === client)?.id;
  return name === undefined ? {} : { externalId: name };
}

/** The client is told so whenever it asks; `adopt` is possible later. @throws ScimError 404, 409 */
export async function refuseMatch(context: Context, id: string): Promise<void> {
  const { match, person } = await getMatch(context, id);
  const audit = { ...auditOf(context, 'match.refuse', userType(context), person.id, []), values: { client: match.client } };
  if (!(await refuseHeld(context.scope, id, audit, context.now()))) throw conflict('The match was decided meanwhile.');
}

async function getMatch(context: Context, id: string): Promise<{ readonly match: MatchDocument; readonly person: StoredResource }> {
  const match = await findMatch(context.scope, { id });
  const person = match && (await findById(context.scope, userType(context), match.person));
  if (!person) throw notFound('Match');
  return { match, person };
}
