import sharp from 'sharp';
import t from 'tap';
import { readIco } from '../../../src/image/formats/ico.ts';
import { bearsCuts, bearsNoise, codes, join, le16, le32, patched, readWith, zeros } from './byte-builder.ts';

interface Picture {
  data: Buffer;
  /** As the directory says it; 0 is 256. */
  width: number;
  height?: number;
  bits?: number;
}

function icon(kind: 1 | 2, ...pictures: Picture[]): Buffer {
  let at = 6 + 16 * pictures.length;
  const entries = pictures.map(({ data, width, height = width, bits = 0 }) => {
    const entry = join([width, height, 0, 0], le16(1, bits), le32(data.length, at));
    at += data.length;
    return entry;
  });
  return join(le16(0, kind, pictures.length), ...entries, ...pictures.map(({ data }) => data));
}

/** Colours, and below them a mask. */
function dib(width: number, height: number, bits: number): Buffer {
  const row = (depth: number) => Math.ceil((width * depth) / 32) * 4;
  const palette = bits <= 8 ? 4 * 2 ** bits : 0;
  return join(
    le32(40, width, 2 * height),
    le16(1, bits),
    zeros(24),
    zeros(palette),
    zeros((row(bits) + row(1)) * height),
  );
}

const png = await sharp({ create: { width: 300, height: 200, channels: 4, background: '#1234' } })
  .png()
  .toBuffer();
const small: Picture = { data: dib(16, 16, 8), width: 16, bits: 8 };
const middle: Picture = { data: dib(32, 32, 4), width: 32, bits: 4 };
const deep: Picture = { data: dib(32, 32, 32), width: 32, bits: 32 };

const ICONS: [name: string, file: Buffer, image: object, more: object][] = [
  [
    'one picture',
    icon(1, small),
    { storedWidth: 16, storedHeight: 16, bitDepth: 8, channels: 1, hasAlpha: true, pages: 1 },
    { formatVersion: 'icon', mimeType: undefined, color: { model: 'indexed' }, encoding: { codec: 'bmp' } },
  ],
  [
    'the largest of three, and of two as large the deeper',
    icon(1, small, middle, deep),
    { storedWidth: 32, storedHeight: 32, bitDepth: 8, channels: 4, hasAlpha: true, pages: 3 },
    { compression: { method: 'none', lossless: true } },
  ],
  ['whatever their order', icon(1, deep, middle, small), { storedWidth: 32, channels: 4, pages: 3 }, {}],
  [
    'a PNG says how large it is',
    icon(1, { data: png, width: 0 }, small),
    { storedWidth: 300, storedHeight: 200, bitDepth: 8, channels: 4, hasAlpha: true, pages: 2 },
    { encoding: { codec: 'png' }, compression: { method: 'deflate' } },
  ],
  [
    'so does a bitmap, whatever the directory says',
    icon(1, { data: dib(48, 40, 24), width: 16 }),
    { storedWidth: 48, storedHeight: 40, bitDepth: 8, channels: 3, hasAlpha: true },
    {},
  ],
  [
    'a cursor',
    icon(2, { ...deep, bits: 9999 }, small),
    { storedWidth: 32, channels: 4, pages: 2 },
    { mimeType: 'image/x-cursor', formatVersion: 'cursor' },
  ],
];

for (const [name, file, image, more] of ICONS) {
  t.test(name, async (t) => {
    const header = readWith(readIco, file);
    t.match(header, { image, ...more, end: file.length, truncated: undefined });
    t.same(header.warnings, []);
  });
}

t.test('PNGs are compared by what they say', async (t) => {
  const create = { width: 400, height: 300, channels: 4 as const, background: '#1234' };
  const larger = await sharp({ create }).png().toBuffer();
  const shallow = await sharp({ create }).png({ palette: true }).toBuffer();
  const [one, other, third] = [png, larger, shallow].map((data) => ({ data, width: 0 })) as [
    Picture,
    Picture,
    Picture,
  ];
  for (const file of [icon(1, one, other, third), icon(1, third, one, other), icon(1, other, third, one)]) {
    t.match(readWith(readIco, file).image, { storedWidth: 400, storedHeight: 300, channels: 4, pages: 3 });
  }
});

t.test('where it ends', async (t) => {
  const file = icon(1, small);
  t.equal(readWith(readIco, join(file, 'more')).end, file.length);
  t.equal(
    readWith(readIco, patched(file, [14, le32(10)])).end,
    file.length,
    'a directory that says too little',
  );
  t.match(readWith(readIco, file.subarray(0, -1)), { truncated: true, image: { storedWidth: 16, pages: 1 } });
  const withoutMask = icon(1, { data: deep.data.subarray(0, -128), width: 32 });
  t.match(readWith(readIco, withoutMask), { truncated: undefined, end: withoutMask.length });
});

t.test('a picture outside of the file', async (t) => {
  const header = readWith(readIco, patched(icon(1, small), [18, le32(0xffffff00)]));
  t.match(header, {
    truncated: true,
    image: { storedWidth: 16, storedHeight: 16, pages: 1, bitDepth: undefined },
  });
  t.same(codes(header), ['HEADER_MALFORMED']);
});

t.test('what fits neither into the file nor to the directory is no bitmap', async (t) => {
  const odd = { data: dib(16, 16, 8).subarray(0, 60), width: 16, height: 5 };
  const wide = { ...odd, data: patched(odd.data, [4, le32(45072)]) };
  t.match(readWith(readIco, icon(1, small, wide)).image, { storedWidth: 16, storedHeight: 16, pages: 2 });
  const unstated = readWith(readIco, icon(1, small, { ...wide, width: 0 }));
  t.match(unstated.image, { storedWidth: 45072 }, 'the directory has no room for it');
});

t.test('a PNG that is cut says what it could', async (t) => {
  const file = icon(1, { data: png.subarray(0, 60), width: 0 });
  t.match(readWith(readIco, file).image, { storedWidth: 300, storedHeight: 200, pages: 1 });
});

t.test('no more than 1,000 pictures are looked at', async (t) => {
  const header = readWith(readIco, join(le16(0, 1, 0xffff), zeros(16 * 0xffff)));
  t.equal(codes(header)[0], 'WALK_LIMIT');
  t.equal(header.image.pages, 0xffff);
});

t.test('cut and wrong', async (t) => {
  const file = icon(1, small, { data: png, width: 0 });
  bearsNoise(t, readIco, file);
  bearsCuts(t, readIco, icon(1, small));
  t.match(readWith(readIco, file.subarray(0, 30)), { truncated: true, image: { storedWidth: 16, pages: 2 } });
});
