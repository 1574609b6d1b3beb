import { Queue } from 'bullmq';
import t from 'tap';
import { startWorker } from '../src/worker.ts';
import { createSurroundings, eventually, makeJpeg, QUEUE_KINDS, type Surroundings } from './worker-setup.ts';

const jpeg = await makeJpeg();

async function allFinished({ deps }: Surroundings): Promise<boolean> {
  const { queued, processing } = await deps.db.jobs.depth();
  return queued + processing === 0;
}

for (const { kind, skip } of QUEUE_KINDS) {
  t.test(
    `queue on ${kind}: with the queue emptied while 200 jobs wait, every job completes`,
    { skip },
    async (t) => {
      const surroundings = await createSurroundings({}, kind);
      const { config, deps, accept, tenantId } = surroundings;
      const ids = await Promise.all(Array.from({ length: 200 }, () => accept(jpeg)));
      await deps.nudges.send(ids.map((id) => ({ id, generation: 0 })));
      t.equal(await deps.nudges.waiting(), 200);
      await emptyQueue(surroundings);
      t.equal(await deps.nudges.waiting(), 0);

      const worker = await startWorker(config, deps, () => t.fail('stuck'));
      await eventually(() => allFinished(surroundings), 60_000);
      await worker.stop(5000);
      const statuses = await Promise.all(
        ids.map(async (id) => (await deps.db.jobs.get(tenantId, id))?.status),
      );
      t.same([...new Set(statuses)], ['completed']);
    },
  );

  t.test(`queue on ${kind}: jobs nobody was ever nudged about complete`, { skip }, async (t) => {
    const surroundings = await createSurroundings({}, kind);
    const { config, deps, accept } = surroundings;
    await Promise.all(Array.from({ length: 20 }, () => accept(jpeg)));
    const worker = await startWorker(config, deps, () => t.fail('stuck'));
    await eventually(() => allFinished(surroundings));
    await worker.stop(5000);
    t.pass('all finished');
  });
}

t.test('a job whose worker vanished is run by another', async (t) => {
  const { config, deps, accept, tenantId } = await createSurroundings();
  const id = await accept(jpeg);
  await deps.db.work.claim(id, { worker: 'gone', leaseMs: 300 });
  const worker = await startWorker(config, deps, () => t.fail('stuck'));
  const job = await eventually(async () => {
    const found = await deps.db.jobs.get(tenantId, id);
    return found?.status === 'completed' && found;
  });
  await worker.stop(5000);
  t.match(job, { attempt: 2, errorCode: null });
});

t.test('stop gives what is not finished in time back at once', async (t) => {
  const { config, deps, accept, tenantId } = await createSurroundings();
  const id = await accept(jpeg);
  let begun = false;
  const never = {
    ...deps.inspector,
    inspect: () => {
      begun = true;
      return new Promise<never>(() => undefined);
    },
  };
  const worker = await startWorker(config, { ...deps, inspector: never }, () => t.fail('stuck'));
  await deps.nudges.send([{ id, generation: 0 }]);
  await eventually(async () => begun);
  await worker.stop(200);
  t.match(await deps.db.jobs.get(tenantId, id), { status: 'queued', attempt: 1 });
});

t.test('leases of long work are renewed', async (t) => {
  const { config, deps, accept, tenantId } = await createSurroundings({ LEASE_MS: '1000' });
  const id = await accept(jpeg);
  const slow = {
    ...deps.inspector,
    inspect: async (task: Parameters<typeof deps.inspector.inspect>[0]) => {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      return deps.inspector.inspect(task);
    },
  };
  const worker = await startWorker(config, { ...deps, inspector: slow }, () => t.fail('stuck'));
  await deps.nudges.send([{ id, generation: 0 }]);
  const job = await eventually(async () => {
    const found = await deps.db.jobs.get(tenantId, id);
    return found?.finishedAt != null && found;
  });
  await worker.stop(5000);
  t.match(job, { status: 'completed', attempt: 1 });
});

/** What FLUSHALL does, to this queue alone. */
async function emptyQueue({ config }: Surroundings): Promise<void> {
  const address = new URL(config.queueUrl);
  if (address.protocol === 'redis:') {
    const { Redis } = await import('ioredis');
    const prefix = address.searchParams.get('prefix') ?? '';
    const redis = new Redis(config.queueUrl.split('?')[0] ?? '');
    await redis.del(await redis.keys(`${prefix}:*`));
    await redis.quit();
    return;
  }
  const { createPostgresBackend } = await import('bullmq');
  const queue = new Queue(
    'process-image',
    { connection: { connectionString: config.queueUrl } },
    createPostgresBackend,
  );
  await queue.obliterate({ force: true });
  await queue.close();
}
