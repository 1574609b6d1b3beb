import t from 'tap';
import type { Header } from '../../../../src/image/header.ts';
import { readHeader } from '../../../../src/image/read-header.ts';
import { type Field, LONG, SHORT, type TiffOptions, tiff } from '../../tiff-builder.ts';
import { jpeg, page, strip, without } from './tiff-page.ts';

const read = (fields: Field[], options?: TiffOptions): Header => readHeader(tiff([fields], options), 'tiff');

const SAMPLES: [string, Field[], Partial<Header['image']>, string | undefined][] = [
  ['white is zero', [[0x0106, SHORT, [0]]], { channels: 1, hasAlpha: false }, 'gray'],
  [
    'RGB',
    [
      [0x0106, SHORT, [2]],
      [0x0115, SHORT, [3]],
      [0x0102, SHORT, [8, 8, 8]],
    ],
    { bitDepth: 8, channels: 3, hasAlpha: false },
    'rgb',
  ],
  [
    'RGB 5-6-5',
    [
      [0x0106, SHORT, [2]],
      [0x0115, SHORT, [3]],
      [0x0102, SHORT, [5, 6, 5]],
    ],
    { bitDepth: 6 },
    'rgb',
  ],
  [
    'RGB without a count',
    [
      [0x0106, SHORT, [2]],
      [0x0102, SHORT, [16, 16, 16]],
    ],
    { bitDepth: 16, channels: 3 },
    'rgb',
  ],
  [
    'RGBA',
    [
      [0x0106, SHORT, [2]],
      [0x0115, SHORT, [4]],
      [0x0152, SHORT, [2]],
    ],
    { channels: 4, hasAlpha: true },
    'rgb',
  ],
  [
    'premultiplied',
    [
      [0x0106, SHORT, [2]],
      [0x0115, SHORT, [4]],
      [0x0152, SHORT, [1]],
    ],
    { hasAlpha: true },
    'rgb',
  ],
  [
    'alpha behind another',
    [
      [0x0106, SHORT, [2]],
      [0x0115, SHORT, [5]],
      [0x0152, SHORT, [0, 2]],
    ],
    { hasAlpha: true },
    'rgb',
  ],
  [
    'extra, of no meaning',
    [
      [0x0106, SHORT, [2]],
      [0x0115, SHORT, [4]],
      [0x0152, SHORT, [0]],
    ],
    { hasAlpha: false },
    'rgb',
  ],
  [
    'extra, not described',
    [
      [0x0106, SHORT, [2]],
      [0x0115, SHORT, [4]],
    ],
    { channels: 4, hasAlpha: undefined },
    'rgb',
  ],
  [
    'CMYK',
    [
      [0x0106, SHORT, [5]],
      [0x0115, SHORT, [4]],
    ],
    { channels: 4, hasAlpha: false },
    'cmyk',
  ],
  [
    'other inks',
    [
      [0x0106, SHORT, [5]],
      [0x0115, SHORT, [6]],
      [0x014c, SHORT, [2]],
    ],
    { channels: 6 },
    'inks',
  ],
  [
    'mask',
    [
      [0x0106, SHORT, [4]],
      [0x0102, SHORT, [1]],
    ],
    { bitDepth: 1 },
    'mask',
  ],
  [
    'CIELab',
    [
      [0x0106, SHORT, [8]],
      [0x0115, SHORT, [3]],
    ],
    { channels: 3 },
    'lab',
  ],
  [
    'ICCLab',
    [
      [0x0106, SHORT, [9]],
      [0x0115, SHORT, [3]],
    ],
    { channels: 3 },
    'lab',
  ],
  [
    'LogLuv',
    [
      [0x0106, SHORT, [32845]],
      [0x0115, SHORT, [3]],
    ],
    { channels: 3 },
    'logluv',
  ],
  ['an interpretation of nobody', [[0x0106, SHORT, [99]]], { channels: 1, hasAlpha: undefined }, undefined],
];

for (const [name, fields, image, model] of SAMPLES) {
  t.test(`samples: ${name}`, async (t) => {
    const header = read(page(...fields));
    t.match(header.image, image);
    t.equal(header.color.model, model);
  });
}

t.test('what is not written is 1: bits, samples, compression', async (t) => {
  const { image, compression } = read(without(page(), 0x0102, 0x0103));
  t.match(image, { bitDepth: 1, channels: 1 });
  t.match(compression, { method: 'none', lossless: true });
});

