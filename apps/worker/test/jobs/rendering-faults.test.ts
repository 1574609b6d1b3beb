import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { eventually, QUEUE_KINDS } from '../worker-setup.ts';
import { createMakingSurroundings, type MakingSurroundings, makePicture } from './making.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const ENV = {
  LEASE_MS: '1000',
  RECONCILE_EVERY_MS: '100',
  RECONCILE_QUIET_MS: '500',
  DECODERS: '1',
  RENDER_CONCURRENCY: '4',
};
const WISHES = 16;

/** A worker's own process, on the given surroundings. */
async function startProcess(t: Test, { config }: MakingSurroundings): Promise<ChildProcess> {
  const { databaseUrl, queueUrl, objectStoreUrl } = config;
  const env = {
    ...{ PATH: process.env.PATH, LOG_LEVEL: 'silent', METRICS_PORT: '0', ...ENV },
    ...{ DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, OBJECT_STORE_URL: objectStoreUrl },
  };
  const child = fork(MAIN, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  t.teardown(async () => {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await ended;
  });
  await once(child, 'message');
  return child;
}

/** Large enough that workers are met in the middle of it. */
async function wantMany({ addImage, want }: MakingSurroundings) {
  const { imageId } = await addImage(await makePicture(2400, 1600));
  const wishes = Array.from({ length: WISHES }, (_, index) =>
    want({ imageId }, { width: 1000 + index, format: 'png' }),
  );
  return Promise.all(wishes);
}

const counted = async ({ query }: MakingSurroundings, where: string) =>
  (await query(`SELECT FROM derivatives WHERE ${where}`)).length;

for (const { kind, skip } of QUEUE_KINDS) {
  t.test(`queue on ${kind}: a worker is killed while it renders, and others finish`, { skip }, async (t) => {
    const surroundings = await createMakingSurroundings(ENV, kind);
    const { deps, query, objectKeys } = surroundings;
    const wanted = await wantMany(surroundings);
    const doomed = await startProcess(t, surroundings);
    await deps.renders.send(wanted.map(({ nudge }) => nudge));
    await eventually(async () => (await counted(surroundings, `status = 'making'`)) >= 4);
    doomed.kill('SIGKILL');
    await once(doomed, 'exit');
    const lost = await query<{ id: string }>(`SELECT id FROM derivatives WHERE status = 'making'`);
    t.ok(lost.length > 0, `${lost.length} were being made`);
    await startProcess(t, surroundings);
    await eventually(async () => (await counted(surroundings, `status = 'ready'`)) === WISHES, 90_000);
    const again = await counted(surroundings, 'attempt = 2 AND failures = 1');
    t.equal(again, lost.length, 'those that were under way, once more');
    const keys = new Set(await objectKeys());
    const rows = await query<{ object_key: string }>('SELECT object_key FROM derivatives');
    t.ok(rows.every((row) => keys.has(row.object_key)));
  });
}

t.test(
  'Redis is emptied: what waits is brought back',
  { skip: process.env.TEST_NO_REDIS ?? false },
  async (t) => {
    const surroundings = await createMakingSurroundings(ENV, 'redis');
    const { deps, config } = surroundings;
    const wanted = await wantMany(surroundings);
    const worker = await startProcess(t, surroundings);
    await deps.renders.send(wanted.map(({ nudge }) => nudge));
    await eventually(async () => (await counted(surroundings, `status = 'ready'`)) > 0);
    worker.kill('SIGSTOP');
    const url = new URL(config.queueUrl);
    const redis = new Redis({ host: url.hostname, port: Number(url.port) });
    const keys = await redis.keys(`${url.searchParams.get('prefix')}:make-derivative:*`);
    t.ok(keys.length > 0);
    await redis.del(keys);
    await redis.quit();
    t.equal(await deps.renders.waiting(), 0);
    t.ok((await counted(surroundings, `status = 'waiting'`)) > 0, 'the queue knows nothing of these');
    worker.kill('SIGCONT');
    await eventually(async () => (await counted(surroundings, `status = 'ready'`)) === WISHES, 90_000);
  },
);
