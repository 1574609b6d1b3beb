import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import t from 'tap';
import type { InspectTask } from '../../src/inspector.ts';
import { startWorker } from '../../src/worker.ts';
import { createSurroundings, eventually, makeJpeg, type Surroundings } from '../worker-setup.ts';

const NEIGHBOURS = 60;
const jpeg = await makeJpeg();

async function finished({ deps, tenantId }: Surroundings, ids: string[]) {
  return eventually(async () => {
    const jobs = await Promise.all(ids.map((id) => deps.db.jobs.get(tenantId, id)));
    return jobs.every((job) => job !== undefined && job.finishedAt !== null) && jobs;
  }, 120_000);
}

const ONCE = { status: 'completed', attempt: 1, failures: 0, pastAttempts: [] };
const TWICE = { status: 'failed', errorCode: 'DECODER_CRASHED', attempt: 2, failures: 2 };

t.test('an image that its decoder can not hold fails alone: no other job runs twice', async (t) => {
  const surroundings = await createSurroundings({
    DECODERS: '2',
    DECODER_MEMORY_BYTES: String(1024 ** 3),
    RECONCILE_QUIET_MS: '60000',
  });
  const { config, deps, accept } = surroundings;
  const poison = Buffer.concat([
    await sharp(randomBytes(300), { raw: { width: 10, height: 10, channels: 3 } })
      .png()
      .toBuffer(),
    Buffer.alloc(250_000_000),
  ]);
  const poisoned = await accept(poison, { format: 'png', options: { pixels: false } });
  const ids = await Promise.all(Array.from({ length: NEIGHBOURS }, () => accept(jpeg)));
  const worker = await startWorker(config, deps, () => t.fail('stuck'));
  t.teardown(() => worker.stop(5000));
  const all = [...ids.slice(0, 5), poisoned, ...ids.slice(5)];
  await deps.nudges.send(all.map((id) => ({ id, generation: 0 })));
  const jobs = await finished(surroundings, ids);
  t.match(jobs, Array(NEIGHBOURS).fill(ONCE));
  t.match(await finished(surroundings, [poisoned]), [TWICE]);
});

t.test('what waited in the pipe of a decoder that died does not run twice', async (t) => {
  const surroundings = await createSurroundings({ DECODERS: '1', RECONCILE_QUIET_MS: '60000' });
  const { config, deps, accept, tenantId } = surroundings;
  const [warm, poisoned] = [await accept(jpeg), await accept(jpeg, { options: { pixels: false } })];
  const ids = await Promise.all(Array.from({ length: NEIGHBOURS }, () => accept(jpeg)));
  let behind = 0;
  let tries = 0;

  async function poison(task: InspectTask) {
    tries += 1;
    const pids = deps.inspector.decoderPids();
    // It stands still over this image, with all that comes behind it in its pipe.
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const reading = deps.inspector.inspect(task);
    reading.catch(() => undefined);
    if (tries === 1) {
      await deps.nudges.send(ids.map((id) => ({ id, generation: 0 })));
      await eventually(async () => behind >= 5);
    }
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    return reading;
  }

  const inspector = {
    ...deps.inspector,
    inspect: (task: InspectTask) => {
      if (task.wishes.pixels === false)
        return tries === 0 ? poison(task) : finished(surroundings, ids).then(() => poison(task));
      behind += 1;
      return deps.inspector.inspect(task);
    },
  };
  const worker = await startWorker(config, { ...deps, inspector }, () => t.fail('stuck'));
  t.teardown(() => worker.stop(5000));
  await deps.nudges.send([{ id: warm, generation: 0 }]);
  await finished(surroundings, [warm]);
  behind = 0;
  await deps.nudges.send([{ id: poisoned, generation: 0 }]);
  t.match(await finished(surroundings, [poisoned]), [TWICE]);
  t.match(await finished(surroundings, ids), Array(NEIGHBOURS).fill(ONCE));
  t.equal(tries, 2);
  t.equal((await deps.db.jobs.get(tenantId, warm))?.attempt, 1);
});
