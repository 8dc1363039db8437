/** The second factor: J5. Time-based codes (RFC 6238), each good once, and recovery codes; the secret is sealed by SECRET_KEY. */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import QRCode from 'qrcode';
import { conflict, notFound } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { auditOf } from '../resources/context.ts';
import type { Attributes } from '../scim/schema.ts';
import { seal, unseal } from '../seal.ts';
import type { CredentialDocument, NextFactorDocument, SecondFactorDocument } from '../store/account-documents.ts';
import { findById } from '../store/resources.ts';
import { writeApart } from '../store/write-apart.ts';
import { credentialOf } from './credentials.ts';
import { factsOf, userNameOf } from './facts.ts';
import { mailsOf, secondFactorResetMail } from './mails.ts';
import { checkRightsOf } from './rights.ts';
import { perform, userType } from './verbs.ts';

const STEP_SECONDS = 30;
/** Clocks of phones are off by some seconds; a step before and after are taken. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

export interface Enrolment {
  /** For an authenticator that cannot scan. */
  readonly secret: string;
  /** The modules of the code, row by row; true is dark. */
  readonly qr: readonly (readonly boolean[])[];
}

/** Whoever has begun and gone away begins again. */
const BEGUN_MS = 15 * 60_000;

/**
 * A new secret, kept sealed beside what counts now until the first right code confirms it.
 * @param replaces by somebody who has just given a code of the present one
 * @throws ScimError 404, 409 where there is one already
 */
export async function beginEnrolment(context: Context, person: string, { replaces = false } = {}): Promise<Enrolment> {
  const current = await findById(context.scope, userType(context), person);
  if (!current) throw notFound('Person');
  const credential = await credentialOf(context.scope, person);
  if (credential?.secondFactor && !replaces) throw conflict('The account has a second factor already.');
  const secret = new Secret({ size: 20 });
  const nextFactor = { sealed: seal(context.secretKeys, PURPOSE, secret.base32), begun: context.now() };
  await writeApart(context.scope, { person, at: context.now(), account: { nextFactor }, audit: auditOf(context, 'beginSecondFactor', userType(context), person, []) });
  return enrolmentOf(context, secret, current.attributes);
}

/** The same one again, after a wrong code. @throws ScimError 404, 409 where nothing was begun */
export async function currentEnrolment(context: Context, person: string): Promise<Enrolment> {
  const current = await findById(context.scope, userType(context), person);
  if (!current) throw notFound('Person');
  const next = begun(context, await credentialOf(context.scope, person));
  const secret = unseal(context.secretKeys, PURPOSE, next.sealed);
  if (secret === undefined) throw conflict(NOTHING_BEGUN);
  return enrolmentOf(context, Secret.fromBase32(secret), current.attributes);
}

const NOTHING_BEGUN = 'There is no enrolment to confirm: start again.';

function begun({ now }: Context, credential: CredentialDocument | undefined): NextFactorDocument {
  const next = credential?.nextFactor;
  if (!next || now().getTime() - next.begun.getTime() > BEGUN_MS) throw conflict(NOTHING_BEGUN);
  return next;
}

function enrolmentOf({ tenant }: Context, secret: Secret, attributes: Attributes): Enrolment {
  const address = totpOf(secret, tenant.policy.displayName || tenant.name, userNameOf(attributes)).toString();
  const { size, data } = QRCode.create(address).modules;
  const qr = Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_none, column) => data[row * size + column] === 1));
  return { secret: secret.base32, qr };
}

const PURPOSE = 'second factor';

export interface Enrolled {
  /** Recovery codes, shown this once. */
  readonly codes: readonly string[];
  /** In the place of another one: whatever was given out before has ended. */
  readonly replaced: boolean;
}

