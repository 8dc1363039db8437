/**
 * What a token is worth at this moment (RFC 7662), for a client of the tenant that it is of: access and refresh tokens of people, and access
 * tokens of clients. Whatever is not worth anything, or is another tenant's, is answered alike (section 2.2).
 */
import { findByRefreshToken, counts } from '../../accounts/token-sessions.ts';
import { userNameOf } from '../../accounts/facts.ts';
import { endOf } from '../../accounts/sessions.ts';
import { policyOf } from '../../policy.ts';
import { findById } from '../../store/resources.ts';
import type { TokenHolder } from '../../store/tokens.ts';
import { audienceOf, settingsOf } from '../../tenancy/client-settings.ts';
import { holderOfClaims } from '../authenticate.ts';
import type { Services } from '../services.ts';

type Introspection = { readonly active: false } | { readonly active: true; readonly [claim: string]: unknown };

const INACTIVE = { active: false } as const;

/** @param asking nothing of another tenant is shown to it. A refresh token that was used before is not active; asking ends nothing. */
export async function introspect(services: Services, asking: TokenHolder, token: string): Promise<Introspection> {
  return (await ofPerson(services, asking, token)) ?? (await ofClient(services, asking, token)) ?? (await ofRefreshToken(services, asking, token)) ?? INACTIVE;
}

async function ofPerson(services: Services, asking: TokenHolder, token: string): Promise<Introspection | undefined> {
  const claims = await services.accessTokens.people.check(token);
  if (claims?.tid !== asking.tenant._id) return undefined;
  const session = (await services.sessions.findWithTokens(claims.sid, 'remembered'))?.session;
  const isIts = session?.t === claims.tid && session.person === claims.sub && session.epoch === claims.epoch && session.tokens?.audience === claims.aud && (session.entry?.kind ?? 'staff') === claims.entry;
  if (!isIts) return undefined;
  const { iss, aud, sub, client_id, entry, iat, nbf, exp, jti } = claims;
  return { active: true, sub, ...(await userName(services, asking, sub)), client_id, token_type: 'Bearer', iss, aud, iat, nbf, exp, jti, entry };
}

/** It is for us: nobody may take it for an access token of the application (RFC 8693 section 2.2.1 has the name for what is none). */
async function ofRefreshToken(services: Services, asking: TokenHolder, token: string): Promise<Introspection | undefined> {
  const found = await findByRefreshToken(services.sessions, token);
  if (!found || !counts(found) || found.session.t !== asking.tenant._id) return undefined;
  const { session, tenant } = found;
  const iat = seconds(session.lastSeen);
  const iss = services.config.publicUrl;
  const exp = seconds(endOf(session, policyOf(tenant.policy)));
  return { active: true, sub: session.person, ...(await userName(services, asking, session.person)), client_id: session.tokens?.audience, token_type: 'N_A', iss, aud: iss, iat, nbf: iat, exp, entry: session.entry?.kind ?? 'staff' };
}

/** The scope is what it gives now, which may be less than it was issued for. */
async function ofClient(services: Services, asking: TokenHolder, token: string): Promise<Introspection | undefined> {
  const claims = await services.accessTokens.clients.check(token);
  const found = claims?.tid === asking.tenant._id ? await holderOfClaims(claims, services) : undefined;
  if (!claims || !found) return undefined;
  const { iss, aud, sub, client_id, iat, nbf, exp, jti } = claims;
  const scope = [...found.scopes].join(' ');
  return { active: true, sub, client_id, token_type: 'Bearer', ...(scope === '' ? {} : { scope }), iss, aud, iat, nbf, exp, jti };
}

/** Of people whom the client may see: everything else about them stands in the token that it has. */
async function userName({ store, registry }: Services, { client, tenant }: TokenHolder, id: string): Promise<{ readonly username?: string }> {
  const person = await findById(store.scope(tenant._id, audienceOf(settingsOf(client), new Set(client.scopes))), registry.type('User'), id);
  return person ? { username: userNameOf(person.attributes) } : {};
}

const seconds = (instant: Date) => Math.floor(instant.getTime() / 1000);
