/** Access tokens of people who signed in for an application: for that application alone, for five minutes. Only they have `epoch` and `entry`. */
import type { Entry, SessionDocument } from '../../store/account-documents.ts';
import { scimAudience } from './client-tokens.ts';
import type { CommonClaims, SignedTokens } from './signed-tokens.ts';

export const PERSON_TOKEN_SECONDS = 300;

/** `aud` and `client_id` are the application, `sub` is the person's id, `sid` the id of the session. */
export interface PersonClaims extends CommonClaims {
  /** Of the person's credential: what ends everything ends the token, for whoever asks. */
  readonly epoch: number;
  /** By what the person has signed in: an application for staff must not take somebody else for one. */
  readonly entry: Entry['kind'];
}

export class PersonTokens {
  private readonly tokens: SignedTokens;

  constructor(tokens: SignedTokens) {
    this.tokens = tokens;
  }

  issue({ _id, t, person, epoch, entry }: SessionDocument, audience: string): Promise<string> {
    return this.tokens.sign({ aud: audience, sub: person, client_id: audience, tid: t, sid: _id, epoch, entry: entry?.kind ?? 'staff' }, PERSON_TOKEN_SECONDS);
  }

  /** @returns undefined for anything but a token of this kind that is valid now; whether its session lives is another question */
  async check(token: string): Promise<PersonClaims | undefined> {
    const claims = await this.tokens.open(token, ['epoch', 'entry']);
    return claims && isPerson(claims) && claims.aud === claims.client_id && claims.aud !== scimAudience(this.tokens.issuer) ? claims : undefined;
  }
}

const ENTRIES: readonly unknown[] = ['staff', 'external', 'portal'] satisfies readonly Entry['kind'][];

const isPerson = (claims: CommonClaims & Readonly<Record<'epoch' | 'entry', unknown>>): claims is PersonClaims =>
  Number.isSafeInteger(claims.epoch) && Number(claims.epoch) >= 0 && ENTRIES.includes(claims.entry);
