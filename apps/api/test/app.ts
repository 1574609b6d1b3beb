// A real API on real parts: a database, a queue, a folder of objects and a key of its own; gone when the test file ends.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLogger, migrateQueue } from '@tintype/core';
import { createDatabase, dropDatabase } from '@tintype/local';
import { type Database, makeApiKey, openDatabase } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import t from 'tap';
import { Agent, type Dispatcher } from 'undici';
import { buildApp } from '../src/app.ts';
import { type ApiConfig, readConfig } from '../src/config.ts';
import { type Deps, openDeps } from '../src/deps.ts';
import { type Contract, readContract } from './contract.ts';

export interface TestApi {
  app: FastifyInstance;
  config: ApiConfig;
  deps: Deps;
  /** All of the database, past any proxy: for what workers and operators do. */
  database: Database;
  origin: string;
  port: number;
  contract: Contract;
  dispatcher: Dispatcher;
  /** A key that works, and whose it is. */
  key: string;
  tenantId: string;
  /** Asks the database past the API, past any proxy too. */
  rows<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Everything an upload could leave behind. */
  traces(): Promise<Traces>;
  /** The files of the object store, by path. */
  objects(): Promise<string[]>;
  drain(): void;
  refuse(): void;
  close(): Promise<void>;
}

export interface Traces {
  objects: number;
  uploads: number;
  images: number;
  jobs: number;
  events: number;
}

export const NO_TRACES: Traces = { objects: 0, uploads: 0, images: 0, jobs: 0, events: 0 };

interface Options {
  /** Variables beside the three addresses, or instead of them. */
  env?: Record<string, string>;
  /** Where the queue lives; Redis where there is one. */
  queue?: string;
  /** The way to the database, where it is not the straight one. */
  databaseUrl?: (url: string) => Promise<string>;
  /** Parts to use instead of the real ones, for faults that can't be had otherwise. */
  swap?: (deps: Deps) => Partial<Deps>;
}

export async function startApi({ env = {}, queue, databaseUrl, swap }: Options = {}): Promise<TestApi> {
  const parts = await makeParts(queue);
  const tenantId = crypto.randomUUID();
  const key = await addKey(parts.rows, { tenantId });
  const config = readConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    DATABASE_URL: (await databaseUrl?.(parts.databaseUrl)) ?? parts.databaseUrl,
    QUEUE_URL: parts.queueUrl,
    OBJECT_STORE_URL: pathToFileURL(parts.folder).href,
    KEY_CACHE_MS: '0',
    // Many test files share the machine.
    MAX_EVENT_LOOP_DELAY_MS: '0',
    // Most tests send the same picture again and again.
    DUPLICATES: 'allow',
    ...env,
  });
  const log = createLogger({ name: 'api', level: config.logLevel });
  const opened = await openDeps(config, log);
  const deps = { ...opened, ...swap?.(opened) };
  const { app, drain } = await buildApp({ config, deps, log });
  await app.listen({ host: config.host, port: config.port });
  const { port } = app.server.address() as AddressInfo;
  const database = openDatabase({ url: parts.databaseUrl, poolSize: 2 });
  const dispatcher = new Agent({ keepAliveTimeout: 60_000 });

  let closing: Promise<void> | undefined;
  const closeApi = async () => {
    await app.close();
    await opened.close();
  };
  const close = () => {
    closing ??= closeApi();
    return closing;
  };
  t.teardown(async () => {
    await dispatcher.destroy();
    await close();
    await database.close();
    await parts.remove();
  });

  return {
    ...{ app, config, deps, database, key, tenantId, port, dispatcher, close },
    drain: drain.begin,
    refuse: drain.refuse,
    origin: `http://127.0.0.1:${port}`,
    contract: readContract(app.swagger() as object),
    rows: parts.rows,
    objects: () => listFiles(parts.folder),
    traces: async () => ({
      ...(await countRows(parts.rows)),
      objects: (await listFiles(parts.folder)).length,
    }),
  };
}

/** Addresses of parts that are nobody else's; `remove` ends them. */
export async function makeParts(queue = 'redis') {
  const { TEST_POSTGRES_URL: server, TEST_POSTGRES_TEMPLATE: template, REDIS_URL: redis } = process.env;
  if (server === undefined || template === undefined) throw new Error('Run tests by "npm test -- apps/api".');
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  const databaseUrl = await createDatabase(server, name, { template });
  const queueUrl = redis === undefined || queue === 'postgres' ? databaseUrl : `${redis}?prefix=${name}`;
  await migrateQueue(queueUrl);
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-api-test-'));
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  // DROP DATABASE may overtake the pool's goodbye.
  pool.on('error', () => undefined);
  const rows: TestApi['rows'] = async (sql, values) => (await pool.query(sql, values)).rows;
  const remove = async () => {
    await pool.end();
    await dropDatabase(databaseUrl);
    await rm(folder, { recursive: true, force: true });
  };
  const env = {
    DATABASE_URL: databaseUrl,
    QUEUE_URL: queueUrl,
    OBJECT_STORE_URL: pathToFileURL(folder).href,
  };
  return { databaseUrl, queueUrl, folder, env, rows, remove };
}

/** A key in the database; `alter` is the SQL of a column to set, as in `revoked_at = now()`. */
export async function addKey(
  rows: TestApi['rows'],
  { tenantId, alter }: { tenantId: string; alter?: string },
): Promise<string> {
  const { id, key, secretSha256 } = makeApiKey();
  await rows(`INSERT INTO tenants (id, name) VALUES ($1, 'test') ON CONFLICT DO NOTHING`, [tenantId]);
  await rows(`INSERT INTO api_keys (id, tenant_id, name, secret_sha256) VALUES ($1, $2, 'test', $3)`, [
    id,
    tenantId,
    secretSha256,
  ]);
  if (alter !== undefined) await rows(`UPDATE api_keys SET ${alter} WHERE id = $1`, [id]);
  return key;
}

async function countRows(rows: TestApi['rows']): Promise<Omit<Traces, 'objects'>> {
  const [counts] = await rows<Omit<Traces, 'objects'>>(`
    SELECT (SELECT count(*)::int FROM uploads) AS uploads, (SELECT count(*)::int FROM images) AS images,
           (SELECT count(*)::int FROM jobs) AS jobs, (SELECT count(*)::int FROM events) AS events`);
  return counts as Omit<Traces, 'objects'>;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
