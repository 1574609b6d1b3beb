import t from 'tap';
import { readHdr } from '../../../src/image/formats/hdr.ts';
import { bearsCuts, bearsNoise, codes, join, readWith, zeros } from './byte-builder.ts';

const RGBE = '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n';
/** 3 rows of 10 pixels, in the newer way: four runs of each row. */
const rows = join(...Array.from({ length: 3 }, () => [2, 2, 0, 10, 138, 0, 138, 0, 138, 0, 138, 0]));
const whole = join(RGBE, '-Y 3 +X 10\n', rows);

t.test('pixels of a common exponent', async (t) => {
  t.match(readWith(readHdr, whole), {
    image: { storedWidth: 10, storedHeight: 3, channels: 3, hasAlpha: false, orientation: 1, pages: 1 },
    encoding: { codec: 'hdr', profile: 'rgbe' },
    color: { model: 'rgb', transfer: 'linear' },
    compression: { method: 'rle', lossless: true },
    end: undefined,
    truncated: undefined,
    warnings: [],
  });
});

t.test('CIE’s colours', async (t) => {
  const header = readWith(readHdr, join('#?RGBE\nFORMAT=32-bit_rle_xyze\n\n-Y 3 +X 10\n', rows));
  t.match(header, { encoding: { profile: 'xyze' }, color: { model: 'xyz' } });
  const silent = readWith(readHdr, join('#?RGBE\n\n-Y 3 +X 10\n', rows));
  t.match(silent, {
    encoding: { profile: undefined },
    color: { model: undefined },
    image: { storedWidth: 10 },
  });
});

const ORDERS: [line: string, storedWidth: number, storedHeight: number, orientation: number][] = [
  ['-Y 3 +X 10', 10, 3, 1],
  ['-Y 3 -X 10', 10, 3, 2],
  ['+Y 3 -X 10', 10, 3, 3],
  ['+Y 3 +X 10', 10, 3, 4],
  ['+X 3 -Y 10', 10, 3, 5],
  ['-X 3 -Y 10', 10, 3, 6],
  ['-X 3 +Y 10', 10, 3, 7],
  ['+X 3 +Y  10 ', 10, 3, 8],
];

for (const [line, storedWidth, storedHeight, orientation] of ORDERS) {
  t.test(`rows and columns: ${line}`, async (t) => {
    t.match(readWith(readHdr, join(RGBE, line, '\n', rows)).image, {
      storedWidth,
      storedHeight,
      orientation,
    });
  });
}

t.test('how rows are stored is told by their bytes', async (t) => {
  const flat = join(RGBE, '-Y 2 +X 4\n', zeros(32));
  t.match(readWith(readHdr, flat), { compression: { method: 'none', lossless: true }, end: flat.length });
  t.match(readWith(readHdr, join(flat, 'more')), { end: flat.length });
  const older = join(RGBE, '-Y 2 +X 4\n', [9, 9, 9, 130, 1, 1, 1, 7]);
  t.match(readWith(readHdr, older), { compression: { method: 'rle' }, end: undefined });
});

t.test('what the programs wrote', async (t) => {
  const lines =
    '#?RADIANCE\n# by hand\nrpict -vf a.vf\npfilt -x 10\nEXPOSURE= 2.5\nFORMAT=32-bit_rle_rgbe\nVIEW=-vtv -vp 1 2\n\n';
  t.same(readWith(readHdr, join(lines, '-Y 3 +X 10\n', rows)).blocks.texts, [
    ['Comment', 'by hand'],
    ['Command', 'rpict -vf a.vf'],
    ['Command', 'pfilt -x 10'],
    ['EXPOSURE', '2.5'],
    ['VIEW', '-vtv -vp 1 2'],
  ]);
  const long = readWith(readHdr, join(`#?RGBE\n# ${'x'.repeat(100_000)}\n\n-Y 3 +X 10\n`, rows));
  t.equal(long.blocks.texts?.[0]?.[1].length, 4094);
  t.equal(long.image.storedWidth, 10);
});

t.test('what can not be', async (t) => {
  for (const line of ['3 by 10', '-Y 3 +Y 10', '-Y three +X ten', '-Y 99999999999 +X 1']) {
    const header = readWith(readHdr, join(RGBE, line, '\n', rows));
    t.equal(header.image.storedWidth, undefined, line);
    t.same(codes(header), ['HEADER_MALFORMED'], line);
  }
  t.same(codes(readWith(readHdr, join(`#?RGBE\n${'#\n'.repeat(1001)}\n-Y 3 +X 10\n`, rows))), ['WALK_LIMIT']);
});

t.test('cut and wrong', async (t) => {
  bearsCuts(t, readHdr, whole);
  bearsNoise(t, readHdr, whole);
  t.match(readWith(readHdr, whole.subarray(0, RGBE.length + 11)), {
    truncated: true,
    image: { storedWidth: 10 },
  });
});
