// The images of the run are what the README says they are.
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import t from 'tap';
import { makeImages } from '../src/images.ts';
import { stampText } from '../src/multipart.ts';

t.test('distinct JPEGs of about 1 MP and 200 kB with EXIF and a stamp', async (t) => {
  const paths = await makeImages(t.testdir(), 2);
  const [one, two] = await Promise.all(paths.map((path) => readFile(path)));
  if (!one || !two) throw new Error('two images were asked for');
  t.notSame(one, two);
  t.ok(Math.abs(one.length - 200_000) < 20_000, `${one.length} bytes`);
  t.ok(one.includes(stampText));
  const { format, width, height, exif } = await sharp(one).metadata();
  t.match({ format, width, height }, { format: 'jpeg', width: 1152, height: 864 });
  t.ok(exif);
  t.equal((await sharp(one).stats()).channels.length, 3, 'it decodes to the end');
});
