import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createLogger, type Metadata } from '@tintype/core';
import t, { type Test } from 'tap';
import type { InspectWish } from '../../src/decoder/inspect.ts';
import { takenForCode } from '../../src/decoder/launch.ts';
import { createDecoderPool, type DecoderPoolOptions } from '../../src/decoder/pool.ts';
import type { Task } from '../../src/decoder/send.ts';
import { eventually, makeJpeg } from '../worker-setup.ts';

const GIBIBYTE = 1024 ** 3;
const LIMITS = { maxPixels: 64e6, maxHeifPixels: 24e6, maxDecodedBytes: 512e6 };

function openPool(t: Test, options: Partial<DecoderPoolOptions> = {}) {
  const log = createLogger({ name: 'test', level: 'silent' });
  const pool = createDecoderPool<InspectWish, Metadata>({
    program: 'inspect',
    depth: 4,
    size: 1,
    memoryBytes: 1.5 * GIBIBYTE,
    timeoutMs: 20_000,
    recycleAfter: 1000,
    log,
    onBroken: () => t.fail('decoders do not start'),
    ...options,
  });
  t.teardown(() => pool.close());
  return {
    ...pool,
    inspect: (task: Task<InspectWish>) => pool.run(task).then(({ facts }) => facts),
  };
}

function task(body: Task<InspectWish>['body'], bytes: number): Task<InspectWish> {
  return {
    body,
    bodyBytes: bytes,
    wish: {
      options: { profile: 'fast', pixels: false, stats: false, limits: LIMITS },
      file: { bytes, sha256Hex: 'ab'.repeat(32), format: 'jpeg', fileName: null, declaredMimeType: null },
    },
  };
}

/** Says that it has `bytes` bytes, gives the first few and then nothing more. */
function stalling(): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(Buffer.alloc(10));
  return stream;
}

t.test('reads one image after another, from memory and from a stream', async (t) => {
  const pool = openPool(t, { size: 2 });
  const jpeg = await makeJpeg();
  const tasks = Array.from({ length: 20 }, (_, index) =>
    pool.inspect(
      task(index % 2 === 0 ? jpeg : Readable.from([jpeg.subarray(0, 100), jpeg.subarray(100)]), jpeg.length),
    ),
  );
  for (const { image } of await Promise.all(tasks)) t.match(image, { width: 64, height: 48 });
  t.equal(pool.pids().length, 2);
});

t.test('an image that ends its process fails alone, and the next one finds a new process', async (t) => {
  const pool = openPool(t);
  const jpeg = await makeJpeg();
  await pool.inspect(task(jpeg, jpeg.length));
  const [pid] = pool.pids();
  const doomed = pool.inspect(task(stalling(), 1000));
  const next = pool.inspect(task(jpeg, jpeg.length));
  process.kill(pid as number, 'SIGKILL');
  await t.rejects(doomed, { code: 'DECODER_CRASHED', retryable: true });
  t.match((await next).image, { width: 64 });
  t.notSame(pool.pids(), [pid]);
});

t.test('what waited behind an image that ended its process is given to another', async (t) => {
  const pool = openPool(t);
  const jpeg = await makeJpeg();
  await pool.inspect(task(jpeg, jpeg.length));
  const [pid] = pool.pids();
  process.kill(pid as number, 'SIGSTOP');
  const [begun, behind] = [pool.inspect(task(jpeg, jpeg.length)), pool.inspect(task(jpeg, jpeg.length))];
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.kill(pid as number, 'SIGKILL');
  await t.rejects(begun, { code: 'DECODER_CRASHED' });
  t.match((await behind).image, { width: 64 });
});

t.test('a suspect has a decoder to itself', async (t) => {
  const pool = openPool(t);
  const jpeg = await makeJpeg();
  await pool.inspect(task(jpeg, jpeg.length));
  const [pid] = pool.pids();
  process.kill(pid as number, 'SIGSTOP');
  const suspect = pool.inspect({ ...task(jpeg, jpeg.length), suspect: true });
  const other = pool.inspect(task(jpeg, jpeg.length));
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.kill(pid as number, 'SIGKILL');
  await t.rejects(suspect, { code: 'DECODER_CRASHED' });
  t.match((await other).image, { width: 64 });
});

t.test('what takes too long is ended', async (t) => {
  const pool = openPool(t, { timeoutMs: 1500 });
  const jpeg = await makeJpeg();
  await pool.inspect(task(jpeg, jpeg.length));
  const [pid] = pool.pids();
  process.kill(pid as number, 'SIGSTOP');
  await t.rejects(pool.inspect(task(jpeg, jpeg.length)), { code: 'DECODER_TIMEOUT' });
  t.match((await pool.inspect(task(jpeg, jpeg.length))).image, { width: 64 });
});

