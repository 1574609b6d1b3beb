import t from 'tap';
import { readPnm } from '../../../src/image/formats/pnm.ts';
import { bearsCuts, bearsNoise, codes, join, readWith, zeros } from './byte-builder.ts';

const pam = (type: string, depth: number, maxval = 255) =>
  `P7\n# made by hand\nWIDTH 3\nHEIGHT 2\nDEPTH ${depth}\nMAXVAL ${maxval}\n${type}ENDHDR\n`;

const gray = { color: { model: 'gray' } };
const rgb = { color: { model: 'rgb' } };
const IMAGES: [name: string, header: string, pixels: number, image: object, more: object][] = [
  [
    'PBM',
    'P4\n9 2\n',
    4,
    { bitDepth: 1, channels: 1, hasAlpha: false },
    { ...gray, mimeType: 'image/x-portable-bitmap' },
  ],
  ['PGM', 'P5 3 2 255\n', 6, { bitDepth: 8, channels: 1 }, { ...gray, mimeType: 'image/x-portable-graymap' }],
  ['PGM of two bytes', 'P5\n3\n2\n65535\n', 12, { bitDepth: 16, channels: 1 }, gray],
  ['PGM of less than a byte, stored in one', 'P5 3 2 15\n', 6, { bitDepth: 8 }, gray],
  [
    'PPM',
    'P6\t3\r2\v255 ',
    18,
    { bitDepth: 8, channels: 3 },
    { ...rgb, mimeType: 'image/x-portable-pixmap' },
  ],
  ['PPM of two bytes', 'P6 3 2 256\n', 36, { bitDepth: 16, channels: 3 }, rgb],
  ['a comment before the pixels', 'P5 3 2 255#\n', 6, { storedWidth: 3 }, gray],
  [
    'PAM',
    pam('TUPLTYPE RGB_ALPHA\n', 4),
    24,
    { bitDepth: 8, channels: 4, hasAlpha: true },
    { ...rgb, mimeType: 'image/x-portable-arbitrarymap', blocks: { texts: [['Comment', 'made by hand']] } },
  ],
  [
    'gray PAM',
    pam('TUPLTYPE GRAYSCALE\n', 1, 1000),
    12,
    { bitDepth: 16, channels: 1, hasAlpha: false },
    gray,
  ],
  [
    'black and white PAM',
    pam('TUPLTYPE BLACKANDWHITE_ALPHA\n', 2, 1),
    12,
    { bitDepth: 8, hasAlpha: true },
    gray,
  ],
  ['CMYK PAM', pam('TUPLTYPE CMYK\n', 4), 24, { channels: 4, hasAlpha: false }, { color: { model: 'cmyk' } }],
  [
    'PAM of a type in two lines, and of a meaning unknown',
    pam('TUPLTYPE RGB\nTUPLTYPE and heat\n', 4),
    24,
    { channels: 4, hasAlpha: undefined },
    { color: { model: undefined } },
  ],
  [
    'PAM without a type',
    pam('', 3),
    18,
    { channels: 3, hasAlpha: undefined },
    { color: { model: undefined } },
  ],
  [
    'PFM',
    'PF\n3 2\n-1.0\n',
    72,
    { bitDepth: 32, channels: 3, hasAlpha: false },
    { ...rgb, mimeType: 'image/x-pfm', encoding: { byteOrder: 'little-endian' } },
  ],
  [
    'gray PFM',
    'Pf 3 2 2.5e-1\n',
    24,
    { bitDepth: 32, channels: 1 },
    { ...gray, encoding: { byteOrder: 'big-endian' } },
  ],
];

for (const [name, head, pixels, image, more] of IMAGES) {
  t.test(name, async (t) => {
    const file = join(head, zeros(pixels));
    const header = readWith(readPnm, file);
    const storedWidth = head.startsWith('P4') ? 9 : 3;
    t.match(header, {
      image: { storedWidth, storedHeight: 2, pages: 1, ...image },
      ...more,
      truncated: undefined,
    });
    t.match(header, {
      end: file.length,
      formatVersion: head.slice(0, 2),
      compression: { method: 'none', lossless: true },
      encoding: { process: 'raw', codec: 'pnm' },
      warnings: [],
    });
    t.match(readWith(readPnm, file.subarray(0, -1)), {
      truncated: true,
      end: undefined,
      image: { storedWidth },
    });
    t.equal(readWith(readPnm, join(file, 'more')).end, file.length);
  });
}

