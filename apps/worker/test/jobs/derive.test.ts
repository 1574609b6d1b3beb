import { AppError, canonicalTransform, derivativeDigest, type Presets } from '@tintype/core';
import t from 'tap';
import { eventually, QUEUE_KINDS } from '../worker-setup.ts';
import {
  createGate,
  createMakingSurroundings,
  type MakingSurroundings,
  makePicture,
  type StoredImage,
} from './making.ts';

const PRESETS: Presets = {
  thumb: { width: 16, height: 16, fit: 'inside' },
  web: { width: 32, format: 'webp' },
  square: { width: 20, height: 20 },
};

async function endedJob({ deps, tenantId }: MakingSurroundings, { jobId }: StoredImage) {
  return eventually(async () => {
    const job = await deps.db.jobs.get(tenantId, jobId);
    return job?.finishedAt != null && job;
  });
}

async function run(surroundings: MakingSurroundings, image: StoredImage) {
  await surroundings.deps.nudges.send([{ id: image.jobId, generation: 0 }]);
  return endedJob(surroundings, image);
}

for (const { kind, skip } of QUEUE_KINDS) {
  t.test(`queue on ${kind}: made before the job is completed, and kept`, { skip }, async (t) => {
    const surroundings = await createMakingSurroundings({}, kind);
    const { deps, tenantId, start, addImage, rowsOf, objectKeys } = surroundings;
    const reads: string[] = [];
    const read: typeof deps.objects.read = (key, bytes) => {
      reads.push(`${key} ${bytes}`);
      return deps.objects.read(key, bytes);
    };
    await start(t, { objects: { ...deps.objects, read } });
    const file = await makePicture();
    const image = await addImage(file, { presets: PRESETS });
    t.match(await run(surroundings, image), { status: 'completed' });
    const rows = await rowsOf(image.imageId);
    t.equal(rows.length, 3);
    t.ok(rows.every((row) => row.status === 'ready' && row.is_kept && row.attempt === 1));
    t.equal((await objectKeys()).length, 4);
    t.equal(reads.length, 2, 'by the inspector, and once for all of them');
    for (const [name, preset] of Object.entries(PRESETS)) {
      const transform = canonicalTransform(preset);
      const digest = derivativeDigest({ sourceKey: image.objectKey, version: 'ab'.repeat(32), transform });
      t.match(await deps.db.derivatives.find(tenantId, digest), { status: 'ready' }, name);
    }
  });
}

t.test('one that fails fails no job; a job that runs again makes nothing again', async (t) => {
  const surroundings = await createMakingSurroundings();
  const { deps, tenantId, query, start, addImage, rowsOf } = surroundings;
  let renders = 0;
  const render: typeof deps.renderer.render = async (task) => {
    renders += 1;
    if (task.transform.width === 20) throw new AppError('NOT_RENDERABLE');
    return deps.renderer.render(task);
  };
  let [completions, isAway] = [0, true];
  const complete: typeof deps.db.work.complete = async (...call) => {
    completions += 1;
    if (isAway) throw new AppError('OBJECT_STORE_UNAVAILABLE');
    return deps.db.work.complete(...call);
  };
  const db = { ...deps.db, work: { ...deps.db.work, complete } };
  await start(t, { renderer: { ...deps.renderer, render }, db });
  const image = await addImage(undefined, { presets: PRESETS });
  await deps.nudges.send([{ id: image.jobId, generation: 0 }]);
  await eventually(async () => completions >= 2);
  isAway = false;
  t.match(await endedJob(surroundings, image), { status: 'completed' });
  const rows = await rowsOf(image.imageId);
  t.same(rows.map(({ status, error_code, attempt }) => [status, error_code, attempt]).sort(), [
    ['failed', 'NOT_RENDERABLE', 1],
    ['ready', null, 1],
    ['ready', null, 1],
  ]);
  t.equal(renders, 3);
  const [stored] = await query<{ count: number }>(
    'SELECT stored_bytes::int AS count FROM tenant_usage WHERE tenant_id = $1',
    [tenantId],
  );
  const [made] = await query<{ count: number }>(
    'SELECT (SELECT sum(bytes) FROM derivatives)::int + (SELECT bytes FROM images)::int AS count',
  );
  t.equal(stored?.count, made?.count);
});

