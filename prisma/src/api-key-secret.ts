// The text of an API key: `tt_<id>_<secret><checksum>`. The checksum lets a typing error be told without asking the database.
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PATTERN = /^tt_([0-9A-Za-z]{12})_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

export interface NewApiKey {
  id: string;
  /** The whole key: shown once, never stored. */
  key: string;
  secretSha256: Buffer;
}

export function makeApiKey(): NewApiKey {
  const id = randomText(12);
  const secret = randomText(32);
  return { id, key: `tt_${id}_${secret}${checksum(secret)}`, secretSha256: digest(secret) };
}

/** The parts of a key; undefined for anything that can't be one. */
export function parseApiKey(text: string): { id: string; secret: string } | undefined {
  const [, id, secret, sum] = PATTERN.exec(text) ?? [];
  if (id === undefined || secret === undefined || checksum(secret) !== sum) return undefined;
  return { id, secret };
}

/** Compares in constant time. */
export function secretMatches(secret: string, secretSha256: Uint8Array): boolean {
  return secretSha256.byteLength === 32 && timingSafeEqual(digest(secret), secretSha256);
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

function checksum(secret: string): string {
  let rest = crc32(secret);
  let text = '';
  for (let index = 0; index < 6; index += 1) {
    text = ALPHABET[rest % ALPHABET.length] + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}
