// Everything that is stored, as text: for tests of what must not be there.
import { Redis } from 'ioredis';
import pg from 'pg';
import t from 'tap';

/** Every column of every table of the database, by `table.column`; those of a queue in PostgreSQL too. */
export async function dumpDatabase(databaseUrl: string): Promise<Map<string, string>> {
  return withClient(databaseUrl, async (client) => {
    const { rows: columns } = await client.query<{ name: string; table: string; column: string }>(`
      SELECT CASE c.table_schema WHEN 'public' THEN '' ELSE c.table_schema || '.' END || c.table_name || '.' || c.column_name AS name,
             format('%I.%I', c.table_schema, c.table_name) AS table, format('%I', c.column_name) AS column
      FROM information_schema.columns c
      JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')`);
    const dump = new Map<string, string>();
    for (const { name, table, column } of columns) {
      const { rows } = await client.query(
        `SELECT coalesce(string_agg(${column}::text, E'\\n'), '') AS text FROM ${table}`,
      );
      dump.set(name, rows[0].text);
    }
    return dump;
  });
}

export async function query<Row extends object>(
  databaseUrl: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return withClient(databaseUrl, async (client) => (await client.query<Row>(sql, values)).rows);
}

async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const READ: Record<string, (redis: Redis, key: string) => Promise<unknown>> = {
  string: (redis, key) => redis.get(key),
  hash: (redis, key) => redis.hgetall(key),
  list: (redis, key) => redis.lrange(key, 0, -1),
  set: (redis, key) => redis.smembers(key),
  zset: (redis, key) => redis.zrange(key, 0, '-1', 'WITHSCORES'),
  stream: (redis, key) => redis.xrange(key, '-', '+'),
};

/** Every key of this service with its content, in which its name stands first; empty for a queue in PostgreSQL. */
export async function dumpRedis(queueUrl: string): Promise<Map<string, string>> {
  const dump = new Map<string, string>();
  const prefix = new URL(queueUrl).searchParams.get('prefix');
  if (prefix === null) return dump;
  const redis = new Redis(queueUrl.split('?')[0] ?? '', { maxRetriesPerRequest: 1 });
  for (const key of await redis.keys(`*${prefix}*`)) {
    const type = await redis.type(key);
    const read = READ[type];
    if (read === undefined && type !== 'none') t.fail(`Redis has a ${type} that is not read`);
    dump.set(key, `${key} ${JSON.stringify(await read?.(redis, key))}`);
  }
  await redis.quit();
  return dump;
}

/** The ways in which a text may have been written down. */
export function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Within other bytes, base64 begins at any of three places.
  const shifted = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64url');
    const [from, to] = [Math.ceil((shift * 4) / 3) + 1, text.length - 3];
    const inner = text.slice(from, to);
    return [inner, inner.replaceAll('-', '+').replaceAll('_', '/')];
  });
  return [...new Set([secret, encodeURIComponent(secret), bytes.toString('hex'), ...shifted])];
}

/** Where any of the spellings stands. */
export function placesOf(secret: string, texts: Map<string, string>): string[] {
  const all = spellings(secret);
  return [...texts].flatMap(([place, text]) => (all.some((one) => text.includes(one)) ? [place] : []));
}
