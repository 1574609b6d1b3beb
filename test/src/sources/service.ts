// The real service – api and worker on PostgreSQL, Redis and a bucket – as scenarios meet it: by its address, and by what lies in the bucket.
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDatabase, freePort, startPostgres, startRedis } from '@tintype/local';
import { createClosing } from '../service/closing.ts';
import { ROOT } from '../service/root.ts';
import { type Supervised, supervise } from '../service/supervised.ts';
import { tintype } from '../service/tintype.ts';
import { type Bucket, openBucket } from './bucket.ts';
import { type Caller, createCaller } from './caller.ts';
import { answered, textAt } from './expect.ts';
import { type Neighbour, startNeighbour } from './neighbour.ts';

export interface Person extends Caller {
  id: string;
  email: string;
  /** Shows the cookie that came with the account. */
  session: Caller;
}

export interface World {
  bucket: Bucket;
  neighbour: Neighbour;
  worker: Supervised;
  /** Operates the service. */
  admin: Caller;
  nobody: Caller;
  /** Registers, and makes a key, by which he calls from then on. */
  person(): Promise<Person>;
  /** Another api on the same stores, set up by a file with these variables alone. Ends with the world. */
  startByFile(variables: Record<string, string>): Promise<Caller>;
  /** Calls made, newest last. */
  heard: string[];
  close(): Promise<void>;
}

export const PASSWORD = 'a long password, known to nobody';

const MAIN = (room: string) => path.join(ROOT, `apps/${room}/dist/src/main.js`);

/** @param store `isFolder`: objects are files, also where there could be S3 */
export async function startWorld(
  folder: string,
  store: { isFolder: boolean; say: (text: string) => void },
): Promise<World> {
  const { opened, first, close } = createClosing();
  const heard: string[] = [];
  // A Redis that is named from outside is not ours to fill.
  delete process.env.REDIS_URL;
  try {
    const [postgres, redis, bucket, neighbour] = await Promise.all([
      opened(startPostgres({ dataDir: path.join(folder, 'postgres'), durable: false }), (it) => it.stop()),
      opened(startRedis({}), (it) => it.stop()),
      opened(openBucket(folder, store), (it) => it.close()),
      opened(startNeighbour(), (it) => it.close()),
    ]);
    const databaseUrl = await createDatabase(postgres.url, 'tintype');
    const port = await freePort();
    const env = {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: databaseUrl,
      QUEUE_URL: redis.url,
      ...bucket.env,
      HOST: '127.0.0.1',
      DATABASE_POOL_SIZE: '5',
      DEFAULT_PLAN: 'unlimited',
      OUTGOING_ALLOW: '127.0.0.0/8',
      DECODERS: '1',
      KEY_CACHE_MS: '100',
      // What is done by the clock is done soon.
      SWEEP_EVERY_MS: '500',
      ORPHAN_SWEEP_EVERY_MS: '1000',
      // Longer than anything takes from its object to its row, on a busy machine too.
      ORPHAN_AGE_MS: '4000',
      RETRY_DELAY_MS: '100',
      MAX_EVENT_LOOP_DELAY_MS: '0',
    };
    await tintype(['migrate'], env);
    const adminKey = await tintype(['keys', 'create', '--tenant', 'operators', '--admin'], env);
    const start = (room: string, more: Record<string, string>) => {
      const logFile = path.join(folder, `${room}.log`);
      const one = supervise({ name: room, main: MAIN(room), logFile, env: { ...env, ...more } });
      first(() => one.stop());
      return one;
    };
    const api = start('api', { PORT: String(port) });
    const worker = start('worker', {});
    await Promise.all([api.ready(), worker.ready()]);
    const nobody = createCaller(`http://127.0.0.1:${port}`, {}, heard);

    async function startByFile(variables: Record<string, string>): Promise<Caller> {
      const otherPort = await freePort();
      const file = path.join(folder, 'tintype.env');
      const lines = Object.entries({ ...env, PORT: String(otherPort), ...variables });
      await mkdir(folder, { recursive: true });
      await writeFile(file, lines.map(([name, value]) => `${name}="${value}"\n`).join(''));
      const logFile = path.join(folder, 'api-by-file.log');
      const flags = [`--env-file=${file}`];
      const one = supervise({
        name: 'api by file',
        main: MAIN('api'),
        flags,
        logFile,
        env: { PATH: env.PATH },
      });
      first(() => one.stop());
      await one.ready();
      return createCaller(`http://127.0.0.1:${otherPort}`, {}, heard);
    }

    return {
      ...{ bucket, neighbour, worker, nobody, heard, startByFile, close },
      admin: nobody.as({ 'x-api-key': adminKey }),
      person: () => makePerson(nobody),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makePerson(nobody: Caller): Promise<Person> {
  const email = `${randomUUID()}@example.com`;
  const made = await nobody.post('/v1/users', { json: { email, password: PASSWORD } });
  const id = textAt(answered(made, 201), 'id');
  const session = nobody.as({ cookie: cookieOf(made.headers) });
  const key = await session.post('/v1/api-keys', { json: { name: 'scenario' } });
  const caller = nobody.as({ 'x-api-key': textAt(answered(key, 201), 'key') });
  return { ...caller, id, email, session };
}

/** As it comes back with the next request. */
export function cookieOf(headers: Record<string, string>): string {
  return (headers['set-cookie'] ?? '').split(';')[0] ?? '';
}