t.test('what is ready already, on demand, is kept from now on and not made anew', async (t) => {
  const surroundings = await createMakingSurroundings({ RECONCILE_QUIET_MS: '600000' });
  const { start, addImage, ask, ended, row, rowsOf } = surroundings;
  await start(t);
  const image = await addImage(undefined, { presets: { thumb: PRESETS.thumb ?? {} } });
  const id = await ask(image, PRESETS.thumb);
  await ended(id);
  t.equal((await row(id)).is_kept, false);
  await run(surroundings, image);
  t.match(await rowsOf(image.imageId), [{ id, is_kept: true, attempt: 1, status: 'ready' }]);
});

t.test('an outage while it is made: the job is completed, and the derivative comes later', async (t) => {
  const surroundings = await createMakingSurroundings();
  const { deps, start, addImage, rowsOf, ended } = surroundings;
  let isAway = true;
  const put: typeof deps.objects.put = async (...call) => {
    if (isAway) throw new AppError('OBJECT_STORE_UNAVAILABLE');
    return deps.objects.put(...call);
  };
  const image = await addImage(undefined, { presets: { web: PRESETS.web ?? {} } });
  await start(t, { objects: { ...deps.objects, put } });
  t.match(await run(surroundings, image), { status: 'completed' });
  const [waiting] = await rowsOf(image.imageId);
  t.not(waiting?.status, 'ready');
  isAway = false;
  t.match(await ended(waiting?.id ?? ''), { status: 'ready', failures: 0, is_kept: true });
});

t.test('uploads whose derivatives take for ever leave half of the places to others', async (t) => {
  const env = { RENDER_CONCURRENCY: '2', WORKER_CONCURRENCY: '4' };
  const surroundings = await createMakingSurroundings(env);
  const { deps, start, addImage, query } = surroundings;
  const gate = createGate();
  const render: typeof deps.renderer.render = async (task) => {
    await gate.pass;
    return deps.renderer.render(task);
  };
  await start(t, { renderer: { ...deps.renderer, render } });
  const images = await Promise.all(
    Array.from({ length: 6 }, () => addImage(undefined, { presets: PRESETS })),
  );
  await deps.nudges.send(images.map(({ jobId }) => ({ id: jobId, generation: 0 })));
  await eventually(async () => (await query(`SELECT FROM derivatives WHERE status = 'making'`)).length >= 6);
  t.match(await run(surroundings, await addImage()), { status: 'completed' });
  t.equal((await query('SELECT FROM jobs WHERE finished_at IS NULL')).length, 6);
  gate.open();
  for (const image of images)
    t.match(await endedJob(surroundings, image), { status: 'completed', failures: 0 });
  t.equal((await query(`SELECT FROM derivatives WHERE is_kept AND status = 'ready'`)).length, 18);
});

t.test('a slow store holds no more pictures in memory than there are places', async (t) => {
  const surroundings = await createMakingSurroundings({ RENDER_CONCURRENCY: '1' });
  const { deps, addImage, rowsOf, start } = surroundings;
  let [held, most] = [0, 0];
  const render: typeof deps.renderer.render = (task) => {
    held += 1;
    most = Math.max(most, held);
    return deps.renderer.render(task);
  };
  const put: typeof deps.objects.put = async (...args) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await deps.objects.put(...args);
    held -= 1;
  };
  const presets = { a: { width: 10 }, b: { width: 11 }, c: { width: 12 }, d: { width: 13 } };
  const { imageId, jobId } = await addImage(undefined, { presets });
  await start(t, { renderer: { ...deps.renderer, render }, objects: { ...deps.objects, put } });
  await deps.nudges.send([{ id: jobId, generation: 0 }]);
  await eventually(async () => {
    const rows = await rowsOf(imageId);
    return rows.length === 4 && rows.every(({ status }) => status === 'ready');
  });
  t.equal(most, 1);
});
