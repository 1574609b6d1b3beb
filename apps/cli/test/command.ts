// Runs the `tintype` command as its own process, on a database of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createDatabase, dropDatabase } from '@tintype/local';
import t from 'tap';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

export const SERVER = process.env.TEST_POSTGRES_URL ?? '';

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

export function run(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const options = { env: { PATH: process.env.PATH, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

/** Without a table; dropped when the test file ends. */
export async function emptyDatabase(): Promise<{ DATABASE_URL: string }> {
  const url = await createDatabase(SERVER, `test_${crypto.randomUUID().replaceAll('-', '')}`);
  t.teardown(() => dropDatabase(url));
  return { DATABASE_URL: url };
}
