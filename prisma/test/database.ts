// A database of its own for one test file: a copy of the migrated template, dropped when the file ends.
import { createDatabase, dropDatabase } from '@tintype/local';
import t from 'tap';
import { type Database, openDatabase } from '../src/index.ts';

export async function createTestDatabase(): Promise<{ url: string; db: Database }> {
  const { TEST_POSTGRES_URL: server, TEST_POSTGRES_TEMPLATE: template } = process.env;
  if (server === undefined || template === undefined) throw new Error('Run tests by "npm test -- prisma".');
  const url = await createDatabase(server, `test_${crypto.randomUUID().replaceAll('-', '')}`, { template });
  const db = openDatabase({ url, poolSize: 4 });
  t.teardown(async () => {
    await db.close();
    await dropDatabase(url);
  });
  return { url, db };
}
