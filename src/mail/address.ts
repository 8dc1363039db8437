/**
 * Whether a text is one mail address, far stricter than RFC 5322: no quotes, comments, groups or lists, which mail programs read differently
 * (nodemailer's CVE-2025-13033 and CVE-2025-14874), and nothing that could end a header.
 */
import { domainToASCII } from 'node:url';

/** RFC 5321 sections 4.5.3.1.1 to 4.5.3.1.3, in octets; 254 because a path is 256 with its angle brackets. */
const LOCAL_MOST = 64;
const ADDRESS_MOST = 254;
const LABEL_MOST = 63;

/** RFC 5322 section 3.2.3, dot-atom: without quotes. */
const dotAtom = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const label = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;
/** What a domain may hold before it is turned to punycode: `domainToASCII` would also undo percent signs and read numbers as addresses. */
const international = /^[\p{L}\p{M}\p{N}.-]+$/u;

/** @returns what is wrong with `text` as an address, in words that follow "the address"; nothing where it is one */
export function checkAddress(text: string): string | undefined {
  // Before any pattern: so no text is long enough to be slow.
  if (Buffer.byteLength(text) > ADDRESS_MOST) return `must have at most ${ADDRESS_MOST} octets`;
  if (text === '') return 'must not be empty';
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  if (at === -1) return 'must have an @';
  if (local.includes('@')) return 'must have one @ only';
  if (local.length > LOCAL_MOST) return `must have at most ${LOCAL_MOST} characters before the @`;
  // Mail servers without SMTPUTF8 (RFC 6531) cannot deliver to them, and most are without.
  if (/[^\0-\x7f]/.test(local)) return 'must have plain ASCII letters before the @';
  if (!dotAtom.test(local)) return "must have letters, digits and !#$%&'*+-/=?^_`{|}~ before the @, and single dots between them";
  return checkDomain(text.slice(at + 1), local.length + 1);
}

/** One label is enough: `localhost`, or a name within the organisation. */
function checkDomain(domain: string, before: number): string | undefined {
  const ascii = asciiDomain(domain);
  if (ascii === undefined) return 'must have a domain of letters, digits, hyphens and dots after the @';
  if (before + ascii.length > ADDRESS_MOST) return `must have at most ${ADDRESS_MOST} octets`;
  const labels = ascii.split('.');
  if (!labels.every((one) => one.length <= LABEL_MOST && label.test(one))) return 'must have a domain of letters, digits, hyphens and dots after the @';
  if (/^\d+$/.test(labels.at(-1) ?? '')) return 'must have a domain after the @, not a number';
  return undefined;
}

/** The address as it goes over the wire: an international domain in punycode. @param address one that `checkAddress` finds nothing wrong with */
export function asciiAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = asciiDomain(address.slice(at + 1));
  if (domain === undefined) throw new TypeError('asciiAddress takes what checkAddress has let through');
  return `${address.slice(0, at)}@${domain}`;
}

/** A plain domain stays as it is written. */
function asciiDomain(domain: string): string | undefined {
  if (/^[a-z0-9.-]+$/i.test(domain)) return domain;
  return international.test(domain) ? domainToASCII(domain) || undefined : undefined;
}