t.test(
  'a file that needs more memory than allowed ends its process alone',
  { skip: process.platform !== 'linux' && 'Linux only' },
  async (t) => {
    const pool = openPool(t, { memoryBytes: 1.2 * GIBIBYTE });
    const block = Buffer.alloc(1024 * 1024);
    const blocks = 900;
    const huge = Readable.from(
      (function* () {
        for (let index = 0; index < blocks; index += 1) yield block;
      })(),
      { objectMode: false },
    );
    await t.rejects(pool.inspect(task(huge, blocks * block.length)), { code: 'DECODER_CRASHED' });
    const jpeg = await makeJpeg();
    t.match((await pool.inspect(task(jpeg, jpeg.length))).image, { width: 64 });
  },
);

t.test('decoders that do not start are nobody’s fault, and are told', async (t) => {
  let broken = 0;
  const pool = openPool(t, { memoryBytes: 0.3 * GIBIBYTE, onBroken: () => (broken += 1) });
  let settled = false;
  const jpeg = await makeJpeg();
  pool.inspect(task(jpeg, jpeg.length)).finally(() => {
    settled = true;
  });
  await eventually(async () => broken > 0);
  t.notOk(settled, 'the image waits for a machine that can read it');
});

t.test('a source that stalls costs no image its time', async (t) => {
  const pool = openPool(t, { timeoutMs: 1000 });
  const jpeg = await makeJpeg();
  const slow = Readable.from(
    (async function* () {
      yield jpeg.subarray(0, 100);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      yield jpeg.subarray(100);
    })(),
  );
  t.match((await pool.inspect(task(slow, jpeg.length))).image, { width: 64 });
});

t.test('fewer bytes than announced are no image', async (t) => {
  const pool = openPool(t);
  await t.rejects(pool.inspect(task(Readable.from([Buffer.alloc(10)]), 1000)), { code: 'ORIGINAL_CORRUPT' });
});

t.test('an error of the image leaves its process alive', async (t) => {
  const pool = openPool(t);
  const broken = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(100)]);
  await t.rejects(pool.inspect(task(broken, broken.length)), { code: 'IMAGE_UNREADABLE', retryable: false });
  const [pid] = pool.pids();
  const jpeg = await makeJpeg();
  await pool.inspect(task(jpeg, jpeg.length));
  t.same(pool.pids(), [pid]);
});

t.test('a decoder is replaced after its share of images', async (t) => {
  const pool = openPool(t, { recycleAfter: 2 });
  const jpeg = await makeJpeg();
  const [first] = pool.pids();
  await pool.inspect(task(jpeg, jpeg.length));
  await pool.inspect(task(jpeg, jpeg.length));
  await pool.inspect(task(jpeg, jpeg.length));
  t.notSame(pool.pids(), [first]);
});

t.test(
  'a decoder has a memory limit and no secrets',
  { skip: process.platform !== 'linux' && 'Linux only' },
  async (t) => {
    process.env.DATABASE_URL = 'postgres://secret';
    const pool = openPool(t);
    const jpeg = await makeJpeg();
    await pool.inspect(task(jpeg, jpeg.length));
    const [pid] = pool.pids();
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    const code = takenForCode();
    t.match(limits, new RegExp(`Max address space +${Math.floor((1.5 * GIBIBYTE + code) / 1024) * 1024} `));
    const dataBytes = Number(/Max data size +(\d+)/.exec(limits)?.[1]);
    t.ok(dataBytes - code < 240 * 1024 ** 2, 'what it can fill by itself is far less');
    t.notMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /DATABASE_URL|postgres:/);
  },
);

t.test('what ended shortly before the pool closed is not replaced shortly after', async (t) => {
  const pool = openPool(t);
  const jpeg = await makeJpeg();
  await pool.inspect(task(jpeg, jpeg.length));
  const killed = pool.pids()[0] as number;
  process.kill(killed, 'SIGKILL');
  await eventually(async () => !pool.pids().includes(killed));
  pool.close();
  await new Promise((resolve) => setTimeout(resolve, 700));
  t.same(pool.pids(), []);
});

t.test('close ends every process', async (t) => {
  const pool = openPool(t, { size: 3 });
  const pids = pool.pids();
  t.equal(pids.length, 3);
  pool.close();
  await eventually(async () => pool.pids().length === 0);
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
