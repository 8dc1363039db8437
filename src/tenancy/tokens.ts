/** Tokens and secrets of provisioning clients: shown once, kept as SHA-256, never without an end. */
import { invalidValue, notFound } from '../errors.ts';
import { writeAudit, type AuditEntry } from '../store/audit.ts';
import type { TokenDocument } from '../store/documents.ts';
import { labelOf, newToken, tokenHash } from '../store/tokens.ts';
import { transact } from '../store/transaction.ts';
import { checkHolds } from './clients.ts';
import type { Doing } from './doing.ts';
import { DAY_MS } from '../time.ts';

export interface Token {
  /** Not the token: the hash under which it is kept. */
  readonly id: string;
  readonly client: string;
  readonly use: TokenDocument['use'];
  readonly label: string;
  readonly created: Date;
  readonly expires: Date;
  readonly lastUsed: Date | undefined;
  /** The id of the token that ends when this one is first used. */
  readonly succeeds: string | undefined;
}

export interface Issued extends Token {
  /** What is shown this once. */
  readonly secret: string;
}

export interface TokenRequest {
  readonly use?: TokenDocument['use'];
  /** 1 to 365; 180 where nothing is said. */
  readonly days?: number;
}

export const TOKEN_DAYS = 180;
const MOST_DAYS = 365;
/** How long the old token goes on after the new one was first used: a provider may still have requests on their way. */
const GRACE_SECONDS = 3600;

/** @throws ScimError 400, 403 where the client may more than the doer, 404 */
export async function issueToken(doing: Doing, tenant: string, client: string, request: TokenRequest = {}): Promise<Issued> {
  return issue(doing, tenant, client, request, undefined);
}

/**
 * A new token for the same client. The old one goes on until the new one is first used and an hour longer, so that the change at the
 * provider needs no pause.
 * @throws ScimError 400, 403, 404
 */
export async function succeedToken(doing: Doing, tenant: string, id: string, request: Pick<TokenRequest, 'days'> & { readonly graceSeconds?: number } = {}): Promise<Issued> {
  const old = await doing.store.collections.tokens.findOne({ _id: id, t: tenant });
  if (!old) throw notFound('Token');
  const { graceSeconds = GRACE_SECONDS } = request;
  if (!Number.isInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > 30 * 86_400) throw invalidValue('graceSeconds must be a whole number from 0 to 2592000.');
  return issue(doing, tenant, old.client, { ...request, use: old.use }, { token: id, graceSeconds });
}

async function issue(doing: Doing, tenant: string, client: string, { use = 'bearer', days = TOKEN_DAYS }: TokenRequest, succeeds: TokenDocument['succeeds']): Promise<Issued> {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) throw invalidValue(`days must be a whole number from 1 to ${MOST_DAYS}: a token without an end is found by somebody some day.`);
  const { clients, tokens } = doing.store.collections;
  const secret = newToken(use);
  const created = doing.now();
  const document: TokenDocument = {
    _id: tokenHash(secret), t: tenant, client, use, label: labelOf(secret), created, expires: new Date(created.getTime() + days * DAY_MS),
    ...(succeeds ? { succeeds } : {}),
  };
  await transact(doing.store, async (session) => {
    const owner = await clients.findOne({ _id: client, t: tenant }, { session });
    if (!owner) throw notFound('Client');
    checkHolds(doing, owner.scopes);
    await tokens.insertOne(document, { session });
    await writeAudit(doing.store, tenant, [entry(doing, 'token.issue', document, { label: document.label, use, expires: document.expires })], created, session);
  });
  return { ...tokenOf(document), secret };
}

/** Refused from the next request on. @throws ScimError 403, 404 */
export async function revokeToken(doing: Doing, tenant: string, id: string): Promise<void> {
  const { clients, tokens } = doing.store.collections;
  await transact(doing.store, async (session) => {
    const token = await tokens.findOne({ _id: id, t: tenant }, { session });
    if (!token) throw notFound('Token');
    const owner = await clients.findOne({ _id: token.client, t: tenant }, { session });
    checkHolds(doing, owner?.scopes ?? []);
    await tokens.deleteOne({ _id: id, t: tenant }, { session });
    await writeAudit(doing.store, tenant, [entry(doing, 'token.revoke', token, { label: token.label })], doing.now(), session);
  });
  doing.changed();
}

/** The newest first. */
export async function listTokens({ store }: Doing, tenant: string, client: string): Promise<readonly Token[]> {
  return (await store.collections.tokens.find({ t: tenant, client }).sort({ created: -1, _id: 1 }).toArray()).map(tokenOf);
}

/** Of all clients of a tenant, the newest first. */
export async function listAllTokens({ store }: Doing, tenant: string): Promise<readonly Token[]> {
  return (await store.collections.tokens.find({ t: tenant }).sort({ created: -1, _id: 1 }).toArray()).map(tokenOf);
}

const tokenOf = ({ _id, client, use, label, created, expires, lastUsed, succeeds }: TokenDocument): Token => ({ id: _id, client, use, label, created, expires, lastUsed, succeeds: succeeds?.token });

const entry = ({ by, request, from }: Doing, action: string, { client }: TokenDocument, values: Readonly<Record<string, unknown>>): AuditEntry =>
  ({ by, action, on: { type: 'Client', id: client }, request, ...(from === undefined ? {} : { from }), changed: ['tokens'], values });
