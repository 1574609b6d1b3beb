// tintype migrate: the tables of the service, and those of a queue that lives in PostgreSQL; before them the database, where asked to.
import { parseArgs } from 'node:util';
import { migrateQueue } from '@tintype/core';
import { createDatabase, isDatabaseUnavailable, migrate } from '@tintype/prisma';
import { readAdministrator, readDatabaseUrl, readQueueUrl } from '../settings.ts';

export async function migrateAll(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { 'create-database': { type: 'boolean' } } });
  const databaseUrl = readDatabaseUrl();
  const queueUrl = readQueueUrl();
  if (values['create-database'] === true) await create(databaseUrl);
  const applied = await migrate(databaseUrl);
  for (const name of applied) process.stdout.write(`applied ${name}\n`);
  if (applied.length === 0) process.stdout.write('the database is up to date\n');
  if (queueUrl !== undefined) await migrateQueue(queueUrl);
}

async function create(databaseUrl: string): Promise<void> {
  const made = await createDatabase(databaseUrl, readAdministrator()).catch((error: unknown) => {
    if (!isDatabaseUnavailable(error)) throw error;
    throw new Error('ADMIN_DATABASE_URL names a server that does not answer.', { cause: error });
  });
  process.stdout.write(`${made.isRoleNew ? 'made' : 'set the password of'} the role ${made.role}\n`);
  if (made.isDatabaseNew) process.stdout.write(`made the database ${made.database}\n`);
}
