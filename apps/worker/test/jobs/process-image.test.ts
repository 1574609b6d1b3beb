import { AppError } from '@tintype/core';
import t from 'tap';
import { createProcessImage } from '../../src/jobs/process-image.ts';
import { keepLeases } from '../../src/leases.ts';
import { createSurroundings, eventually, makeJpeg, makeOne } from '../worker-setup.ts';

const { config, deps, tenantId, accept } = await createSurroundings();
const leases = keepLeases({ heartbeat: deps.db.work.heartbeat, log: deps.log }, config.leaseMs);
t.teardown(() => leases.giveBack(async () => undefined));
const stopping = new AbortController().signal;
const processImage = createProcessImage({ worker: 'tester', config, leases, makeOne, stopping }, deps);
const jpeg = await makeJpeg();

const read = async (id: string) => {
  const job = await deps.db.jobs.get(tenantId, id);
  if (job === undefined) throw new Error('no such job');
  return job;
};

/** Runs the job until it is neither queued nor due any more. */
async function runToEnd(id: string): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await processImage({ id, generation: 0 });
    if ((await read(id)).finishedAt !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

t.test('a job is completed with facts, times and its worker', async (t) => {
  const id = await accept(jpeg);
  await processImage({ id, generation: 0 });
  const job = await read(id);
  t.match(job, {
    status: 'completed',
    attempt: 1,
    worker: 'tester',
    errorCode: null,
    image: { width: 64, height: 48 },
  });
  t.match(job.image.metadata, { file: { format: 'jpeg', bytes: jpeg.length }, schemaVersion: 2 });
  t.ok(Number(job.fetchMs) >= 0 && Number(job.inspectMs) > 0);
  t.same(leases.held(), []);
});

t.test('a second nudge for a finished job changes nothing', async (t) => {
  const id = await accept(jpeg);
  await processImage({ id, generation: 0 });
  const before = await read(id);
  await processImage({ id, generation: 1 });
  t.same(await read(id), before);
});

t.test('ten nudges at once make one attempt', async (t) => {
  const id = await accept(jpeg);
  await Promise.all(Array.from({ length: 10 }, (_, generation) => processImage({ id, generation })));
  t.match(await read(id), { status: 'completed', attempt: 1 });
});

const FAILURES = [
  {
    name: 'a file that can not be read fails at once',
    file: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]),
    store: true,
    code: 'IMAGE_UNREADABLE',
    attempt: 1,
  },
  {
    name: 'an original that is gone fails at once',
    file: jpeg,
    store: false,
    code: 'ORIGINAL_MISSING',
    attempt: 1,
  },
];

for (const { name, file, store, code, attempt } of FAILURES) {
  t.test(name, async (t) => {
    const id = await accept(file, { store });
    await runToEnd(id);
    t.match(await read(id), { status: 'failed', errorCode: code, errorRetryable: false, attempt });
  });
}

t.test('an object that is not what was stored is tried again, then fails', async (t) => {
  const id = await accept(jpeg);
  const { image } = await read(id);
  await deps.objects.put(image.objectKey, [jpeg.subarray(0, 50)], {
    contentType: 'image/jpeg',
    sha256Hex: '',
  });
  await runToEnd(id);
  t.match(await read(id), { status: 'failed', errorCode: 'ORIGINAL_CORRUPT', attempt: config.maxAttempts });
});

t.test('what ends its decoder by its pixels is described without them', async (t) => {
  const id = await accept(jpeg);
  const inspector = {
    ...deps.inspector,
    inspect: async (task: Parameters<typeof deps.inspector.inspect>[0]) => {
      if (task.pixelsGivenUp !== true) throw new AppError('DECODER_CRASHED');
      return deps.inspector.inspect(task);
    },
  };
  const crashing = createProcessImage(
    { worker: 'tester', config, leases, makeOne, stopping },
    { ...deps, inspector },
  );
  await crashing({ id, generation: 0 });
  t.match(await read(id), { status: 'queued', options: { pixelsGivenUp: true } });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await crashing({ id, generation: 1 });
  const { status, image } = await read(id);
  t.equal(status, 'completed');
  t.match(image.metadata, {
    image: { width: 64, height: 48 },
    sections: { header: 'ok', pixels: 'failed' },
    warnings: [{ code: 'PIXELS_UNREADABLE' }],
  });
});

t.test('images that wait for ExifTool take no more than half of the places', async (t) => {
  const [one, two] = [
    await accept(jpeg, { options: { profile: 'full' } }),
    await accept(jpeg, { options: { profile: 'full' } }),
  ];
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const inspector = {
    ...deps.inspector,
    inspect: async (task: Parameters<typeof deps.inspector.inspect>[0]) => {
      await held;
      return deps.inspector.inspect(task);
    },
  };
  const narrow = createProcessImage(
    { worker: 'tester', config: { ...config, concurrency: 2 }, leases, makeOne, stopping },
    { ...deps, inspector },
  );
  const first = narrow({ id: one, generation: 0 });
  await eventually(async () => (await read(one)).status === 'processing');
  await narrow({ id: two, generation: 0 });
  t.match(await read(two), { status: 'queued', errorCode: 'OVERLOADED', failures: 0 });
  letGo();
  await first;
  t.match(await read(one), { status: 'completed' });
});

t.test('a file that ends its decoder is tried twice', async (t) => {
  const id = await accept(jpeg, { options: { pixels: false } });
  let tries = 0;
  const inspector = {
    ...deps.inspector,
    // The real crash: the decoder's process is killed while it reads.
    inspect: async (task: Parameters<typeof deps.inspector.inspect>[0]) => {
      tries += 1;
      // A decoder that has read one has loaded all it needs: what ends it from now on is the image's fault.
      await deps.inspector.inspect(task);
      const reading = deps.inspector.inspect({ ...task, bodyBytes: task.bodyBytes + 1 });
      setTimeout(() => deps.inspector.decoderPids().map((pid) => process.kill(pid, 'SIGKILL')), 50);
      return reading;
    },
  };
  const crashing = createProcessImage(
    { worker: 'tester', config, leases, makeOne, stopping },
    { ...deps, inspector },
  );
  await crashing({ id, generation: 0 });
  t.match(await read(id), { status: 'queued', attempt: 1, errorCode: 'DECODER_CRASHED' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await crashing({ id, generation: 1 });
  t.match(await read(id), {
    status: 'failed',
    attempt: 2,
    errorCode: 'DECODER_CRASHED',
    errorRetryable: true,
  });
  t.equal(tries, 2);
});

t.test('a worker that lost its lease writes nothing', async (t) => {
  const id = await accept(jpeg);
  const stalled = {
    ...deps.inspector,
    inspect: async (task: Parameters<typeof deps.inspector.inspect>[0]) => {
      const metadata = await deps.inspector.inspect(task);
      // Meanwhile the lease ran out and somebody else took the job.
      await deps.db.work.heartbeat([{ id, attempt: 1 }], -1000);
      await deps.db.reconcile.expireLeases({ maxAttempts: 5, limit: 10 });
      t.match(await deps.db.work.claim(id, { worker: 'other', leaseMs: 60_000 }), { attempt: 2 });
      return metadata;
    },
  };
  await createProcessImage(
    { worker: 'slow', config, leases, makeOne, stopping },
    { ...deps, inspector: stalled },
  )({ id, generation: 0 });
  t.match(await read(id), { status: 'processing', attempt: 2, worker: 'other', image: { metadata: null } });
});
