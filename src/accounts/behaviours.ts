/** The account rules behind each resource type, registered by `app.ts`. */
import type { Behaviour, Behaviours } from '../resources/behaviours.ts';
import { mayDo } from '../resources/context.ts';
import { hashPassword } from './passwords.ts';
import { checkPasswordOf, groupRights, isAdministrator, losesAdministrator } from './rights.ts';

const user: Behaviour = {
  beforeWrite: async (context, change) => ({
    ...(await credentialOf(context, change)),
    ...((await losesAdministrator(context, change)) ? { keepsAdministrator: true } : {}),
  }),
  beforeRemove: async ({ scope }, { stored }) => ((await isAdministrator(scope, stored)) ? { keepsAdministrator: true } : {}),
};

/** L7: a password is taken from clients that may set one, else ignored. It is hashed before the transaction begins. */
async function credentialOf(...[context, { before, secrets }]: Parameters<Behaviour['beforeWrite']>) {
  const { password } = secrets;
  if (typeof password !== 'string' || !mayDo(context.principal, 'users:password')) return {};
  await checkPasswordOf(context, before);
  return { credential: { hash: await hashPassword(password) } };
}

export const accountBehaviours: Behaviours = new Map([['User', user], ['Group', groupRights]]);
