// tintype migrate: the tables of the service, and those of a queue that lives in PostgreSQL.
import { migrateQueue } from '@tintype/core';
import { migrate } from '@tintype/prisma';
import { readDatabaseUrl, readQueueUrl } from '../settings.ts';

export async function migrateAll(): Promise<void> {
  const databaseUrl = readDatabaseUrl();
  const queueUrl = readQueueUrl();
  const applied = await migrate(databaseUrl);
  for (const name of applied) process.stdout.write(`applied ${name}\n`);
  if (applied.length === 0) process.stdout.write('the database is up to date\n');
  if (queueUrl !== undefined) await migrateQueue(queueUrl);
}
