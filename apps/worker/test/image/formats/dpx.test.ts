import t from 'tap';
import { readDpx } from '../../../src/image/formats/dpx.ts';
import {
  be16,
  be32,
  bearsCuts,
  bearsNoise,
  join,
  le16,
  le32,
  patched,
  readWith,
  zeros,
} from './byte-builder.ts';

function dpx(u16 = be16, u32 = be32, descriptor = 50): Buffer {
  return patched(
    zeros(2100),
    [0, u32(0x53445058)],
    [8, 'V1.0'],
    [16, u32(2100)],
    [770, join(u16(1), u32(70, 46))],
    [800, join(descriptor, 2, 2, 10, u16(1, 0))],
  );
}

t.test('in both byte orders', async (t) => {
  for (const [file, byteOrder] of [
    [dpx(), 'big-endian'],
    [dpx(le16, le32), 'little-endian'],
  ] as const) {
    t.match(readWith(readDpx, file), {
      formatVersion: 'V1.0',
      image: { storedWidth: 70, storedHeight: 46, bitDepth: 10, channels: 3, hasAlpha: false, pages: 1 },
      encoding: { byteOrder, codec: 'dpx', chromaSubsampling: undefined },
      compression: { method: 'none', lossless: true },
      color: { model: 'rgb' },
      end: 2100,
      truncated: undefined,
    });
  }
});

t.test('samples', async (t) => {
  t.match(readWith(readDpx, dpx(be16, be32, 51)).image, { channels: 4, hasAlpha: true });
  t.match(readWith(readDpx, dpx(be16, be32, 100)), {
    image: { channels: 3 },
    encoding: { chromaSubsampling: '4:2:2' },
    color: { model: 'ycbcr' },
  });
  t.match(readWith(readDpx, dpx(be16, be32, 150)).image, { channels: undefined, bitDepth: 10 });
  const several = readWith(readDpx, patched(dpx(), [770, be16(3)])).image;
  t.match(several, { storedWidth: 70, channels: undefined, bitDepth: undefined });
});

t.test('cut files and wrong bytes', async (t) => {
  t.equal(readWith(readDpx, dpx().subarray(0, 2000)).truncated, true);
  t.equal(readWith(readDpx, patched(dpx(), [16, be32(0xffffffff)])).end, undefined);
  bearsCuts(t, readDpx, dpx());
  bearsNoise(t, readDpx, dpx());
});
