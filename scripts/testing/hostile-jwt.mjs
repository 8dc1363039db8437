/**
 * Forged access tokens: `{{jwt:TENANT:mutation:...}}` is a real one of that tenant with something changed. What has to be signed is signed
 * with the server's own key where it is at hand, so that the signature is not what the token is refused for.
 */
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

const TIMES = new Set(['exp', 'nbf', 'iat']);
const HEADERS = new Set(['alg', 'typ', 'kid', 'cty', 'jku', 'x5u', 'zip']);
const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

/**
 * @param base a valid token
 * @param mutations `alg=none`, `noexp`, ...: several separated by colons
 * @param signingKey the server's private key; undefined where nobody has it
 * @param publicKey what the server publishes, as a JWK
 * @returns undefined for a mutation that cannot be made
 */
export function forge(base, mutations, { signingKey, publicKey }) {
  const [header, claims, signature] = base.split('.');
  const draft = { header: decode(header), claims: decode(claims), signature: undefined, key: signingKey, original: { header, claims, signature }, publicKey };
  for (const mutation of mutations.split(/:(?=[a-z][\w-]*(?:[=:]|$))/i).filter((part) => part !== '')) if (!mutate(draft, mutation)) return undefined;
  const unchanged = encode(draft.header) === header && encode(draft.claims) === claims;
  const text = draft.text ?? `${unchanged ? header : encode(draft.header)}.${unchanged ? claims : encode(draft.claims)}`;
  const end = draft.signature?.(text) ?? (unchanged && draft.key === signingKey ? signature : (signed(text, draft.key) ?? unsigned(draft, signature)));
  return end === undefined ? undefined : `${text}${draft.dot ?? '.'}${end}`;
}

const signed = (text, key) => key && sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
/** Without the key the old signature stays, which is refused for that as well; what only a good signature lets through is not made. */
const unsigned = ({ claims, original }, signature) => (claims.scope === decode(original.claims).scope ? signature : undefined);
const pemOf = (jwk) => createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
const hmac = (secret) => (text) => createHmac('sha256', secret).update(text).digest('base64url');

/** What is written in one word. */
const WORDS = {
  none: (draft) => mutate(draft, 'alg=none'),
  confusion: (draft) => confuse(draft, pemOf(draft.publicKey)),
  'confusion-ws': (draft) => confuse(draft, `\n${pemOf(draft.publicKey)}`),
  'confusion-jwk': (draft) => confuse(draft, JSON.stringify(draft.publicKey)),
  'confusion-empty': (draft) => confuse(draft, Buffer.alloc(0)),
  kidobj: (draft) => (draft.header.kid = { $ne: 1 }),
  kidlist: (draft) => (draft.header.kid = [draft.header.kid]),
  kidnumber: (draft) => (draft.header.kid = Number(draft.header.kid)),
  expired: (draft) => (draft.claims.exp = draft.claims.iat - 1),
  expstr: (draft) => (draft.claims.exp = String(draft.claims.exp)),
  expfloat: (draft) => (draft.claims.exp += 0.5),
  audlist: (draft) => (draft.claims.aud = [draft.claims.aud, 'other']),
  isslist: (draft) => (draft.claims.iss = [draft.claims.iss]),
  scopelist: (draft) => (draft.claims.scope = draft.claims.scope.split(' ')),
  jwk: (draft) => own(draft, { jwk: foreign.publicKey.export({ format: 'jwk' }) }),
  jku: (draft) => own(draft, { jku: 'https://evil.example/jwks.json' }),
  x5u: (draft) => own(draft, { x5u: 'https://evil.example/key.pem' }),
  x5c: (draft) => own(draft, { x5c: [foreign.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] }),
  nosig: (draft) => (draft.signature = () => ''),
  twoparts: (draft) => Object.assign(draft, { dot: '', signature: () => '' }),
  zerosig: (draft) => (draft.signature = () => Buffer.alloc(64).toString('base64url')),
  sigder: (draft) => draft.key && (draft.signature = (text) => sign('sha256', Buffer.from(text), draft.key).toString('base64url')),
  /** The last character of a signature of 64 bytes has four bits that mean nothing. */
  sigpad: (draft) => (draft.signature = () => withLastBits(draft.original.signature)),
  'sigpad=': (draft) => (draft.signature = () => `${draft.original.signature}==`),
  payloadtext: (draft) => (draft.claims = 'text'),
  payloadlist: (draft) => (draft.claims = []),
  long: (draft) => (draft.claims.more = 'x'.repeat(5000)),
  proto: (draft) => draft.key && Object.assign(draft, { text: `${encode(draft.header)}.${encode(JSON.stringify(draft.claims).replace('{', '{"__proto__":{"scope":"*"},'))}` }),
  /** The first one counts for some readers, the last one for others. */
  twice: (draft) => draft.key && Object.assign(draft, { text: `${encode(draft.header)}.${encode(JSON.stringify(draft.claims).replace(/\}$/, ',"scope":"*"}'))}` }),
};

function mutate(draft, mutation) {
  const word = Object.hasOwn(WORDS, mutation) ? WORDS[mutation] : undefined;
  if (word) return word(draft) !== undefined;
  const [, missing] = /^no(\w+)$/.exec(mutation) ?? [];
  if (missing !== undefined) return Object.hasOwn(draft.claims, missing) ? delete draft.claims[missing] : Object.hasOwn(draft.header, missing) && delete draft.header[missing];
  const [, name, value] = /^(\w+)=(.*)$/s.exec(mutation) ?? [];
  if (name === undefined) return false;
  if (name === 'key') return Boolean((draft.key = foreign.privateKey));
  if (name === 'sig') draft.signature = () => value;
  else if (name === 'crit') Object.assign(draft.header, { crit: [value], [value]: true });
  else if (TIMES.has(name)) draft.claims[name] = /^[+-]?\d+$/.test(value) ? draft.claims.iat + Number(value) : value;
  else if (HEADERS.has(name)) draft.header[name] = value;
  else draft.claims[name] = value;
  if (name === 'alg' && /^none$/i.test(value)) draft.signature ??= () => '';
  if (name === 'alg' && /^HS/i.test(value)) draft.signature ??= hmac(pemOf(draft.publicKey));
  return true;
}

function confuse(draft, secret) {
  draft.header.alg = 'HS256';
  draft.signature = hmac(secret);
  return true;
}

/** A key of one's own, and where to find it. */
function own(draft, header) {
  Object.assign(draft.header, header);
  draft.key = foreign.privateKey;
  return true;
}

function withLastBits(signature) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(signature.at(-1));
  return signature.slice(0, -1) + alphabet[last ^ 1];
}