const PLAIN: [name: string, text: string, image: object, truncated?: boolean][] = [
  ['PBM', 'P1\n# one\n#two\n3 2\n101\n010', { storedWidth: 3, bitDepth: 1, channels: 1 }],
  ['PGM', 'P2 3 2 255 1 2 3 4 5 6', { bitDepth: 8, channels: 1 }],
  ['PPM', 'P3 1 1 65535 0 0 0', { bitDepth: 16, channels: 3 }],
  ['PGM that can not be whole', 'P2 3 2 255 1 2 3 4 5', { storedWidth: 3 }, true],
  ['PBM that can not be whole', 'P1 3 2 10101', { storedWidth: 3 }, true],
];

for (const [name, text, image, truncated] of PLAIN) {
  t.test(`plain ${name}`, async (t) => {
    const header = readWith(readPnm, Buffer.from(text));
    t.match(header, {
      image: { ...image, pages: 1, hasAlpha: false },
      encoding: { process: 'plain' },
      end: undefined,
      truncated,
    });
  });
}

t.test('comments', async (t) => {
  const { blocks } = readWith(readPnm, Buffer.from('P1\n# one\n#two é\n3 2\n101\n010'));
  t.same(blocks.texts, [
    ['Comment', 'one'],
    ['Comment', 'two é'],
  ]);
  const long = readWith(readPnm, Buffer.from(`P5 #${'x'.repeat(50_000)}\n3 2 255\n`));
  t.equal(long.blocks.texts?.[0]?.[1].length, 8192);
  t.equal(long.image.storedWidth, 3);
});

t.test('images one behind the other', async (t) => {
  const one = join('P5 3 2 255\n', zeros(6));
  const other = join('P5 1 1 255\n', zeros(1));
  const file = join(one, other, one);
  t.match(readWith(readPnm, file), { image: { pages: 3, storedWidth: 3 }, end: file.length });
  t.match(readWith(readPnm, file.subarray(0, -1)), { image: { pages: 3 }, truncated: true, end: 30 - 1 });
  t.match(
    readWith(readPnm, join(one, 'P6 1 1 255\n', zeros(3))),
    { image: { pages: 1 }, end: one.length },
    'of another kind',
  );
  t.match(readWith(readPnm, join(one, 'P5 is no image')), { image: { pages: 1 }, end: one.length });
  t.match(readWith(readPnm, join(one, 'P5 1')), {
    image: { pages: 1 },
    end: one.length,
    truncated: undefined,
  });
  const many = readWith(readPnm, join(...Array.from({ length: 1001 }, () => other)));
  t.equal(many.image.pages, 1000);
  t.same(codes(many), ['WALK_LIMIT']);
  const float = join('Pf 1 1 1\n', zeros(4));
  t.match(readWith(readPnm, join(float, float)), { image: { pages: 1 }, end: float.length }, 'PFM has one');
});

t.test('what can not be', async (t) => {
  const broken = [
    'P5 0 2 255\n',
    'P5 -3 2 255\n',
    'P5 3 2 70000\n',
    'P5 3 2 1.5\n',
    'P6 three 2 255\n',
    'PF 1 1 0\n',
    'P6 99999999999999999999 1 255\n',
    'P7\nWIDTH 3\nENDHDR\n',
    `P7\n${'A b\n'.repeat(1001)}`,
    `P6${' '.repeat(70_000)}3 2 255\n`,
  ];
  for (const text of broken) {
    const header = readWith(readPnm, Buffer.from(text));
    t.equal(header.image.storedWidth, undefined, text.slice(0, 40));
    t.same(codes(header), ['HEADER_MALFORMED'], text.slice(0, 40));
  }
  t.equal(readWith(readPnm, Buffer.from('P6 999999999 999999999 255\n')).truncated, true);
});

t.test('cut and wrong', async (t) => {
  for (const file of [join('P6\n# a\n3 2\n255\n', zeros(18)), join(pam('TUPLTYPE RGB\n', 3), zeros(18))]) {
    bearsCuts(t, readPnm, file);
    bearsNoise(t, readPnm, file);
  }
});