/** @returns undefined for a wrong code. @throws ScimError 404, 409 */
export async function confirmEnrolment(context: Context, person: string, code: string): Promise<Enrolled | undefined> {
  const credential = await credentialOf(context.scope, person);
  const { sealed } = begun(context, credential);
  const step = stepOf(context, { sealed }, code);
  if (step === undefined) return undefined;
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
  const secondFactor: SecondFactorDocument = { sealed, confirmed: context.now(), lastStep: step, recovery: codes.map(hashOfCode) };
  const replaced = credential?.secondFactor !== undefined;
  if (replaced) await replace(context, person, secondFactor);
  else await perform(context, person, { action: 'enrolSecondFactor', event: { kind: 'enrolSecondFactor' }, effects: () => Promise.resolve({ account: { secondFactor } }) });
  return { codes, replaced };
}

/** As when one is taken away the person is told, and everything ends. */
async function replace(context: Context, person: string, secondFactor: SecondFactorDocument): Promise<void> {
  const current = await findById(context.scope, userType(context), person);
  if (!current) throw notFound('Person');
  const mails = mailsOf(secondFactorResetMail(context, person, current.attributes));
  await writeApart(context.scope, { person, at: context.now(), account: { secondFactor, endsAll: true, mails }, audit: auditOf(context, 'replaceSecondFactor', userType(context), person, []) });
}

/** Takes a code of the authenticator or a recovery code, each once: the update that takes it decides, not the look before. */
export async function checkCode(context: Context, person: string, code: string): Promise<boolean> {
  const { scope } = context;
  const factor = (await credentialOf(scope, person))?.secondFactor;
  if (!factor) return false;
  const { credentials } = scope.store.collections;
  const step = stepOf(context, factor, code);
  if (step !== undefined) {
    const taken = await credentials.updateOne({ _id: person, t: scope.tenant, 'secondFactor.sealed': factor.sealed, 'secondFactor.lastStep': { $lt: step } }, { $set: { 'secondFactor.lastStep': step } });
    return taken.modifiedCount === 1;
  }
  const used = await credentials.updateOne({ _id: person, t: scope.tenant, 'secondFactor.recovery': hashOfCode(code) }, { $pull: { 'secondFactor.recovery': hashOfCode(code) } });
  return used.modifiedCount === 1;
}

/** By an administrator, for somebody who has lost it; the person is told. @throws ScimError 404, 409 */
export async function dropSecondFactor(context: Context, person: string): Promise<void> {
  const current = await findById(context.scope, userType(context), person);
  if (!current) throw notFound('Person');
  await checkRightsOf(context, current, 'To take away the second factor');
  if (!factsOf(current.attributes).twoFactorEnrolled) throw conflict('The account has no second factor.');
  await perform(context, person, {
    action: 'dropSecondFactor', event: { kind: 'dropSecondFactor' },
    effects: (attributes) => Promise.resolve({ account: { secondFactor: null, mails: mailsOf(secondFactorResetMail(context, person, attributes)) } }),
  });
}

/** The time step of a right code that is later than the last one taken. */
function stepOf({ secretKeys, now }: Context, { sealed, lastStep = 0 }: Pick<SecondFactorDocument, 'sealed' | 'lastStep'>, code: string): number | undefined {
  const digits = code.replaceAll(/\s/g, '');
  const secret = /^\d{6}$/.test(digits) ? unseal(secretKeys, PURPOSE, sealed) : undefined;
  if (secret === undefined) return undefined;
  const totp = totpOf(Secret.fromBase32(secret), '', '');
  const present = Math.floor(now().getTime() / 1000 / STEP_SECONDS);
  for (let step = present - WINDOW; step <= present + WINDOW; step++) {
    if (step > lastStep && isSame(totp.generate({ timestamp: step * STEP_SECONDS * 1000 }), digits)) return step;
  }
  return undefined;
}

const totpOf = (secret: Secret, issuer: string, label: string) => new TOTP({ ...(issuer === '' ? {} : { issuer }), label, secret, digits: 6, period: STEP_SECONDS, algorithm: 'SHA1' });
const isSame = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** 50 bits: it can be tried only behind a right password, and not often. */
const newRecoveryCode = () => `${randomLetters(5)}-${randomLetters(5)}`;
const randomLetters = (count: number) => Array.from({ length: count }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
const hashOfCode = (code: string) => createHash('sha256').update(code.toLowerCase().replaceAll(/[\s-]/g, '')).digest('hex');
