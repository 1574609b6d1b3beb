// What CloudFront does with a signed address, as its documentation has it ("Create a signed URL using a canned policy"), and keys to sign with.
import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';

export const CDN_URL = 'https://d111111abcdef8.cloudfront.net';
export const KEY_ID = 'K2JCJMDEHXQW5F';

export interface SigningPair {
  publicKey: KeyObject;
  /** PEM. */
  privateKey: string;
}

export const RSA: SigningPair = pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
export const ECDSA: SigningPair = pairOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));

function pairOf({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): SigningPair {
  return { publicKey, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** Which object is delivered, and until when; undefined where CloudFront answers 403. */
export function readAddress(
  location: string | undefined,
  { publicKey }: SigningPair,
): { path: string; expiresAtSeconds: number } | undefined {
  const { origin, pathname, searchParams } = new URL(location ?? '');
  const [expires, signature, keyId, hash] = ['Expires', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'].map(
    (name) => searchParams.get(name),
  );
  if (origin !== CDN_URL || keyId !== KEY_ID || hash !== 'SHA256' || searchParams.size !== 4)
    return undefined;
  const policy = `{"Statement":[{"Resource":"${origin}${pathname}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const back: Record<string, string> = { '-': '+', _: '=', '~': '/' };
  const bytes = Buffer.from(
    String(signature).replace(/[-_~]/g, (char) => back[char] ?? ''),
    'base64',
  );
  if (!verify('sha256', Buffer.from(policy), publicKey, bytes)) return undefined;
  return { path: decodeURIComponent(pathname.slice(1)), expiresAtSeconds: Number(expires) };
}
