/** What a client can be given, in words: the scopes and rights that the visitor holds, and no others. */
import { covers, isRight, RIGHTS } from '../../rights.ts';
import { knownScopes } from '../../tenancy/clients.ts';
import type { Choice } from './views/fields.tsx';
import { scopeText } from './views/connections.tsx';
import { doingOf, type Visit } from './visit.ts';

/** @param kept those that the client has already */
export function scopeChoices(visit: Visit, kept: readonly string[] = []): readonly Choice[] {
  const { may } = doingOf(visit);
  const scopes = ['*', ...knownScopes(visit.context.scope.store.registry), ...RIGHTS];
  const holds = (scope: string) => !may || (scope === '*' || isRight(scope) ? may.has(scope) : covers(may, scope));
  return [...new Set([...scopes.filter(holds), ...kept])].map((value) => ({ value, text: scopeText(visit.page, value) }));
}
