/** The shapes of what is stored of people's logins beside their attributes: what is secret, what was given out, what is to be mailed. */

export interface CredentialDocument {
  /** The account's id. */
  readonly _id: string;
  readonly t: string;
  /** PHC string of argon2id. */
  readonly hash?: string;
  readonly changed?: Date;
  /** Earlier hashes, the newest first, as many as the policy looks back. */
  readonly earlier?: readonly string[];
  /** Wrong passwords since the last good one: reserved before a password is verified, never after. */
  readonly failures?: number;
  /** Grows when everything that was given out before must end: sessions, links, challenges. */
  readonly epoch?: number;
  /** When an attempt was reserved last. */
  readonly tried?: Date;
  readonly lastSignIn?: Date;
  /** When a recovery was asked for, the newest first: a few, for nobody's mailbox is to be flooded. */
  readonly recoveries?: readonly Date[];
  /** Of how many days before a renewal the person was told last. */
  readonly reminded?: number;
  /** The leave date of which manager and administrators were told last. */
  readonly leaveTold?: string;
  /** A leave date that could not act is not tried again before. */
  readonly leaveHeld?: Date;
  readonly secondFactor?: SecondFactorDocument;
  /** Subject and text of the invitation as its sender has edited them, for as long as it may be sent again (S5). */
  readonly invitation?: EditedInvitation;
  /** The one that is being set up, beside the one that counts until the first right code of the new one. */
  readonly nextFactor?: NextFactorDocument;
}

/** With placeholders; what is not edited is as the person's language has it. */
export interface EditedInvitation {
  readonly subject?: string;
  readonly text?: string;
}

export interface NextFactorDocument {
  /** The TOTP secret, sealed by SECRET_KEY. */
  readonly sealed: string;
  readonly begun: Date;
}

export interface SecondFactorDocument {
  /** The TOTP secret, sealed by SECRET_KEY. */
  readonly sealed: string;
  /** When the first right code came. */
  readonly confirmed: Date;
  /** The time step of the last code: none is taken twice. */
  readonly lastStep?: number;
  /** SHA-256 of the recovery codes that are left. */
  readonly recovery: readonly string[];
}

/** What a link in a mail, or a step between two pages, stands for: used once, for one purpose of one person. */
export interface LinkDocument {
  /** SHA-256 of what is in the link, hexadecimal. */
  readonly _id: string;
  readonly t: string;
  readonly person: string;
  readonly purpose: LinkPurpose;
  /** Of the credential: a link from before a password or address change is dead. */
  readonly epoch: number;
  readonly created: Date;
  readonly expires: Date;
  readonly used?: Date;
  /** The address that an address change leads to. */
  readonly address?: string;
  /** By what the person is signing in, or asked for a new password. */
  readonly entry?: Entry;
  /** The application that the sign-in is for of which this is a step; absent: our own pages. */
  readonly audience?: string;
}
export type LinkPurpose = 'activate' | 'reset' | 'confirmAddress' | 'renew' | 'secondFactor' | 'enrol';

/** By what somebody signs in: several entries share one credential, and each has its own switch. */
export interface Entry {
  readonly kind: 'staff' | 'external' | 'portal';
  /** The id of the Portal. */
  readonly portal?: string;
  /** The id of the Company: the external user's own, or the customer of the portal access. */
  readonly company?: string;
}

export interface SessionDocument {
  /** SHA-256 of the cookie, or of what all refresh tokens of the sign-in begin with; hexadecimal. */
  readonly _id: string;
  readonly t: string;
  readonly person: string;
  readonly epoch: number;
  readonly created: Date;
  readonly lastSeen: Date;
  /** The end, however busy. */
  readonly expires: Date;
  /** What people know their device by. */
  readonly agent: string;
  /** Absent in sessions from before there were others than staff. */
  readonly entry?: Entry;
  /** Where an application has tokens in place of a cookie: whom they are for, and the SHA-256 of how the only refresh token that counts goes on. */
  readonly tokens?: { readonly audience: string; readonly secret: string };
}

/** A mail on its way. It is made in the transaction of what it tells of, and gone when it is delivered. */
export interface OutboxDocument {
  /** UUIDv7, and with the domain of the sender the Message-ID: the same however often it is sent. */
  readonly _id: string;
  readonly t: string;
  /** Whose it is; an erasure takes it along. */
  readonly person?: string;
  /** Others whom it names: an erasure takes its words. */
  readonly about?: readonly string[];
  readonly kind: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The link that it carries: where that is dead, there is nothing to send. */
  readonly link?: string;
  readonly created: Date;
  readonly state: 'waiting' | 'sent' | 'refused' | 'givenUp' | 'dropped';
  readonly attempts: number;
  /** Not before. */
  readonly due: Date;
  /** Which process has it, and until when. */
  readonly lease?: { readonly owner: string; readonly until: Date };
  /** What the mail server said last. */
  readonly answer?: string;
  readonly done?: Date;
}
