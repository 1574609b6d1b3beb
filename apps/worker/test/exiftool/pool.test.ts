import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import t from 'tap';
import { JPEG, MEBIBYTE, makeJpeg, openPool, skip, skipButLinux, tagsOf, untilGone } from './pool-setup.ts';

t.test('each file gets its own answer, from memory and from a stream', { skip }, async (t) => {
  const pool = openPool(t, { processes: 2 });
  const widths = Array.from({ length: 20 }, (_, index) => 10 + index);
  const jpegs = await Promise.all(widths.map(makeJpeg));
  const answers = await Promise.all(
    jpegs.map((jpeg, index) =>
      pool.read(index % 2 === 0 ? jpeg : Readable.from([jpeg.subarray(0, 99), jpeg.subarray(99)]), JPEG),
    ),
  );
  t.same(
    answers.map((answer) => tagsOf(answer)['File:ImageWidth']),
    widths.map(String),
  );
  t.match(answers[0], { version: /^\d+\.\d+$/ });
  t.equal(pool.pids().length, 2);
});

t.test('texts stay texts, and nothing tells where the file lay', { skip }, async (t) => {
  const pool = openPool(t);
  const tags = tagsOf(await pool.read(await makeJpeg(), { format: 'jpeg', extension: '-config' }));
  t.equal(tags['EXIF:IFD0:Software'], '1.10');
  t.match(tags.SourceFile, /^\.\/[0-9a-f-]{36}\.jpg$/);
  const text = JSON.stringify(tags);
  t.notMatch(text, tmpdir());
  t.notMatch(text, /System|Directory|FileModifyDate/);
});

t.test('a text that looks like the end of an answer does not end it', { skip }, async (t) => {
  const pool = openPool(t);
  const comment = Buffer.from('a\n{ready2}\n{ready3}\n"}]\n{ready2}\n');
  const segment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment]);
  const jpeg = await makeJpeg();
  const crafted = Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
  const [first, second] = await Promise.all([pool.read(crafted, JPEG), pool.read(await makeJpeg(77), JPEG)]);
  t.match(tagsOf(first), { 'File:Comment': comment.toString(), 'File:ImageWidth': '64' });
  t.match(tagsOf(second), { 'File:ImageWidth': '77' });
});

t.test('what ExifTool can not read is an answer too', { skip }, async (t) => {
  const pool = openPool(t);
  t.match(tagsOf(await pool.read(Buffer.alloc(0), JPEG)), { 'ExifTool:Error': 'File is empty' });
  t.equal(pool.pids().length, 1);
});

t.test('a process is replaced after its share of files', { skip }, async (t) => {
  const pool = openPool(t, { recycleAfter: 2 });
  const jpeg = await makeJpeg();
  await pool.read(jpeg, JPEG);
  const [first = 0] = pool.pids();
  await pool.read(jpeg, JPEG);
  await pool.read(jpeg, JPEG);
  t.notSame(pool.pids(), [first]);
  await untilGone([first]);
});

t.test('without Perl there is no ExifTool: found out once, and looked at again later', async (t) => {
  const { PATH } = process.env;
  const empty = t.testdir();
  t.teardown(() => {
    process.env.PATH = PATH;
  });
  process.env.PATH = empty;
  const pool = openPool(t, { retryAfterMs: 2000 });
  const jpeg = await makeJpeg();
  t.same(await Promise.all([pool.read(jpeg, JPEG), pool.read(Readable.from([jpeg]), JPEG)]), [
    { unavailable: true },
    { unavailable: true },
  ]);
  process.env.PATH = PATH;
  t.same(await pool.read(jpeg, JPEG), { unavailable: true }, 'not tried again so soon');
  t.same(pool.pids(), []);
  if (skip) return;
  await new Promise((resolve) => setTimeout(resolve, 2000));
  t.match(tagsOf(await pool.read(jpeg, JPEG)), { 'File:ImageWidth': '64' });
});

t.test('too little memory for Perl itself is no ExifTool either', { skip: skipButLinux }, async (t) => {
  const pool = openPool(t, { memoryBytes: 12 * MEBIBYTE });
  t.same(await pool.read(await makeJpeg(), JPEG), { unavailable: true });
});

t.test('a stream that breaks off is its own error, and the process goes on', { skip }, async (t) => {
  const pool = openPool(t);
  const jpeg = await makeJpeg();
  await pool.read(jpeg, JPEG);
  const pids = pool.pids();
  const broken = Readable.from(
    (async function* () {
      yield jpeg.subarray(0, 20);
      throw new Error('the store is away');
    })(),
  );
  await t.rejects(pool.read(broken, JPEG), { message: 'the store is away' });

  const early = new Readable({ read: () => undefined });
  early.destroy(new Error('gone before its turn'));
  await once(early, 'close').catch(() => undefined);
  await t.rejects(pool.read(early, JPEG), { message: 'gone before its turn' });
  t.match(tagsOf(await pool.read(jpeg, JPEG)), { 'File:ImageWidth': '64' });
  t.same(pool.pids(), pids);
});

t.test('close ends every process and leaves no file', { skip }, async (t) => {
  const { TMPDIR } = process.env;
  const folder = t.testdir();
  process.env.TMPDIR = folder;
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  const pool = openPool(t, { processes: 3 });
  const jpeg = await makeJpeg();
  const reads = Array.from({ length: 6 }, () => pool.read(jpeg, JPEG));
  await Promise.all(reads.slice(0, 3));
  const pids = pool.pids();
  t.equal(pids.length, 3);
  t.equal(readdirSync(folder).length, 1);
  await pool.close();
  t.same(pool.pids(), []);
  await untilGone(pids);
  await Promise.all(reads);
  t.same(readdirSync(folder), []);
  t.same(await pool.read(jpeg, JPEG), { unavailable: true });

  const unused = openPool(t);
  await unused.close();
  t.same(await unused.read(jpeg, JPEG), { unavailable: true });
  t.same(readdirSync(folder), []);
});
