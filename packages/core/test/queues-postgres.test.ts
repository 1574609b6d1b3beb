import { createDatabase, dropDatabase, startTcpProxy } from '@tintype/local';
import pg from 'pg';
import t from 'tap';
import { migrateQueue, openNudgeReceiver, openNudgeSender } from '../src/index.ts';
import { connectQueue, parseQueueUrl } from '../src/queue-connection.ts';
import { eventually } from './eventually.ts';
import { testQueue } from './queue-contract.ts';
import { nudge, type TestQueue } from './queue-ends.ts';

const server = process.env.TEST_POSTGRES_URL;
if (server === undefined) throw new Error('Run tests by "npm test -- packages/core".');
const database = await createDatabase(server, `test_${crypto.randomUUID().replaceAll('-', '')}`);
t.teardown(() => dropDatabase(database));

async function query<Row extends object>(sql: string, values: string[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

let schemas = 0;

async function makeQueue(): Promise<TestQueue> {
  schemas += 1;
  const schema = `queue_${schemas}`;
  const url = `${database}?schema=${schema}`;
  await migrateQueue(url);
  return { url, lose: () => erase(schema) };
}

async function erase(schema: string): Promise<void> {
  const tables = await query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1 AND tablename !~ 'migration'`,
    [schema],
  );
  await query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')}`);
}

t.test('postgres', async (t) => testQueue(t, makeQueue));

t.test('the tables are made once, in a schema of their own', async (t) => {
  const url = `${database}?schema=once`;
  await migrateQueue(url);
  const before = await query(`SELECT tablename FROM pg_tables WHERE schemaname = 'once' ORDER BY 1`);
  t.ok(before.length > 0);
  await migrateQueue(url);
  t.same(await query(`SELECT tablename FROM pg_tables WHERE schemaname = 'once' ORDER BY 1`), before);
  t.same(await query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`), []);
});

t.test('without its tables a nudge is refused, in bounded time', async (t) => {
  const url = `${database}?schema=nowhere`;
  const sender = await openNudgeSender(url, 'process-image', () => undefined);
  t.teardown(() => sender.close());
  const message = /schema "nowhere" is not initialized/;
  await t.rejects(sender.send([nudge(1)]), { message });
  await t.rejects(sender.waiting(), { message });
  await migrateQueue(url);
  await sender.send([nudge(1)]);
  t.equal(await sender.waiting(), 1, 'and taken as soon as they are made');
});

t.test('a borrowed connection that the server ends does not end the process', async (t) => {
  const { connection } = await connectQueue(parseQueueUrl(database), 'sender', () => undefined);
  const pool = new pg.Pool(connection as pg.PoolConfig);
  pool.on('error', () => undefined);
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  // Not `once`, which would listen to the error as well.
  const closed = new Promise<void>((resolve) => client.once('end', resolve));
  await query('SELECT pg_terminate_backend($1)', [String(rows[0]?.pid)]);
  await closed;
  client.release(true);
  await pool.end();
  t.pass('still here');
});

t.test('a receiver that begins while PostgreSQL is away takes what waits when it is back', async (t) => {
  await migrateQueue(database);
  const { port } = new URL(database);
  const proxy = await startTcpProxy({ port: Number(port) });
  t.teardown(() => proxy.close());
  proxy.cut();
  const handled: string[] = [];
  const receiver = await openNudgeReceiver(proxy.through(database), 'deliver-webhook', {
    concurrency: 1,
    handle: async ({ id }) => {
      handled.push(id);
    },
    onError: () => undefined,
  });
  t.teardown(() => receiver.close(0));
  const sender = await openNudgeSender(database, 'deliver-webhook', () => undefined);
  t.teardown(() => sender.close());
  await sender.send([nudge(1)]);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  proxy.pass();
  await eventually(() => handled.length === 1);
  t.same(handled, [nudge(1).id]);
});
