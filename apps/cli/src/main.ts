#!/usr/bin/env node
// The `tintype` command: finds the subcommand, prints help, turns errors into one sentence.
import { ConfigError } from '@tintype/core';
import { UsageError } from './usage.ts';

const HELP = `tintype – what operators do to a Tintype service, and what it says about local files

  tintype inspect FILE…           the metadata of images, without the service; folders are searched
      --json                      one JSON document a line, for programs
      --profile fast|full         full: ExifTool as well (default: INSPECT_PROFILE, or fast)
      --no-pixels                 no hashes, placeholders and colours, for which images are decoded
      --stats                     numbers about the pixels
      --jobs N                    files read at once (default: one a core)
  tintype migrate                 bring the database, and a queue in PostgreSQL, up to date
  tintype keys create [options]   make an API key and print it; it is shown only now
      --name NAME                 what the key is for (default: "cli")
      --tenant NAME               whose it is (default: "default"; made where it is missing)
      --expires-in-days DAYS      default: never
      --admin                     may operate the service: describe images anew
  tintype keys list               the keys, without their secrets
  tintype keys revoke ID          a revoked key works no longer than KEY_CACHE_MS

Environment: DATABASE_URL for keys and migrate, QUEUE_URL for migrate. See .env.example.
`;

/** Loaded when asked for: reading a local file needs no database. */
const COMMANDS = new Map<string, (args: string[]) => Promise<void>>([
  ['inspect', async (args) => (await import('./commands/inspect.ts')).inspect(args)],
  ['migrate', async () => (await import('./commands/migrate.ts')).migrateAll()],
  ['keys', async (args) => (await import('./commands/keys.ts')).keys(args)],
]);

/** Prisma's codes for a table and for a column that do not exist. */
const MISSING_TABLE = new Set(['P2021', 'P2022']);

async function main([name = '--help', ...args]: string[]): Promise<void> {
  if (['--help', '-h', 'help'].includes(name) || args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) throw new UsageError(`There is no command "${name}".`);
  await command(args);
}

// Whoever reads has seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

main(process.argv.slice(2)).catch(async (error: NodeJS.ErrnoException) => {
  const usage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS') === true;
  const detail = usage ? `${error.message} See "tintype --help".` : await explain(error);
  process.stderr.write(`${detail}\n`);
  process.exitCode = usage ? 2 : 1;
});

async function explain(error: NodeJS.ErrnoException): Promise<string> {
  if (error instanceof ConfigError) return error.message;
  const { isDatabaseUnavailable } = await import('@tintype/prisma');
  if (isDatabaseUnavailable(error)) return 'DATABASE_URL names a server that does not answer.';
  if (MISSING_TABLE.has(error.code ?? ''))
    return 'The database is not up to date: run "tintype migrate" first.';
  // Prisma's messages open with the code that failed; what went wrong stands last.
  return error.message.trim().split('\n').at(-1) ?? error.name;
}
