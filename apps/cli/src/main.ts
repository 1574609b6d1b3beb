#!/usr/bin/env node
// The `tintype` command: finds the subcommand, prints help, turns errors into one sentence.
import { ConfigError } from '@tintype/core';
import { isDatabaseUnavailable } from '@tintype/prisma';
import { keys } from './commands/keys.ts';
import { migrateAll } from './commands/migrate.ts';
import { UsageError } from './usage.ts';

const HELP = `tintype – what operators do to a Tintype service

  tintype migrate                 bring the database, and a queue in PostgreSQL, up to date
  tintype keys create [options]   make an API key and print it; it is shown only now
      --name NAME                 what the key is for (default: "cli")
      --tenant NAME               whose it is (default: "default"; made where it is missing)
      --expires-in-days DAYS      default: never
  tintype keys list               the keys, without their secrets
  tintype keys revoke ID          a revoked key works no longer than KEY_CACHE_MS

Environment: DATABASE_URL, and QUEUE_URL for migrate. See .env.example.
`;

const COMMANDS = new Map([
  ['migrate', migrateAll],
  ['keys', keys],
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

main(process.argv.slice(2)).catch((error: NodeJS.ErrnoException) => {
  const usage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS') === true;
  const detail = usage ? `${error.message} See "tintype --help".` : explain(error);
  process.stderr.write(`${detail}\n`);
  process.exitCode = usage ? 2 : 1;
});

function explain(error: NodeJS.ErrnoException): string {
  if (error instanceof ConfigError) return error.message;
  if (isDatabaseUnavailable(error)) return 'DATABASE_URL names a server that does not answer.';
  if (MISSING_TABLE.has(error.code ?? ''))
    return 'The database is not up to date: run "tintype migrate" first.';
  // Prisma's messages open with the code that failed; what went wrong stands last.
  return error.message.trim().split('\n').at(-1) ?? error.name;
}
