// Passwords as they are kept: argon2id (RFC 9106) in PHC form. The library is loaded by the first call, not before.
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createSlots } from './slots.ts';

/** OWASP's least memory for two passes in one lane. */
export const MIN_PASSWORD_MEMORY_KIB = 19_456;

export interface PasswordOptions {
  /** Never less than {@link MIN_PASSWORD_MEMORY_KIB}, which is the default. */
  memoryKib?: number;
}

/** One hash a core at once, and never all of the four threads that Node reads files with. */
const slots = createSlots(Math.min(availableParallelism(), 3));
const PASSES = 2;
const LANES = 1;

const library = () => import('@node-rs/argon2');

/** One that nobody guesses: 120 random bits in 20 letters, digits, hyphens and underscores. */
export function makePassword(): string {
  return randomBytes(15).toString('base64url');
}

/** With a salt of its own. Takes some 20 ms of a core; waits for its turn. */
export async function hashPassword(password: string, { memoryKib }: PasswordOptions = {}): Promise<string> {
  const { hash } = await library();
  const options = { memoryCost: costOf(memoryKib), timeCost: PASSES, parallelism: LANES };
  return slots.run(() => hash(normalize(password), options));
}

/**
 * Whether the password is the one of this hash. Without a hash, of somebody who is unknown, the answer is false after the same work.
 *
 * @throws Error when the hash is not one of argon2 in PHC form
 */
export async function verifyPassword(
  hash: string | undefined,
  password: string,
  options: PasswordOptions = {},
): Promise<boolean> {
  if (hash === undefined) {
    await hashPassword(password, options);
    return false;
  }
  const { verify } = await library();
  return slots.run(() => verify(hash, normalize(password)));
}

/** Whether it was made with another cost than is wanted now: hash the password anew when it has just been verified. */
export async function isPasswordHashStale(
  hash: string,
  { memoryKib }: PasswordOptions = {},
): Promise<boolean> {
  const { parseOptions } = await library();
  const { memoryCost, timeCost, parallelism } = parseOptions(hash);
  return memoryCost !== costOf(memoryKib) || timeCost !== PASSES || parallelism !== LANES;
}

function costOf(memoryKib = MIN_PASSWORD_MEMORY_KIB): number {
  return Math.max(memoryKib, MIN_PASSWORD_MEMORY_KIB);
}

/** The same letters are the same password, however a keyboard composes them (NIST SP 800-63B, section 3.1.1.2). */
function normalize(password: string): string {
  return password.normalize('NFKC');
}
