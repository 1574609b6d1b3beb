// The service under test: its real process on PostgreSQL, Redis and a folder of its own.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createDatabase, freePort, startPostgres, startRedis } from '@tintype/local';
import { request } from 'undici';
import { ROOT } from '../service/root.ts';
import { type Supervised, supervise } from '../service/supervised.ts';
import { tintype } from '../service/tintype.ts';
import { MAX_UPLOAD_BYTES } from './pictures.ts';

export interface Service {
  address: string;
  databaseUrl: string;
  api: Supervised;
  logFile: string;
  /** May operate the service. */
  adminKey: string;
  /** A key of a tenant that belongs to no person. */
  keyOf(tenant: string): Promise<string>;
  /** Works off what waits. Until it is stopped only: later on nothing that was asked for is fetched or sent. */
  startWorker(): Promise<Supervised>;
  /** As the operating system counts it. */
  residentBytes(): Promise<number>;
  stop(): Promise<void>;
}

const MAIN = (room: string) => path.join(ROOT, `apps/${room}/dist/src/main.js`);

export async function startService(folder: string): Promise<Service> {
  // A Redis that is named from outside is not ours to fill.
  delete process.env.REDIS_URL;
  const objects = path.join(folder, 'objects');
  await mkdir(objects);
  const [postgres, redis, port] = await Promise.all([
    startPostgres({ dataDir: path.join(folder, 'postgres'), durable: false }),
    startRedis({}),
    freePort(),
  ]);
  const databaseUrl = await createDatabase(postgres.url, 'tintype');
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: databaseUrl,
    QUEUE_URL: redis.url,
    OBJECT_STORE_URL: pathToFileURL(objects).href,
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'warn',
    DATABASE_POOL_SIZE: '8',
    // Whoever asks to be kept waiting is not kept long.
    MAX_WAIT_SECONDS: '1',
    MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES),
    MAX_WEBHOOK_ENDPOINTS: '300',
    OUTGOING_ALLOW: '127.0.0.0/8',
    KEY_CACHE_MS: '1000',
    DEFAULT_PLAN: 'unlimited',
    LOGIN_ATTEMPTS: '200',
    LOGIN_ATTEMPTS_PER_ADDRESS: '1000000',
    DECODERS: '1',
    // A process that keeps what it should let go of ends by this, and is seen to end.
    NODE_OPTIONS: '--max-old-space-size=400',
  };
  await tintype(['migrate'], env);
  const adminKey = await tintype(['keys', 'create', '--tenant', 'fuzz-admin', '--admin'], env);
  const run = (room: string) =>
    supervise({ name: room, main: MAIN(room), env, logFile: path.join(folder, `${room}.log`) });
  const api = run('api');
  const address = `http://127.0.0.1:${port}`;

  const stop = async () => {
    await api.stop();
    await Promise.all([redis.stop(), postgres.stop()]);
  };
  try {
    await api.ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address,
    api,
    logFile: path.join(folder, 'api.log'),
    databaseUrl,
    adminKey,
    keyOf: (tenant) => tintype(['keys', 'create', '--tenant', tenant], env),
    startWorker: async () => {
      const worker = run('worker');
      await worker.ready();
      return worker;
    },
    residentBytes: () => residentBytes(address),
    stop,
  };
}

async function residentBytes(address: string): Promise<number> {
  // What was allocated for the last answers goes by itself.
  await sleep(500);
  const { body } = await request(`${address}/metrics`);
  const [, bytes] = /^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)$/m.exec(await body.text()) ?? [];
  return Number(bytes);
}
