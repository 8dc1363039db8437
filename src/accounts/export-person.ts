/** Everything that is stored of one person, as one JSON object: the right of access (GDPR Art. 15). Written piece by piece, for logs may be long. */
import { notFound } from '../errors.ts';
import { auditOf, type Context } from '../resources/context.ts';
import { schemasOf } from '../scim/read-resource.ts';
import { unrestricted } from '../store/audience.ts';
import { writeAudit } from '../store/audit.ts';
import type { StoredResource } from '../store/codec.ts';
import { findHidden, type HiddenPerson } from '../store/hidden.ts';
import { groupsOf, groupType } from '../store/memberships.ts';
import { auditAbout, clientsOf, importLinesOf, linksOf, loginData, mailsAbout, mailsOf, matchesOf, provisioningAbout, referencesTo, sessionsOf } from '../store/person-data.ts';
import { findById, findMany } from '../store/resources.ts';
import type { TenantScope } from '../store/store.ts';
import { factsOf, statusOf } from './facts.ts';
import { rightsOfPerson } from './rights.ts';
import { userType } from './verbs.ts';

/** A member of the object: a value, or a list that comes by and by. */
type Part = readonly [name: string, value: unknown];

/** @returns the text of the object. @throws ScimError 404, before anything is written */
export async function exportPerson(context: Context, id: string): Promise<AsyncGenerator<string>> {
  const stored = await findById(context.scope, userType(context), id);
  const hidden = stored ? undefined : await findHidden(context.scope, id);
  const person = stored ?? hidden?.stored;
  if (!person) throw notFound('Person');
  const at = context.now();
  // That somebody has read it all is for the log to tell, and stands in the export itself.
  await writeAudit(context.scope.store, context.scope.tenant, [auditOf(context, 'export', userType(context), id, [])], at);
  return textOf(partsOf(context, person, hidden, at));
}

/** Whoever may see the person gets all of it: also the groups that the caller sees nowhere else, and what others did to the person. */
async function* partsOf(context: Context, person: StoredResource, hidden: HiddenPerson | undefined, at: Date): AsyncGenerator<Part> {
  const scope = unrestricted(context.scope);
  const { id, attributes, externalIds, said, sources, version, created, lastModified } = person;
  yield ['exported', { at, id, tenant: context.tenant.name }];
  yield ['resource', { schemas: schemasOf(userType(context), attributes), id, ...attributes, externalIds, saidByClients: said, sources, meta: { resourceType: 'User', version, created, lastModified } }];
  const facts = factsOf(attributes);
  yield ['account', { status: statusOf(facts), ...facts, ...(await loginData(scope, id)) }];
  yield ['groups', await groupsOfPerson(scope, id)];
  yield ['rights', [...(await rightsOfPerson(scope, id))]];
  yield ['referredToBy', referencesTo(scope, id)];
  yield ['clients', clientsOf(scope, id)];
  if (hidden) yield ['hidden', { at: hidden.at, by: hidden.by, references: hidden.references, groups: await namesOf(scope, hidden.groups) }];
  yield ['matches', matchesOf(scope, id)];
  yield ['sessions', sessionsOf(scope, id)];
  yield ['links', linksOf(scope, id)];
  yield ['mails', mailsOf(scope, id)];
  yield ['mailsToOthers', mailsAbout(scope, id)];
  yield ['audit', auditAbout(scope, id)];
  yield ['provisioning', provisioningAbout(scope, id)];
  yield ['imports', importLinesOf(scope, id)];
}

async function groupsOfPerson(scope: TenantScope, id: string): Promise<readonly object[]> {
  const groups = (await groupsOf(scope, [id])).get(id) ?? [];
  return groups.map(({ group, direct }) => ({ id: group.id, displayName: group.attributes['displayName'], direct }));
}

async function namesOf(scope: TenantScope, ids: readonly string[]): Promise<readonly object[]> {
  const found = await findMany(scope, groupType(scope), ids);
  return ids.map((id) => ({ id, displayName: found.get(id)?.attributes['displayName'] }));
}

async function* textOf(parts: AsyncIterable<Part>): AsyncGenerator<string> {
  let before = '{';
  for await (const [name, value] of parts) {
    yield `${before}\n${JSON.stringify(name)}:`;
    if (isSequence(value)) yield* listOf(value);
    else yield JSON.stringify(value);
    before = ',';
  }
  yield '\n}\n';
}

async function* listOf(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  let before = '[';
  for await (const value of values) {
    yield `${before}\n${JSON.stringify(value)}`;
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

const isSequence = (value: unknown): value is AsyncIterable<unknown> => typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
