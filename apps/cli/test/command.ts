// Runs the `tintype` command as its own process, on a database of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createDatabase, dropDatabase } from '@tintype/local';
import { type Database, migrate, openDatabase } from '@tintype/prisma';
import t from 'tap';
import { isUsageError } from '../src/usage.ts';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

export const SERVER = process.env.TEST_POSTGRES_URL ?? '';

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

export function run(args: string[], env: Record<string, string> = {}, input = ''): Promise<Outcome> {
  const options = { env: { PATH: process.env.PATH, ...env } };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
    // A command that does not read is gone before it is written to.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Without a table; dropped when the test file ends. */
export async function emptyDatabase(): Promise<{ DATABASE_URL: string }> {
  const url = await createDatabase(SERVER, `test_${crypto.randomUUID().replaceAll('-', '')}`);
  t.teardown(() => dropDatabase(url));
  return { DATABASE_URL: url };
}

/** What a command refuses, and with which code it would end: in this process, which is a hundred times faster than one of its own. */
export async function refusal(
  command: (args: string[]) => Promise<void>,
  args: string[],
): Promise<{ code: number; err: string }> {
  return command(args).then(
    () => ({ code: 0, err: '' }),
    (error: Error) => ({ code: isUsageError(error) ? 2 : 1, err: error.message }),
  );
}

/** With the tables of a service that nobody has used yet. */
export async function newService(): Promise<{ env: { DATABASE_URL: string }; db: Database }> {
  const env = await emptyDatabase();
  process.env.DATABASE_URL = env.DATABASE_URL;
  await migrate(env.DATABASE_URL);
  const db = openDatabase({ url: env.DATABASE_URL, poolSize: 1 });
  t.teardown(() => db.close());
  return { env, db };
}
