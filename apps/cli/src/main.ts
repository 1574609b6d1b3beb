#!/usr/bin/env node
// The `tintype` command: finds the subcommand, prints help, turns errors into one sentence.
import { ConfigError } from '@tintype/core';
import { HELP } from './help.ts';
import { isUsageError, UsageError } from './usage.ts';

/** Loaded when asked for: reading a local file needs no database. */
const COMMANDS = new Map<string, (args: string[]) => Promise<void>>([
  ['inspect', async (args) => (await import('./commands/inspect.ts')).inspect(args)],
  ['migrate', async (args) => (await import('./commands/migrate.ts')).migrateAll(args)],
  ['admin', async (args) => (await import('./commands/admin.ts')).admin(args)],
  ['plans', async (args) => (await import('./commands/plans.ts')).plans(args)],
  ['keys', async (args) => (await import('./commands/keys.ts')).keys(args)],
]);

/** A table or a column that does not exist: Prisma's codes, and PostgreSQL's in the message about a statement of our own. */
const MISSING_TABLE = /^P202[12]|`42(?:P01|703)`/;

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
  const usage = isUsageError(error);
  const detail = usage ? `${error.message} See "tintype --help".` : await explain(error);
  process.stderr.write(`${detail}\n`);
  process.exitCode = usage ? 2 : 1;
});

async function explain(error: NodeJS.ErrnoException): Promise<string> {
  if (error instanceof ConfigError) return error.message;
  const { isDatabaseUnavailable } = await import('@tintype/prisma');
  if (isDatabaseUnavailable(error)) return 'DATABASE_URL names a server that does not answer.';
  if (MISSING_TABLE.test(`${error.code} ${error.message}`))
    return 'The database is not up to date: run "tintype migrate" first.';
  // Prisma's messages open with the code that failed; what went wrong stands last.
  return error.message.trim().split('\n').at(-1) ?? error.name;
}
