// Rendering as the worker does it: in processes of their own, which may die.
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createLogger, readEnvironment } from '@tintype/core';
import t, { type Test } from 'tap';
import { sharp } from '../src/image/harden.ts';
import { openRenderer, rendererSettings } from '../src/renderer.ts';
import { eventually, makeJpeg } from './worker-setup.ts';

function open(t: Test, env: NodeJS.ProcessEnv = {}) {
  const renderer = openRenderer(readEnvironment(rendererSettings, { RENDERERS: '1', ...env }), {
    log: createLogger({ name: 'test', level: 'silent' }),
    onBroken: () => t.fail('renderers do not start'),
  });
  t.teardown(() => renderer.close());
  return renderer;
}

const task = (body: Buffer, transform = {}) => ({ body, bodyBytes: body.length, transform });

t.test('one picture after another, from memory and from a stream', async (t) => {
  const renderer = open(t, { RENDERERS: '2' });
  t.same(renderer.pids(), [], 'none is started before it is needed');
  const jpeg = await makeJpeg();
  const made = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const body = index % 2 === 0 ? jpeg : Readable.from([jpeg.subarray(0, 99), jpeg.subarray(99)]);
      const wish = { body, bodyBytes: jpeg.length, transform: { width: index + 1, format: 'png' as const } };
      return renderer.render({ ...wish, file: { format: 'jpeg' } });
    }),
  );
  for (const [index, { bytes, ...facts }] of made.entries()) {
    t.match(facts, { format: 'png', width: index + 1 });
    t.match(await sharp(bytes).metadata(), { format: 'png', width: index + 1, height: facts.height });
  }
  t.equal(renderer.pids().length, 2);
});

t.test('a picture larger than a pipe comes whole', async (t) => {
  const renderer = open(t);
  const noise = {
    create: {
      width: 2000,
      height: 1000,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  } as const;
  const png = await sharp(noise).png({ compressionLevel: 1 }).toBuffer();
  const { bytes } = await renderer.render(task(png, { format: 'png', flip: 'vertical' }));
  t.ok(bytes.length > 4_000_000, `${bytes.length} bytes`);
  const wanted = await sharp(png).flip().raw().toBuffer();
  t.ok(wanted.equals(await sharp(bytes).raw().toBuffer()));
});

t.test('errors of the picture leave the process alive', async (t) => {
  const renderer = open(t, { MAX_RENDER_PIXELS: '100' });
  const jpeg = await makeJpeg();
  await renderer.render(task(jpeg, { width: 5 }));
  const pids = renderer.pids();
  await t.rejects(renderer.render(task(jpeg)), { code: 'PICTURE_TOO_LARGE', retryable: false });
  await t.rejects(renderer.render(task(Buffer.from('<svg/>'))), { code: 'NOT_RENDERABLE' });
  await t.rejects(renderer.render(task(jpeg.subarray(0, jpeg.length - 200), { width: 5 })), {
    code: 'IMAGE_UNREADABLE',
  });
  t.match(await renderer.render(task(jpeg, { width: 5 })), { width: 5 });
  t.same(renderer.pids(), pids);
});

t.test('a picture that ends its process harms no other', async (t) => {
  const renderer = open(t);
  const jpeg = await makeJpeg();
  await renderer.render(task(jpeg));
  const [pid = 0] = renderer.pids();
  process.kill(pid, 'SIGSTOP');
  const [doomed, next] = [renderer.render(task(jpeg)), renderer.render(task(jpeg, { width: 7 }))];
  process.kill(pid, 'SIGKILL');
  await t.rejects(doomed, { code: 'DECODER_CRASHED' });
  t.match(await next, { width: 7 });
});

t.test('one that outlasts its process harms no other', async (t) => {
  const renderer = open(t, { RENDER_TIMEOUT_MS: '1500' });
  const jpeg = await makeJpeg();
  await renderer.render(task(jpeg));
  const [pid = 0] = renderer.pids();
  process.kill(pid, 'SIGSTOP');
  const [late, next] = [renderer.render(task(jpeg)), renderer.render(task(jpeg, { width: 7 }))];
  await t.rejects(late, { code: 'DECODER_TIMEOUT' });
  t.match(await next, { width: 7 });
});

t.test('a stream that breaks off', async (t) => {
  const renderer = open(t);
  const jpeg = await makeJpeg();
  const short = { body: Readable.from([jpeg.subarray(0, 50)]), bodyBytes: jpeg.length, transform: {} };
  await t.rejects(renderer.render(short), { code: 'ORIGINAL_CORRUPT' });
  t.match(await renderer.render(task(jpeg, { width: 7 })), { width: 7 });
});

t.test('a process is replaced after its share', async (t) => {
  const renderer = open(t, { RENDERER_RECYCLE_AFTER: '2' });
  const jpeg = await makeJpeg();
  await renderer.render(task(jpeg));
  const pids = renderer.pids();
  await renderer.render(task(jpeg));
  await renderer.render(task(jpeg));
  t.notSame(renderer.pids(), pids);
});

t.test('limits and no secrets', { skip: process.platform !== 'linux' && 'Linux only' }, async (t) => {
  process.env.DATABASE_URL = 'postgres://secret';
  const renderer = open(t, { RENDERER_MEMORY_BYTES: '1610612736' });
  await renderer.render(task(await makeJpeg()));
  const [pid] = renderer.pids();
  const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
  t.match(limits, /Max address space +1610612736/);
  t.match(limits, /Max data size +536870912/);
  t.notMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /DATABASE_URL|postgres:/);
});

t.test('close ends every process', async (t) => {
  const renderer = open(t, { RENDERERS: '2' });
  await renderer.render(task(await makeJpeg()));
  const pids = renderer.pids();
  t.equal(pids.length, 2);
  await renderer.close();
  await eventually(async () => renderer.pids().length === 0);
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
