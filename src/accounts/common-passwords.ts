/** Passwords that are tried first everywhere: the list of zxcvbn, folded as ours are when they are compared. */
import { dictionary } from '@zxcvbn-ts/language-common';
import { fold } from '../scim/fold.ts';

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(dictionary['passwords-common'].map((password) => fold(password)));
