// A database of its own for one test file: a copy of the migrated template, dropped when the file ends.
import { createDatabase, dropDatabase } from '@tintype/local';
import pg from 'pg';
import t from 'tap';
import { type Database, openDatabase } from '../src/index.ts';

export interface TestDatabase {
  url: string;
  db: Database;
  /** The rows of any statement, past everything that is tested. */
  query: <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const { TEST_POSTGRES_TEMPLATE: template } = process.env;
  if (template === undefined) throw new Error('Run tests by "npm test -- prisma".');
  const url = await createDatabase(serverUrl(), newName(), { template });
  const db = openDatabase({ url, poolSize: 4 });
  const query = openQuery(url);
  t.teardown(async () => {
    await db.close();
    await dropDatabase(url);
  });
  return { url, db, query };
}

/** The same without a table in it. */
export async function createEmptyDatabase(): Promise<Omit<TestDatabase, 'db'>> {
  const url = await createDatabase(serverUrl(), newName());
  const query = openQuery(url);
  t.teardown(() => dropDatabase(url));
  return { url, query };
}

function openQuery(url: string): TestDatabase['query'] {
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: 'test' });
  // tap runs the last teardown first: the pool is closed before its database is dropped… or disconnected by that.
  pool.on('error', () => undefined);
  t.teardown(() => pool.end());
  return async <Row extends object>(sql: string, values: unknown[] = []) =>
    (await pool.query<Row>(sql, values)).rows;
}

function serverUrl(): string {
  const { TEST_POSTGRES_URL: server } = process.env;
  if (server === undefined) throw new Error('Run tests by "npm test -- prisma".');
  return server;
}

function newName(): string {
  return `test_${crypto.randomUUID().replaceAll('-', '')}`;
}
