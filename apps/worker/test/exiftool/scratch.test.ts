import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { openScratch, removeLeftovers, ScratchError } from '../../src/exiftool/scratch.ts';

t.test('files are private, named here, and go when they are dropped', async (t) => {
  const parent = t.testdir();
  const scratch = await openScratch(parent);
  t.equal((await stat(scratch.folder)).mode & 0o777, 0o700);
  const name = await scratch.write(Buffer.from('abc'), { extension: 'jpg' });
  t.match(name, /^\.\/[0-9a-f-]{36}\.jpg$/);
  const file = path.join(scratch.folder, name);
  t.equal((await stat(file)).mode & 0o777, 0o600);
  t.equal(await readFile(file, 'utf8'), 'abc');
  const streamed = await scratch.write(Readable.from([Buffer.from('ab'), Buffer.from('cd')]), {
    extension: 'png',
  });
  t.equal(await readFile(path.join(scratch.folder, streamed), 'utf8'), 'abcd');
  await scratch.drop(name);
  t.same(await readdir(scratch.folder), [path.basename(streamed)]);
  await scratch.remove();
  t.same(await readdir(parent), []);
});

t.test('nothing is left of a stream that breaks off', async (t) => {
  const scratch = await openScratch(t.testdir());
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('abc');
      throw new Error('broken off');
    })(),
  );
  await t.rejects(scratch.write(broken, { extension: 'jpg' }), { name: 'Error', message: 'broken off' });
  t.same(await readdir(scratch.folder), []);
  await scratch.remove();
});

t.test('a disk that takes no file is told apart', async (t) => {
  const scratch = await openScratch(t.testdir());
  await scratch.remove();
  await t.rejects(scratch.write(Buffer.from('abc'), { extension: 'jpg' }), ScratchError);
});

t.test('leftovers of killed workers are removed after an hour, and nothing else', async (t) => {
  const now = Date.now();
  const parent = t.testdir({ elsewhere: { 'keep.txt': 'kept' } });
  const make = async (name: string, ageMs: number) => {
    const folder = path.join(parent, name);
    await mkdir(folder);
    await writeFile(path.join(folder, 'a.jpg'), 'a');
    const at = new Date(now - ageMs);
    await utimes(folder, at, at);
  };
  await make('tintype-exiftool-old123', 3_700_000);
  await make('tintype-exiftool-new123', 3_500_000);
  await make('tintype-exiftool-other', 9_000_000);
  await symlink(path.join(parent, 'elsewhere'), path.join(parent, 'tintype-exiftool-linked'));
  await removeLeftovers(parent, now);
  t.same((await readdir(parent)).sort(), [
    'elsewhere',
    'tintype-exiftool-linked',
    'tintype-exiftool-new123',
    'tintype-exiftool-other',
  ]);
  await removeLeftovers(path.join(parent, 'not there'), now);
});
