// Answers that hold a secret and are kept to be given again: shut with the credential of whoever asked, of which we keep no more than a
// digest. Who reads the database can't open them, and neither can we until the same request comes with the same credential.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export interface SealedAnswer {
  /** Salt, tag and ciphertext, base64. */
  sealed: string;
}

const CIPHER = 'aes-256-gcm';
const SALT_BYTES = 32;
const TAG_BYTES = 16;

export function sealAnswer(body: unknown, credential: string): SealedAnswer {
  const salt = randomBytes(SALT_BYTES);
  const cipher = createCipheriv(CIPHER, ...keyOf(credential, salt));
  const text = Buffer.concat([cipher.update(JSON.stringify(body)), cipher.final()]);
  return { sealed: Buffer.concat([salt, cipher.getAuthTag(), text]).toString('base64') };
}

/** Undefined: it was sealed with another credential. */
export function openAnswer({ sealed }: SealedAnswer, credential: string): unknown {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv(CIPHER, ...keyOf(credential, bytes.subarray(0, SALT_BYTES)));
  decipher.setAuthTag(bytes.subarray(SALT_BYTES, SALT_BYTES + TAG_BYTES));
  const text = decipher.update(bytes.subarray(SALT_BYTES + TAG_BYTES));
  try {
    return JSON.parse(Buffer.concat([text, decipher.final()]).toString());
  } catch {
    return undefined;
  }
}

export function isSealed(body: unknown): body is SealedAnswer {
  return typeof (body as SealedAnswer | null)?.sealed === 'string';
}

/** Credentials are long and random: HKDF (RFC 5869) is enough. A salt is used once, and so are the key and the nonce made of it. */
function keyOf(credential: string, salt: Uint8Array): [key: Buffer, nonce: Buffer] {
  const bytes = Buffer.from(hkdfSync('sha256', credential, salt, 'tintype kept answer', 32 + 12));
  return [bytes.subarray(0, 32), bytes.subarray(32)];
}
