// The real processes, started as a deployment starts them: by environment only.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createDatabase, dropDatabase, freePort } from '@tintype/local';
import t from 'tap';
import { ROOT } from '../src/service/root.ts';
import { tintype } from '../src/service/tintype.ts';

export interface Service {
  address: string;
  key: string;
  env: Record<string, string>;
  databaseUrl: string;
  startWorker(): Promise<ChildProcess>;
  startApi(): Promise<ChildProcess>;
  api: ChildProcess;
  worker: ChildProcess;
}

/** Api and worker on a database of their own; all of it ends with the test file. */
export async function startService(
  extra: Record<string, string> = {},
  queue: 'redis' | 'postgres' = 'postgres',
): Promise<Service> {
  const { TEST_POSTGRES_URL: server, TEST_POSTGRES_TEMPLATE: template, REDIS_URL: redis } = process.env;
  if (server === undefined || template === undefined) throw new Error('Run tests by "npm test -- test".');
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  const databaseUrl = await createDatabase(server, name, { template });
  const objects = await mkdtemp(path.join(tmpdir(), 'tintype-objects-'));
  const port = await freePort();
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: databaseUrl,
    QUEUE_URL: queue === 'redis' ? `${redis}?prefix=${name}` : databaseUrl,
    OBJECT_STORE_URL: pathToFileURL(objects).href,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_POOL_SIZE: '5',
    DECODERS: '2',
    // Tests send one picture many times and mean a new job each time.
    DUPLICATES: 'allow',
    LOG_LEVEL: 'info',
    ...extra,
  };
  const children = new Set<ChildProcess>();
  t.teardown(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all([...children].map(ended));
    await dropDatabase(databaseUrl);
    await rm(objects, { recursive: true, force: true });
  });
  await tintype(['migrate'], env);
  const key = await tintype(['keys', 'create'], env);

  const start = async (room: string) => {
    const child = spawn(process.execPath, [path.join(ROOT, `apps/${room}/dist/src/main.js`)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.add(child);
    // Unread, the pipe would fill and the process would wait for ever.
    child.stdout?.resume();
    await new Promise<void>((resolve, reject) => {
      let text = '';
      child.stderr?.on('data', (data) => {
        text += data;
      });
      child.once('message', () => resolve());
      child.once('close', () => reject(new Error(`${room} ended: ${text}`)));
    });
    return child;
  };
  const startApi = () => start('api');
  const startWorker = () => start('worker');
  const [api, worker] = await Promise.all([startApi(), startWorker()]);
  return { address: `http://127.0.0.1:${port}`, key, env, databaseUrl, startApi, startWorker, api, worker };
}

export function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

export async function post(
  service: Pick<Service, 'address' | 'key'>,
  file: Uint8Array,
  headers: Record<string, string> = {},
) {
  const form = new FormData();
  form.append('image', new Blob([file as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }), 'photo.jpg');
  return patiently(`${service.address}/v1/jobs`, {
    method: 'POST',
    headers: { 'x-api-key': service.key, ...headers },
    body: form,
  });
}

/** Comes again when told to, as every client should: on a busy machine that may happen. */
async function patiently(address: string, request: RequestInit): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    const answer = await fetch(address, request);
    if (answer.status !== 503 || tries === 10) return answer;
    await answer.arrayBuffer();
    await sleep(Number(answer.headers.get('retry-after') ?? 1) * 1000);
  }
}

export async function get(
  service: Pick<Service, 'address' | 'key'>,
  path: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await patiently(service.address + path, {
    headers: { authorization: `Bearer ${service.key}` },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
