// Addresses that let in whoever has them: a path and its query, signed with a key that both ends know, until a time. Does not know whose
// keys there are, nor what stands behind an address.
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SigningKey {
  /** Stands in the address as `key`. */
  id: string;
  /** 32 bytes, base64url. */
  secret: string;
}

export interface Address {
  /** From the first slash on, without a query; percent-encoded. */
  path: string;
  /** As it was parsed: what a route reads is what was signed, however it was written. */
  query: Readonly<Record<string, unknown>>;
}

/** `invalid`: anything was altered, is missing, or there is no such key. `expired`: it was right once. */
export type SignatureVerdict = 'valid' | 'expired' | 'invalid';

const SIGNATURE_BYTES = 32;
const SIGNATURE = /^[\w-]{43}$/;
/** Unix seconds, up to the year 5138: later ones are no dates. */
const SECONDS = /^[1-9]\d{0,10}$/;
/** Takes the place of the secret of a key that does not exist: whether one exists is not to be told from the time it takes. */
const NO_SECRET = 'A'.repeat(43);

/**
 * The path with its query, `expires` (unix seconds, rounded up), `key` and `signature` (HMAC-SHA256, base64url).
 * @throws Error for a path that is not percent-encoded, or a query with a parameter of these names
 */
export function signAddress(
  { path, query, expiresAt }: Address & { expiresAt: Date },
  key: SigningKey,
): string {
  if (['expires', 'key', 'signature'].some((name) => query[name] !== undefined))
    throw new Error('The names expires, key and signature are taken.');
  const signed = { ...query, expires: String(Math.ceil(expiresAt.getTime() / 1000)), key: key.id };
  const canonical = canonicalAddress({ path, query: signed });
  if (canonical === undefined)
    throw new Error('Only a path that is percent-encoded, with plain parameters, can be signed.');
  return `${path}?${canonicalQuery(signed)}&signature=${hmac(canonical, key.secret).toString('base64url')}`;
}

/** The key that an address names, and until when it says that it counts; undefined: it has no signature, or not one that could be right. */
export function readSignature(query: Address['query']): { keyId: string; expiresAt: Date } | undefined {
  const { key, expires, signature } = query;
  if (typeof key !== 'string' || typeof expires !== 'string' || typeof signature !== 'string')
    return undefined;
  return SECONDS.test(expires) ? { keyId: key, expiresAt: new Date(Number(expires) * 1000) } : undefined;
}

/**
 * Whether the address was signed with the secret and still counts at `at`. Takes the same time whatever is wrong.
 * @param secret undefined where there is no such key
 */
export function verifyAddress(
  { path, query }: Address,
  secret: string | undefined,
  at = new Date(),
): SignatureVerdict {
  const { signature, ...signed } = query;
  const read = readSignature(query);
  const canonical = canonicalAddress({ path, query: signed });
  const isWritten = typeof signature === 'string' && SIGNATURE.test(signature);
  const given = isWritten ? Buffer.from(signature, 'base64url') : Buffer.alloc(SIGNATURE_BYTES);
  const isRight = timingSafeEqual(given, hmac(canonical ?? '', secret ?? NO_SECRET));
  // The last of 43 letters has two bits that no byte is made of: each signature has one writing.
  const isExact = isWritten && given.toString('base64url') === signature;
  if (!isRight || !isExact || secret === undefined || canonical === undefined || read === undefined)
    return 'invalid';
  return read.expiresAt > at ? 'valid' : 'expired';
}

/** One writing of all that mean the same: each segment decoded and encoded anew, parameters by name. Undefined: it has none. */
function canonicalAddress({ path, query }: Address): string | undefined {
  const names = Object.keys(query);
  if (!names.every((name) => ['string', 'number', 'boolean'].includes(typeof query[name]))) return undefined;
  try {
    const segments = path.split('/').map((segment) => encodeURIComponent(decodeURIComponent(segment)));
    return `${segments.join('/')}\n${canonicalQuery(query)}`;
  } catch {
    // Not percent-encoded, or half of a surrogate pair.
    return undefined;
  }
}

function canonicalQuery(query: Address['query']): string {
  const byName = Object.keys(query).sort((one, other) => (one < other ? -1 : 1));
  return byName
    .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(String(query[name]))}`)
    .join('&');
}

function hmac(text: string, secret: string): Buffer {
  return createHmac('sha256', Buffer.from(secret, 'base64url')).update(text).digest();
}
