import { createLogger } from '@tintype/core';
import { startTcpProxy } from '@tintype/local';
import t, { type Test } from 'tap';
import { type Deps, openDeps } from '../../src/deps.ts';
import { startWorker } from '../../src/worker.ts';
import { createSurroundings, eventually, makeJpeg } from '../worker-setup.ts';

const jpeg = await makeJpeg();
const LEASE_MS = 1500;

/** A worker that reaches PostgreSQL by way of a proxy; the test itself, and the queue, reach it directly. */
async function begin(
  t: Test,
  change: (deps: Deps) => Partial<Deps> = () => ({}),
  env: NodeJS.ProcessEnv = {},
) {
  const surroundings = await createSurroundings({
    LEASE_MS: String(LEASE_MS),
    // So that nobody but the worker itself brings anything back.
    RECONCILE_QUIET_MS: '600000',
    ...env,
  });
  const { databaseUrl, deps, tenantId } = surroundings;
  const proxy = await startTcpProxy({ port: Number(new URL(databaseUrl).port) });
  t.teardown(() => proxy.close());
  const hasty = { databaseConnectTimeoutMs: 1000, databaseStatementTimeoutMs: 1000 };
  const config = { ...surroundings.config, ...hasty, databaseUrl: proxy.through(databaseUrl) };
  const behind = await openDeps(config, {
    log: createLogger({ name: 'worker', level: 'silent' }),
    onBroken: () => t.fail('decoders do not start'),
  });
  t.teardown(() => behind.close());
  const worker = await startWorker(config, { ...behind, ...change(behind) }, () => t.fail('stuck'));
  t.teardown(() => worker.stop(1000));
  const read = async (id: string) => deps.db.jobs.get(tenantId, id);
  const completed = (id: string) =>
    eventually(async () => {
      const job = await read(id);
      return job?.status === 'completed' && job;
    });
  return { ...surroundings, config, proxy, worker, read, completed };
}

/** An inspector that is done only when it is told so. */
function heldInspector() {
  let letGo: () => void = () => undefined;
  let inspected = 0;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return {
    letGo: () => letGo(),
    inspected: () => inspected,
    change: ({ inspector }: Deps): Partial<Deps> => ({
      inspector: {
        ...inspector,
        inspect: async (task) => {
          inspected += 1;
          const metadata = await inspector.inspect(task);
          await held;
          return metadata;
        },
      },
    }),
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

for (const away of ['cut', 'blackhole'] as const) {
  t.test(
    `a result that is ready while PostgreSQL is away (${away}) is written when it is back`,
    async (t) => {
      const held = heldInspector();
      const { deps, accept, proxy, completed, read } = await begin(t, held.change);
      const id = await accept(jpeg);
      await deps.nudges.send([{ id, generation: 0 }]);
      await eventually(async () => held.inspected() === 1);
      proxy[away]();
      held.letGo();
      await pause(2 * LEASE_MS);
      t.match(await read(id), { status: 'processing', attempt: 1 }, 'the lease ran out, and nobody took it');
      proxy.pass();
      const begunAt = performance.now();
      t.match(await completed(id), { attempt: 1, failures: 0 });
      t.ok(performance.now() - begunAt < 10_000);
      t.equal(held.inspected(), 1);
    },
  );
}

t.test('a result whose answer was lost is written once, and is no failure', async (t) => {
  let mute: () => void = () => undefined;
  let calls = 0;
  // Nothing else is to be under way: what is said arrives then, on a connection that is open, and no answer does.
  const quiet = { LEASE_MS: '60000', RECONCILE_EVERY_MS: '60000', REPROCESS_EVERY_MS: '3600000' };
  const change = ({ db }: Deps): Partial<Deps> => ({
    db: {
      ...db,
      work: {
        ...db.work,
        complete: (job) => {
          calls += 1;
          mute();
          return db.work.complete(job);
        },
      },
    },
  });
  const { deps, accept, proxy, completed, tenantId } = await begin(t, change, quiet);
  mute = () => proxy.mute();
  const id = await accept(jpeg);
  await deps.nudges.send([{ id, generation: 0 }]);
  await completed(id);
  mute = () => undefined;
  await eventually(async () => calls > 1);
  proxy.pass();
  await pause(500);
  t.match(await completed(id), { attempt: 1, failures: 0, pastAttempts: [] });
  const events = await deps.db.events.list(tenantId, { after: undefined, limit: 10 });
  t.same(
    events.map(({ type }) => type),
    ['job.completed'],
  );
});

t.test('a failure waits for PostgreSQL like a result', async (t) => {
  const held = heldInspector();
  const { deps, accept, proxy, read } = await begin(t, held.change);
  const id = await accept(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]));
  proxy.cut();
  await deps.nudges.send([{ id, generation: 0 }]);
  await pause(500);
  proxy.pass();
  await eventually(async () => (await read(id))?.status === 'failed');
  t.match(await read(id), { errorCode: 'IMAGE_UNREADABLE', attempt: 1, failures: 1 });
});

t.test(
  'hints that come while PostgreSQL is away are not used up, and nobody takes the worker for stuck',
  async (t) => {
    const { deps, accept, proxy, completed } = await begin(t, undefined, { STUCK_AFTER_MS: '1000' });
    const ids = await Promise.all(Array.from({ length: 100 }, () => accept(jpeg)));
    proxy.cut();
    await deps.nudges.send(ids.map((id) => ({ id, generation: 0 })));
    // Twice as long as it takes to be sure that a worker is stuck.
    await pause(12_000);
    t.ok((await deps.nudges.waiting()) > 0);
    proxy.pass();
    // Nothing is looked for in the queue in this test: what completes was nudged about.
    for (const id of ids) t.match(await completed(id), { generation: 0 });
  },
);

t.test('a worker that is told to stop while PostgreSQL is away stops', async (t) => {
  const held = heldInspector();
  const { deps, accept, proxy, worker } = await begin(t, held.change);
  const [running, waiting] = [await accept(jpeg), await accept(jpeg)];
  await deps.nudges.send([{ id: running, generation: 0 }]);
  await eventually(async () => held.inspected() === 1);
  proxy.cut();
  await deps.nudges.send([{ id: waiting, generation: 0 }]);
  held.letGo();
  await pause(200);
  const begunAt = performance.now();
  await worker.stop(500);
  t.ok(performance.now() - begunAt < 8000, `${performance.now() - begunAt} ms`);
});

t.test('after an outage the living keep their jobs: nobody else takes them', async (t) => {
  const held = heldInspector();
  const { config, deps, accept, proxy, completed } = await begin(t, held.change);
  const id = await accept(jpeg);
  await deps.nudges.send([{ id, generation: 0 }]);
  await eventually(async () => held.inspected() === 1);
  // Another worker, behind the same outage.
  const other = await openDeps(config, { log: deps.log, onBroken: () => undefined });
  const idle = await startWorker(config, other, () => t.fail('stuck'));
  t.teardown(async () => {
    await idle.stop(1000);
    await other.close();
  });
  // Long enough for both to be sure that all is calm.
  await pause(LEASE_MS);
  proxy.cut();
  await pause(2 * LEASE_MS);
  proxy.pass();
  await pause(2 * LEASE_MS);
  held.letGo();
  t.match(await completed(id), { attempt: 1, failures: 0, pastAttempts: [] });
});
