/** Who is meant by what somebody types: a user name, or the address that the account alone has (S2u). */
import type { Context } from '../resources/context.ts';
import { fold, identifierFault } from '../scim/fold.ts';
import type { StoredResource } from '../store/codec.ts';
import { findByClaim, findByUnique } from '../store/resources.ts';
import { factsOf } from './facts.ts';
import { userType } from './verbs.ts';

const MOST_CHARACTERS = 1000;

export async function findAccount({ scope }: Pick<Context, 'scope'>, typed: string): Promise<StoredResource | undefined> {
  const name = typed.trim();
  if (name === '' || name.length > MOST_CHARACTERS || identifierFault(name) !== undefined) return undefined;
  const type = userType({ scope });
  const [byName, byAddress] = await Promise.all([findByUnique(scope, type, 'userName', fold(name)), findByClaim(scope, type, 'address', fold(name))]);
  // Somebody else's user name may look like the address of an account: whoever can sign in here is meant.
  return [byName, byAddress].find((one) => one && factsOf(one.attributes).signInMethod === 'password') ?? byName ?? byAddress;
}
