import t from 'tap';
import { readMrw } from '../../../src/image/formats/mrw.ts';
import { ASCII, SHORT, tiff } from '../tiff-builder.ts';
import { be16, be32, bearsCuts, bearsNoise, join, le16, le32, readWith, zeros } from './byte-builder.ts';

const exif = tiff([
  [
    [0x010f, ASCII, 'Minolta'],
    [0x0112, SHORT, [6]],
  ],
]);
const sensor = (u16: typeof be16) => join('27200001', u16(2456, 3272, 2448, 3264), 12, 12, 0x59, zeros(5));
const blocks = (u32: typeof be32, u16: typeof be16) =>
  join('\0PRD', u32(24), sensor(u16), '\0TTW', u32(exif.length), exif, '\0PAD', u32(4), zeros(4));
const mrw = (name = '\0MRM', u32 = be32, u16 = be16) =>
  join(name, u32(blocks(u32, u16).length), blocks(u32, u16), 'samples');

t.test('the sensor, and the picture in it as it is turned', async (t) => {
  const header = readWith(readMrw, mrw());
  t.match(header.image, { storedWidth: 3272, storedHeight: 2456, displayWidth: 2448, displayHeight: 3264 });
  t.match(header.image, { orientation: 6, bitDepth: 12, channels: 1, pages: 1 });
  t.match(header, { compression: { method: 'none', lossless: true }, color: { model: 'cfa' } });
  t.same(Buffer.from(header.blocks.exif ?? []), exif);
});

t.test('little-endian', async (t) => {
  const header = readWith(readMrw, mrw('\0MRI', le32, le16));
  t.match(header, { image: { storedWidth: 3272 }, encoding: { byteOrder: 'little-endian' } });
});

t.test('cut files and wrong bytes', async (t) => {
  bearsCuts(t, readMrw, mrw());
  bearsNoise(t, readMrw, mrw());
});