t.test('palette', async (t) => {
  const { color, image } = read(
    page([0x0106, SHORT, [3]], [0x0102, SHORT, [4]], [0x0140, SHORT, Array(48).fill(7)]),
  );
  t.same(color, { model: 'indexed', palette: { size: 16 } });
  t.match(image, { bitDepth: 4, channels: 1 });
});

const METHODS: [number, string | undefined, boolean | undefined][] = [
  [1, 'none', true],
  [2, 'ccitt-rle', true],
  [3, 'ccitt-t4', true],
  [4, 'ccitt-t6', true],
  [5, 'lzw', true],
  [6, 'jpeg-old', undefined],
  [7, 'jpeg', undefined],
  [8, 'deflate', true],
  [32773, 'packbits', true],
  [32809, 'thunderscan', true],
  [32946, 'deflate', true],
  [33005, 'jpeg2000', undefined],
  [34712, 'jpeg2000', undefined],
  [34887, 'lerc', undefined],
  [34892, 'jpeg', false],
  [34925, 'lzma', true],
  [50000, 'zstd', true],
  [50001, 'webp', undefined],
  [52546, 'jxl', undefined],
  [12345, undefined, undefined],
];

for (const [number, method, lossless] of METHODS) {
  t.test(`compression ${number}`, async (t) => {
    const { compression } = read(page([0x0103, SHORT, [number]]));
    t.equal(compression.method, method);
    t.equal(compression.lossless, lossless);
  });
}

t.test('predictor: where the method has one', async (t) => {
  const predictor = (...fields: Field[]) => read(page(...fields)).compression.predictor;
  t.equal(predictor([0x0103, SHORT, [5]], [0x013d, SHORT, [2]]), 'horizontal');
  t.equal(predictor([0x0103, SHORT, [8]], [0x013d, SHORT, [3]]), 'floating-point');
  t.equal(predictor([0x0103, SHORT, [8]]), 'none');
  t.equal(predictor([0x013d, SHORT, [2]]), undefined, 'uncompressed');
});

t.test('JPEG: the stream tells whether it is lossless, and how its chroma is sampled', async (t) => {
  const stored: Field[] = [
    [0x0103, SHORT, [7]],
    [0x0106, SHORT, [6]],
    [0x0115, SHORT, [3]],
    [0x0212, SHORT, [2, 2]],
  ];
  const lossy = read(page(...stored, ...strip(jpeg(0xc0, 4, 2, 3, 0x21))));
  t.match(lossy.compression, { method: 'jpeg', lossless: false });
  t.match(lossy.encoding, { codec: 'jpeg', chromaSubsampling: '4:2:2' });
  t.equal(lossy.color.model, 'ycbcr');
  const lossless = read(page(...stored, ...strip(jpeg(0xc3, 4, 2, 3))));
  t.equal(lossless.compression.lossless, true);
  t.equal(lossless.encoding.chromaSubsampling, '4:4:4');
});

const SUBSAMPLINGS: [Field[], string | undefined][] = [
  [[], '4:2:0'],
  [[[0x0212, SHORT, [1, 1]]], '4:4:4'],
  [[[0x0212, SHORT, [2, 1]]], '4:2:2'],
  [[[0x0212, SHORT, [4, 1]]], '4:1:1'],
  [[[0x0212, SHORT, [1, 2]]], '4:4:0'],
  [[[0x0212, SHORT, [3, 5]]], undefined],
];

for (const [fields, wanted] of SUBSAMPLINGS) {
  t.test(`chroma: ${JSON.stringify(fields[0]?.[2] ?? 'default')}`, async (t) => {
    t.equal(
      read(page([0x0106, SHORT, [6]], [0x0115, SHORT, [3]], ...fields)).encoding.chromaSubsampling,
      wanted,
    );
    t.equal(read(page([0x0106, SHORT, [2]], ...fields)).encoding.chromaSubsampling, undefined, 'of RGB none');
  });
}

t.test('tiles and floats', async (t) => {
  const tiles: Field[] = [
    [0x0142, SHORT, [16]],
    [0x0143, SHORT, [32]],
    [0x0144, LONG, { data: Buffer.alloc(9) }],
    [0x0145, LONG, [9]],
  ];
  const { encoding } = read([...without(page([0x0153, SHORT, [3]]), 0x0111, 0x0117), ...tiles]);
  t.same(encoding.tiling, { width: 16, height: 32 });
  t.equal(encoding.profile, 'float');
});
