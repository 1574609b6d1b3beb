import t from 'tap';
import { readCrw } from '../../../src/image/formats/crw.ts';
import { bearsCuts, bearsNoise, join, le16, le32, patched, readWith, zeros } from './byte-builder.ts';

/** Values, a directory of them, and where it is. */
function heap(...records: [type: number, value: Buffer][]): Buffer {
  let at = 0;
  const entries = records.map(([type, value]) => {
    const entry = join(le16(type), le32(value.length, at));
    at += value.length;
    return entry;
  });
  return join(...records.map(([, value]) => value), le16(records.length), ...entries, le32(at));
}

const image = (degrees = 0) => join(le32(2272, 1704), zeros(4), le32(degrees), zeros(12));
const sensor = join(le16(34, 2376, 1728), zeros(28));
const crw = (...records: [number, Buffer][]) =>
  join('II', le32(26), 'HEAPCCDR', zeros(12), heap([0x2005, zeros(9)], [0x300a, heap(...records)]));

t.test('the sensor and the picture in it', async (t) => {
  const header = readWith(readCrw, crw([0x1810, image()], [0x1031, sensor]));
  t.match(header.image, { storedWidth: 2376, storedHeight: 1728, displayWidth: 2272, displayHeight: 1704 });
  t.match(header.image, { orientation: 1, channels: 1, pages: 1 });
  t.match(header, { compression: { method: 'crw' }, encoding: { byteOrder: 'little-endian' } });
});

for (const [degrees, orientation] of [
  [90, 6],
  [180, 3],
  [-90, 8],
  [45, undefined],
] as const) {
  t.test(`turned by ${degrees}°`, async (t) => {
    const header = readWith(readCrw, crw([0x1810, image(degrees)], [0x1031, zeros(34)]));
    t.match(header.image, { storedWidth: 2272, storedHeight: 1704, orientation, displayWidth: undefined });
  });
}

t.test('heaps within heaps, and one that holds itself, come to an end', async (t) => {
  let inner = heap([0x1810, image()]);
  for (let depth = 0; depth < 20; depth += 1) inner = heap([0x2800, inner]);
  t.equal(readWith(readCrw, crw([0x2800, inner])).image.storedWidth, undefined);
  const file = crw([0x1810, image()]);
  const entry = file.length - 4 - 10;
  const looped = patched(file, [entry + 2, le32(file.length - 26, 0)]);
  t.equal(readWith(readCrw, looped).image.storedWidth, undefined);
});

t.test('cut files and wrong bytes', async (t) => {
  bearsCuts(t, readCrw, crw([0x1810, image()], [0x1031, sensor]));
  bearsNoise(t, readCrw, crw([0x1810, image()], [0x1031, sensor]));
});
