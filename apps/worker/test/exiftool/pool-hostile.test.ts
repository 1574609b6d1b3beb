import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import t from 'tap';
import { JPEG, MEBIBYTE, makeJpeg, openPool, skip, skipButLinux, tagsOf, untilGone } from './pool-setup.ts';

t.test('a process that is killed costs the one file that it was reading', { skip }, async (t) => {
  const pool = openPool(t);
  const jpeg = await makeJpeg();
  await pool.read(jpeg, JPEG);
  const [pid = 0] = pool.pids();
  process.kill(pid, 'SIGSTOP');
  const doomed = pool.read(jpeg, JPEG);
  const others = Promise.all([pool.read(jpeg, JPEG), pool.read(jpeg, JPEG)]);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  process.kill(pid, 'SIGKILL');
  t.same(await doomed, { failed: 'crashed' });
  for (const answer of await others) t.equal(tagsOf(answer)['File:ImageWidth'], '64');
  t.notSame(pool.pids(), [pid]);
});

t.test('what takes too long is ended, and the next file finds a new process', { skip }, async (t) => {
  const pool = openPool(t, { timeoutMs: 3000 });
  const jpeg = await makeJpeg();
  await pool.read(jpeg, JPEG);
  const [pid = 0] = pool.pids();
  process.kill(pid, 'SIGSTOP');
  t.same(await pool.read(jpeg, JPEG), { failed: 'timeout' });
  t.match(tagsOf(await pool.read(jpeg, JPEG)), { 'File:ImageWidth': '64' });
  await untilGone([pid]);
});

t.test('a deadline of a millisecond is kept', { skip }, async (t) => {
  const pool = openPool(t, { timeoutMs: 1 });
  t.same(await pool.read(await makeJpeg(), JPEG), { failed: 'timeout' });
});

/** One grey pixel and a comment of `bytes` blanks. */
function pngBomb(bytes: number): Buffer {
  const chunk = (type: string, ...data: Buffer[]) => {
    const body = Buffer.concat(data);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, Buffer.from(type, 'latin1'), body, Buffer.alloc(4)]);
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])),
    chunk('zTXt', Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(bytes, ' '), { level: 1 })),
    chunk('IDAT', deflateSync(Buffer.alloc(2))),
    chunk('IEND'),
  ]);
}

t.test(
  'a file that wants more memory than allowed ends its process alone',
  { skip: skipButLinux },
  async (t) => {
    const pool = openPool(t, { memoryBytes: 200 * MEBIBYTE });
    const [bomb, jpeg] = await Promise.all([
      pool.read(pngBomb(150 * MEBIBYTE), { format: 'png' }),
      pool.read(await makeJpeg(), JPEG),
    ]);
    t.same(bomb, { failed: 'memory' });
    t.match(tagsOf(jpeg), { 'File:ImageWidth': '64' });
  },
);

t.test('an answer that nobody could read is not waited for', { skip }, async (t) => {
  const pool = openPool(t, { memoryBytes: 1024 * MEBIBYTE });
  t.same(await pool.read(pngBomb(8 * MEBIBYTE), { format: 'png' }), { failed: 'too-long' });
  t.match(tagsOf(await pool.read(await makeJpeg(), JPEG)), { 'File:ImageWidth': '64' });
});

t.test(
  'a process has a memory limit, writes no file and knows no secret',
  { skip: skipButLinux },
  async (t) => {
    process.env.DATABASE_URL = 'postgres://secret';
    const pool = openPool(t);
    await pool.read(await makeJpeg(), JPEG);
    const [pid] = pool.pids();
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    t.match(limits, new RegExp(`Max address space +${350 * MEBIBYTE} `));
    t.match(limits, /Max file size +0 /);
    t.notMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /DATABASE_URL|HOME=|PERL5/);
  },
);

t.test('nobody’s configuration is run', { skip }, async (t) => {
  const home = t.testdir({ '.ExifTool_config': 'print STDOUT "[{}]"; exit 0;' });
  const { HOME, EXIFTOOL_HOME } = process.env;
  t.teardown(() => {
    process.env.HOME = HOME;
    if (EXIFTOOL_HOME === undefined) delete process.env.EXIFTOOL_HOME;
  });
  Object.assign(process.env, { HOME: home, EXIFTOOL_HOME: home });
  const pool = openPool(t);
  t.match(tagsOf(await pool.read(await makeJpeg(), JPEG)), { 'File:ImageWidth': '64' });
});

t.test('a worker that is killed leaves no process behind', { skip }, async (t) => {
  const home = t.testdir({ 'image.jpg': await makeJpeg() });
  const image = path.join(home, 'image.jpg');
  const script = `
    import { readFileSync } from 'node:fs';
    import { createExifToolPool } from ${JSON.stringify(new URL('../../src/exiftool/pool.js', import.meta.url).href)};
    const log = { info() {}, warn() {}, error() {} };
    const pool = createExifToolPool({ processes: 1, timeoutMs: 60_000, memoryBytes: 350 * 1024 ** 2, recycleAfter: 9, log });
    const jpeg = readFileSync(${JSON.stringify(image)});
    await pool.read(jpeg, { format: 'jpeg' });
    const [pid] = pool.pids();
    // In the middle of a file, and deaf to everything but the watchman.
    process.kill(pid, 'SIGSTOP');
    void pool.read(jpeg, { format: 'jpeg' });
    console.log(pid);`;
  const worker = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: home },
  });
  let printed = '';
  for await (const text of worker.stdout) {
    printed += text;
    if (printed.endsWith('\n')) break;
  }
  const pid = Number(printed);
  t.ok(process.kill(pid, 0), 'it lives as long as its worker');
  worker.kill('SIGKILL');
  await untilGone([pid]);
});
