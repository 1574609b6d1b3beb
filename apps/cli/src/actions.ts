// Commands that have a database and several actions: finds the action, opens the one and runs the other.
import { type Database, openDatabase } from '@tintype/prisma';
import { readDatabaseUrl } from './settings.ts';
import { UsageError } from './usage.ts';

export type Actions = ReadonlyMap<string, (args: string[], db: Database) => Promise<void>>;

export async function runAction(
  command: string,
  actions: Actions,
  [name = '', ...args]: string[],
): Promise<void> {
  const run = actions.get(name);
  if (run === undefined) {
    const known = [...actions.keys()].map((action) => `"${command} ${action}"`);
    throw new UsageError(`Say ${known.slice(0, -1).join(', ')} or ${known.at(-1)}.`);
  }
  const db = openDatabase({ url: readDatabaseUrl(), poolSize: 1 });
  try {
    await run(args, db);
  } finally {
    await db.close();
  }
}

/** The one thing, or the things, that an action is about. */
export function named(positionals: readonly string[], what: string, count = 1): string[] {
  if (positionals.length !== count) throw new UsageError(what);
  return [...positionals];
}
