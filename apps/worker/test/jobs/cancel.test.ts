import t, { type Test } from 'tap';
import type { Deps } from '../../src/deps.ts';
import { startWorker } from '../../src/worker.ts';
import { JPEG, LARGE_PNG, startImageServer } from '../fetch/image-server.ts';
import { createSurroundings, eventually } from '../worker-setup.ts';

const ENV = { OUTGOING_ALLOW: '127.0.0.0/8', LEASE_MS: '1000' };

async function begin(t: Test, change: (deps: Deps) => Partial<Deps> = () => ({})) {
  const surroundings = await createSurroundings(ENV);
  const { config, deps, tenantId } = surroundings;
  const worker = await startWorker(config, { ...deps, ...change(deps) }, () => t.fail('stuck'));
  t.teardown(() => worker.stop(100));
  const server = await startImageServer();
  const read = async (id: string) => deps.db.jobs.get(tenantId, id);
  const isStatus = (id: string, status: string) =>
    eventually(async () => (await read(id))?.status === status);
  return { ...surroundings, worker, server, read, isStatus };
}

/** Bytes of objects that nothing refers to, and rows that remember them. */
async function leftovers({ deps, objectKeys }: Awaited<ReturnType<typeof begin>>) {
  const remembered: string[] = [];
  const remove = async (key: string) => void remembered.push(key);
  await deps.db.sweep.abandonedUploads({ olderThanMs: 0, limit: 100, remove });
  return { remembered, objects: await objectKeys() };
}

for (const path of ['/no-headers', '/stalls', '/drips']) {
  t.test(`a job that is canceled stops asking ${path}`, async (t) => {
    const begun = await begin(t);
    const { deps, tenantId, acceptUrl, server, read, isStatus } = begun;
    const id = await acceptUrl(server.origin + path);
    await deps.nudges.send([{ id, generation: 0 }]);
    await eventually(async () => server.visits(path) === 1);
    await isStatus(id, 'processing');
    t.equal(server.connections(), 1);
    t.equal(await deps.db.jobs.cancel(tenantId, id), 'canceled');
    await eventually(async () => server.connections() === 0);
    t.match(await read(id), { status: 'canceled', attempt: 1, failures: 0, image: { bytes: null } });
    await eventually(async () => {
      const { remembered, objects } = await leftovers(begun);
      return remembered.length + objects.length === 0;
    });
    t.equal(server.visits(path), 1);
  });
}

t.test('what was read of a canceled job is dropped', async (t) => {
  let letGo: () => void = () => undefined;
  let reading = 0;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { deps, tenantId, accept, read } = await begin(t, ({ inspector }) => ({
    inspector: {
      ...inspector,
      inspect: async (task) => {
        reading += 1;
        await held;
        return inspector.inspect(task).finally(() => {
          reading -= 1;
        });
      },
    },
  }));
  const id = await accept(JPEG);
  await deps.nudges.send([{ id, generation: 0 }]);
  await eventually(async () => reading === 1);
  t.equal(await deps.db.jobs.cancel(tenantId, id), 'canceled');
  letGo();
  await eventually(async () => reading === 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.match(await read(id), { status: 'canceled', attempt: 1, image: { metadata: null } });
});

t.test('stop breaks off what is being fetched, and gives it back', async (t) => {
  const { deps, acceptUrl, server, read, worker, isStatus } = await begin(t);
  const id = await acceptUrl(`${server.origin}/stalls`);
  await deps.nudges.send([{ id, generation: 0 }]);
  await eventually(async () => server.visits('/stalls') === 1);
  await isStatus(id, 'processing');
  await worker.stop(100);
  t.match(await read(id), { status: 'queued', attempt: 1, failures: 0 });
  await eventually(async () => server.connections() === 0);
});

t.test('a server asks for a pause, and is given it', async (t) => {
  const { deps, acceptUrl, server, isStatus, read } = await begin(t);
  const id = await acceptUrl(`${server.origin}/busy-once.jpg`);
  await deps.nudges.send([{ id, generation: 0 }]);
  await isStatus(id, 'completed');
  const job = await read(id);
  t.match(job, { attempt: 2, failures: 1, pastAttempts: [{ code: 'URL_SERVER_ERROR' }] });
  const [past] = (job?.pastAttempts ?? []) as { endedAt: string }[];
  const pauseMs = Number(job?.startedAt) - Date.parse(past?.endedAt ?? '');
  t.ok(pauseMs >= 990, `${pauseMs} ms`);
});

t.test('images that wait to be fetched take no more than half of the places', async (t) => {
  const gate: (() => void)[] = [];
  const server = await startImageServer({
    '/slow.png': (answer) => void gate.push(() => answer.end(LARGE_PNG)),
  });
  const surroundings = await createSurroundings({ ...ENV, WORKER_CONCURRENCY: '4', RETRY_DELAY_MS: '100' });
  const { config, deps, tenantId, accept, acceptUrl } = surroundings;
  const slow = await Promise.all(Array.from({ length: 6 }, () => acceptUrl(`${server.origin}/slow.png`)));
  const worker = await startWorker(config, deps, () => t.fail('stuck'));
  t.teardown(() => worker.stop(1000));
  await deps.nudges.send(slow.map((id) => ({ id, generation: 0 })));
  await eventually(async () => gate.length === 2);
  const uploaded = await accept(JPEG);
  await deps.nudges.send([{ id: uploaded, generation: 0 }]);
  await eventually(async () => (await deps.db.jobs.get(tenantId, uploaded))?.status === 'completed');
  t.equal(server.visits('/slow.png'), 2, 'the others are not fetched meanwhile');
  const finished = await eventually(async () => {
    for (const letGo of gate.splice(0)) letGo();
    const jobs = await Promise.all(slow.map((id) => deps.db.jobs.get(tenantId, id)));
    return jobs.every((job) => job?.status === 'completed') && jobs;
  });
  t.same(new Set(finished.map((job) => job?.failures)), new Set([0]), 'waiting is no failure');
});
