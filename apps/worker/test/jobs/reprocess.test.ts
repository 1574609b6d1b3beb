import t from 'tap';
import { EXTRACTOR_VERSION } from '../../src/inspector.ts';
import { reprocess } from '../../src/jobs/reprocess.ts';
import { startWorker } from '../../src/worker.ts';
import { createSurroundings, eventually, makeJpeg } from '../worker-setup.ts';

t.test('images that an older extractor described are described anew, and the run ends', async (t) => {
  const { config, deps, accept, tenantId } = await createSurroundings({
    REPROCESS_EVERY_MS: '50',
    REPROCESS_AT_ONCE: '2',
  });
  const worker = await startWorker(config, deps, () => t.fail('stuck'));
  t.teardown(() => worker.stop(5000));
  const jpeg = await makeJpeg();
  const ids = await Promise.all(
    Array.from({ length: 5 }, () => accept(jpeg, { options: { pixels: false } })),
  );
  await deps.nudges.send(ids.map((id) => ({ id, generation: 0 })));
  const jobs = () => Promise.all(ids.map((id) => deps.db.jobs.get(tenantId, id)));
  const first = await eventually(async () => {
    const found = await jobs();
    return found.every((job) => job?.status === 'completed') && found;
  });
  t.notMatch(first[0]?.image.metadata, { placeholder: { thumbhash: String } });

  const { id } = await deps.db.reprocess.start({
    filter: { olderThan: '999.0.0' },
    options: { pixels: true },
    requestId: 'test',
  });
  await eventually(async () => {
    const run = await deps.db.reprocess.get(id);
    return run?.finishedAt != null && run.jobs.completed === 5;
  });
  for (const job of await jobs()) {
    t.match(job?.image, {
      extractorVersion: EXTRACTOR_VERSION,
      metadata: { placeholder: { thumbhash: String } },
    });
  }
});

t.test('a round makes no job while new work waits, and tells the queue of those it makes', async (t) => {
  const { config, deps, accept, tenantId } = await createSurroundings();
  const waiting = await accept(await makeJpeg());
  await deps.db.reprocess.start({ filter: { olderThan: '999.0.0' }, options: {}, requestId: 'test' });
  t.equal(await reprocess(config, deps, 0), 0);
  const claimed = await deps.db.work.claim(waiting, { worker: 'test', leaseMs: 60_000 });
  const failure = { errorCode: 'IMAGE_UNREADABLE', errorMessage: 'No.', errorRetryable: false, counts: true };
  await deps.db.work.fail({ id: waiting, attempt: claimed?.attempt ?? 0, ...failure, retryAfterMs: null });
  t.equal(await reprocess(config, deps, 0), 1, 'what could not be described is tried again');
  t.equal(await deps.nudges.waiting(), 1);
  t.match(await deps.db.jobs.list(tenantId, { limit: 10 }), [{ status: 'queued' }, { status: 'failed' }]);
});
