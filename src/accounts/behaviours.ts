/** The account rules behind each resource type, registered by `app.ts`. */
import type { Behaviour, Behaviours } from '../resources/behaviours.ts';
import { mayDo } from '../resources/context.ts';
import { hashPassword } from './passwords.ts';

/** L7: a password is taken from clients that may set one, else ignored. It is hashed before the transaction begins. */
const user: Behaviour = {
  beforeWrite: async ({ principal }, { secrets }) => {
    const { password } = secrets;
    if (typeof password !== 'string' || !mayDo(principal, 'users:password')) return {};
    return { credential: { hash: await hashPassword(password) } };
  },
};

export const accountBehaviours: Behaviours = new Map([['User', user]]);
