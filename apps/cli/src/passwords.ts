// Where a new password comes from: standard input, or chance. What is on a command line, every process can read.
import { text } from 'node:stream/consumers';
import { hashPassword, makePassword } from '@tintype/core';
import { readPasswordOptions } from './settings.ts';
import { UsageError } from './usage.ts';

/** As the api takes them. */
const [MIN_LENGTH, MAX_LENGTH] = [10, 256];

export interface NewPassword {
  passwordHash: string;
  /** Undefined for one that its owner knows already. */
  generated: string | undefined;
}

/** @throws UsageError for a password that the api would not take either */
export async function newPassword({ isOnStdin }: { isOnStdin: boolean }): Promise<NewPassword> {
  const password = isOnStdin ? await readPassword() : makePassword();
  const passwordHash = await hashPassword(password, readPasswordOptions());
  return { passwordHash, generated: isOnStdin ? undefined : password };
}

async function readPassword(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password.length < MIN_LENGTH || password.length > MAX_LENGTH)
    throw new UsageError(
      `The password on standard input must have ${MIN_LENGTH} to ${MAX_LENGTH} characters.`,
    );
  return password;
}
