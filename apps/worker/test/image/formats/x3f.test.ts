import t from 'tap';
import { readX3f } from '../../../src/image/formats/x3f.ts';
import { bearsCuts, bearsNoise, join, le16, le32, readWith, zeros } from './byte-builder.ts';

const JPEG = join('\xff\xd8\xff\xe1\0\x10Exif\0\0MM\0*\0\0\0\x08\xff\xd9');

function x3f({ major = 2, degrees = 90, format = 18 } = {}): Buffer {
  const size = le32(2268, 1512, degrees);
  const head = join('FOVb', le16(2, major), zeros(20), major < 4 ? size : join(zeros(12), size), zeros(60));
  const image = join('SECi', le32(0x20000, 2, format, 8, 8, 24), JPEG);
  const directory = join('SECd', le32(0x20000, 1), le32(head.length, image.length), 'IMA2');
  return join(head, image, directory, le32(head.length + image.length));
}

for (const major of [2, 3, 4]) {
  t.test(`version ${major}`, async (t) => {
    const header = readWith(readX3f, x3f({ major }));
    t.match(header.image, { storedWidth: 2268, storedHeight: 1512, orientation: 6, channels: 3, pages: 1 });
    t.equal(header.formatVersion, `${major}.2`);
    t.equal(header.blocks.exif?.length, 8);
  });
}

t.test('without a JPEG there is no EXIF; an angle that is none turns nothing', async (t) => {
  const header = readWith(readX3f, x3f({ format: 11, degrees: 45 }));
  t.equal(header.blocks.exif, undefined);
  t.equal(header.image.orientation, undefined);
});

t.test('cut files and wrong bytes', async (t) => {
  bearsCuts(t, readX3f, x3f());
  bearsNoise(t, readX3f, x3f());
});
