/** Text that leaves our hands and comes back: sealed with AES-256-GCM, so that nobody else can read, forge or change it. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * @param secrets the first one seals
 * @param purpose what is sealed for one purpose does not open for another
 * @returns text of the unreserved characters of RFC 3986 only
 */
export function seal(secrets: readonly string[], purpose: string, text: string): string {
  const [secret] = secrets;
  if (secret === undefined) throw new Error('there is no secret to seal with');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, purpose), iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** @returns undefined for what none of the secrets has sealed for this purpose */
export function unseal(secrets: readonly string[], purpose: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  // The decoder skips what it does not know; only the one form that `seal` writes counts.
  if (bytes.length < IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return undefined;
  for (const secret of secrets) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, purpose), bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString();
    } catch {
      // Sealed with another secret, or by nobody.
    }
  }
  return undefined;
}

const keyOf = (secret: string, purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `rollcall ${purpose}`, 32));
