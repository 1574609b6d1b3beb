import t from 'tap';
import { be16, be32, codes, join, zeros } from '../byte-builder.ts';
import { cod, codestream, comment, EOC, RGB, read, SOC, segment, siz, tilePart } from './jp2-builder.ts';

const HEADERS: [name: string, file: Uint8Array, expected: object][] = [
  [
    'gray, reversible',
    codestream(),
    {
      mimeType: 'image/x-j2c',
      image: { storedWidth: 20, storedHeight: 10, bitDepth: 8, channels: 1, hasAlpha: undefined, pages: 1 },
      encoding: { codec: 'jpeg2000', process: 'codestream', tiling: undefined },
      compression: { method: 'jpeg2000', filter: '5-3', lossless: undefined },
    },
  ],
  ['irreversible', codestream({}, cod(0)), { compression: { filter: '9-7', lossless: false } }],
  ['a filter of the second part', codestream({}, cod(7)), { compression: { filter: undefined } }],
  [
    'an image off the corner of the grid',
    codestream({ left: 7, top: 300 }),
    { image: { storedWidth: 20, storedHeight: 10 } },
  ],
  ['tiles', codestream({ tile: [8, 16] }), { encoding: { tiling: { width: 8, height: 16 } } }],
  ['signed samples of 12 bits', codestream({ components: [[0x80 + 11, 1, 1]] }), { image: { bitDepth: 12 } }],
  [
    'components of many depths',
    codestream({ components: [...RGB, [0, 1, 1]] }),
    { image: { bitDepth: 8, channels: 4 } },
  ],
  [
    'a depth that there is not',
    codestream({ components: [[0x7f, 1, 1]] }),
    { image: { bitDepth: undefined, channels: 1 } },
  ],
  [
    'a third component as wide',
    codestream({
      components: [
        [7, 1, 1],
        [7, 2, 1],
        [7, 2, 1],
      ],
    }),
    { encoding: { chromaSubsampling: '4:2:2' } },
  ],
  [
    'all components as small',
    codestream({
      components: [
        [7, 2, 2],
        [7, 2, 2],
        [7, 2, 2],
      ],
    }),
    { encoding: { chromaSubsampling: undefined } },
  ],
  [
    'steps of nothing',
    codestream({
      components: [
        [7, 0, 0],
        [7, 0, 0],
        [7, 0, 0],
      ],
    }),
    { encoding: { chromaSubsampling: undefined } },
  ],
  ['digital cinema', codestream({ capabilities: 3 }), { encoding: { profile: '2K Digital Cinema' } }],
  ['interoperable masters', codestream({ capabilities: 0x0511 }), { encoding: { profile: 'IMF 4K' } }],
  [
    'high throughput',
    codestream({ capabilities: 0x4000 }, segment(0xff50, be32(1 << 17), be16(0)), cod(1)),
    { encoding: { profile: 'HTJ2K' } },
  ],
  [
    'capabilities of another part',
    codestream({ capabilities: 0x4000 }, segment(0xff50, be32(1 << 30), be16(0)), cod(1)),
    { encoding: { profile: undefined } },
  ],
  [
    'comments',
    codestream({}, comment('first'), comment('bytes', 0), comment('sécond')),
    {
      blocks: {
        texts: [
          ['Comment', 'first'],
          ['Comment', 'sécond'],
        ],
      },
    },
  ],
];

for (const [name, file, expected] of HEADERS) {
  t.test(name, async (t) => {
    t.match(read(file), expected);
    t.same([read(file).end, read(file).truncated], [file.length, undefined]);
  });
}

const head = join(SOC, siz(), cod(1));

t.test('the end is behind the end marker', async (t) => {
  for (const parts of [
    [tilePart('one'), tilePart('two')],
    [tilePart('one'), tilePart([1, 0xff, 0x8f, 0xff], 0)],
  ]) {
    const file = join(head, ...parts, EOC);
    t.match(read(join(file, 'appended')), { end: file.length, truncated: undefined });
  }
});

t.test('a tile-part that is not all there', async (t) => {
  for (const file of [
    join(head, tilePart('data', 500)),
    join(head, tilePart('data', 0)),
    join(head, tilePart('data')),
  ]) {
    t.match(read(file), { end: undefined, truncated: true, image: { storedWidth: 20 } });
  }
});

t.test('more tile-parts than are walked through', async (t) => {
  const header = read(join(head, ...Array.from({ length: 1100 }, () => tilePart('')), EOC));
  t.match(header, { end: undefined, truncated: undefined, warnings: { length: 0 } });
});

const BROKEN: [name: string, file: Uint8Array, image: object][] = [
  ['no area', join(SOC, siz({ height: 0 }), cod(1), EOC), { storedWidth: 20, storedHeight: undefined }],
  ['no components', join(SOC, siz({ components: [] }), EOC), { storedWidth: undefined }],
  ['a marker that is none', join(SOC, siz(), zeros(20)), { storedWidth: 20 }],
  ['a segment without length', join(SOC, siz(), be16(0xff52, 0), zeros(20)), { storedWidth: 20 }],
  ['no size', join(SOC, cod(1)), { storedWidth: undefined }],
];

for (const [name, file, image] of BROKEN) {
  t.test(`broken: ${name}`, async (t) => {
    t.match(read(file).image, image);
    t.same(codes(read(file)), ['HEADER_MALFORMED']);
  });
}

t.test('more components than the segment holds', async (t) => {
  const file = codestream();
  file.writeUInt16BE(5, 40);
  t.match(read(file).image, { channels: 1, bitDepth: 8 });
});

t.test('cut anywhere, it keeps what it has', async (t) => {
  const file = codestream({ components: RGB }, cod(0));
  for (let length = 2; length < file.length; length += 1) {
    const header = read(file.subarray(0, length));
    t.equal(header.truncated, true, `the first ${length} bytes`);
    if (length > 55) t.match(header.image, { storedWidth: 20, channels: 3, bitDepth: 8 });
  }
});
