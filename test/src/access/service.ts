// The real service, twice: two apis and a worker that count and queue in Redis, two apis that have PostgreSQL alone. One database.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createDatabase, freePort, startPostgres, startRedis } from '@tintype/local';
import { createClosing } from '../service/closing.ts';
import { ROOT } from '../service/root.ts';
import { type Supervised, supervise } from '../service/supervised.ts';
import { tintype } from '../service/tintype.ts';
import { ADMIN_GROUP, AUDIENCE, type Issuer, startIssuer } from './issuer.ts';
import type { RouteTable } from './route-table.ts';

export interface Api {
  name: string;
  address: string;
  logFile: string;
}

export interface Service {
  databaseUrl: string;
  redisUrl: string;
  issuer: Issuer;
  /** Nobody is locked out of these two, however often he fails. */
  withRedis: readonly [Api, Api];
  /** These two lock out soon; the second one believes what a proxy on this machine forwards. */
  withPostgres: readonly [Api, Api];
  /** As the first api was given them. */
  table: RouteTable;
  worker: Supervised;
  close(): Promise<void>;
}

/** Of the two apis without Redis. */
export const LOGIN_ATTEMPTS = 4;
export const LOGIN_ATTEMPTS_PER_ADDRESS = 8;
const COUNTLESS = '100000';

const main = (room: string) => path.join(ROOT, `apps/${room}/dist/src/main.js`);

export async function startService(folder: string): Promise<Service> {
  const { opened, first, close } = createClosing();

  try {
    const objects = path.join(folder, 'objects');
    await mkdir(objects, { recursive: true });
    const [postgres, redis, issuer] = await Promise.all([
      opened(startPostgres({ dataDir: path.join(folder, 'postgres'), durable: false }), (it) => it.stop()),
      opened(startRedis({}), (it) => it.stop()),
      opened(startIssuer(), (it) => it.close()),
    ]);
    const databaseUrl = await createDatabase(postgres.url, 'tintype');
    const redisUrl = `${redis.url}?prefix=access-${process.pid}`;
    const env = {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: databaseUrl,
      DATABASE_POOL_SIZE: '5',
      OBJECT_STORE_URL: pathToFileURL(objects).href,
      HOST: '127.0.0.1',
      DECODERS: '1',
      DEFAULT_PLAN: 'unlimited',
      OUTGOING_ALLOW: '127.0.0.0/8',
      OIDC_ISSUER: issuer.url,
      OIDC_AUDIENCE: AUDIENCE,
      OIDC_ADMIN_GROUP: ADMIN_GROUP,
      // The machine is busy, and that is not what is looked at here.
      MAX_EVENT_LOOP_DELAY_MS: '0',
    };
    await tintype(['migrate'], { ...env, QUEUE_URL: databaseUrl });

    let table: RouteTable | undefined;
    const tellRoutes = pathToFileURL(path.join(ROOT, 'test/dist/src/access/tell-routes.js')).href;
    const start = (name: string, room: 'api' | 'worker', more: Record<string, string>) => {
      const logFile = path.join(folder, `${name.replaceAll(' ', '-')}.log`);
      const one = supervise({
        ...{ name, main: main(room), logFile },
        env: { ...env, ...more },
        onMessage: (message) => {
          if ('table' in message) table = message.table as RouteTable;
        },
      });
      first(() => one.stop('SIGKILL'));
      return one;
    };
    const ports = await Promise.all(Array.from({ length: 4 }, freePort));
    const ready: Promise<void>[] = [];
    const api = (name: string, number: number, more: Record<string, string>): Api => {
      const port = String(ports[number]);
      ready.push(start(name, 'api', { ...more, PORT: port }).ready());
      return {
        name,
        address: `http://127.0.0.1:${port}`,
        logFile: path.join(folder, `${name.replaceAll(' ', '-')}.log`),
      };
    };
    const redisEnv = {
      QUEUE_URL: redisUrl,
      LOGIN_ATTEMPTS: COUNTLESS,
      LOGIN_ATTEMPTS_PER_ADDRESS: COUNTLESS,
    };
    const postgresEnv = {
      QUEUE_URL: databaseUrl,
      LOGIN_ATTEMPTS: String(LOGIN_ATTEMPTS),
      LOGIN_ATTEMPTS_PER_ADDRESS: String(LOGIN_ATTEMPTS_PER_ADDRESS),
      // A day, so that the window is over at midnight alone.
      LOGIN_WINDOW_SECONDS: '86400',
    };
    const withRedis = [
      api('api 1', 0, { ...redisEnv, NODE_OPTIONS: `--import=${tellRoutes}` }),
      api('api 2', 1, redisEnv),
    ] as const;
    const withPostgres = [
      api('api 3', 2, postgresEnv),
      api('api 4', 3, { ...postgresEnv, TRUST_PROXY: '127.0.0.1' }),
    ] as const;
    const worker = start('worker', 'worker', { QUEUE_URL: redisUrl });
    await Promise.all([...ready, worker.ready()]);
    if (table === undefined) throw new Error('The api did not tell its routes.');
    return { databaseUrl, redisUrl, issuer, withRedis, withPostgres, table, worker, close };
  } catch (error) {
    await close();
    throw error;
  }
}
