/** Scopes of access tokens (RFC 6749 section 3.3): all of the client's own, or those that it asks for. */
import { covers } from '../../rights.ts';
import type { Registry } from '../../scim/registry.ts';
import { knownScopes } from '../../tenancy/clients.ts';
import { invalidScope } from './errors.ts';

/** Printable characters but `"` and `\`, with one blank between scopes. */
const SCOPES = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/;

/** A token with more would be longer than a token may be. */
const MOST_CHARACTERS = 2000;

/** @throws OAuthError invalid_scope where something is asked for that the client does not hold or that there is not */
export function grantScopes(held: readonly string[], asked: string | undefined, registry: Registry): string {
  const scopes = asked === undefined ? held : split(asked);
  const known = new Set(knownScopes(registry));
  const own = new Set(held);
  const refused = scopes.find((scope) => !own.has(scope) && !(known.has(scope) && covers(own, scope)));
  if (refused !== undefined) throw invalidScope(`The client does not have the scope ${refused.slice(0, 60)}.`);
  if (scopes.length === 0) throw invalidScope('The client has no scopes.');
  const scope = [...new Set(scopes)].join(' ');
  if (scope.length > MOST_CHARACTERS) throw invalidScope('The client has too many scopes for one token: name those that are needed.');
  return scope;
}

function split(asked: string): readonly string[] {
  if (!SCOPES.test(asked)) throw invalidScope('The scope must be names with one blank between them.');
  return asked.split(' ');
}
