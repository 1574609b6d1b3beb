import t from 'tap';
import { be16, be32, codes, join, patched, zeros } from '../byte-builder.ts';
import {
  box,
  cod,
  codestream,
  colr,
  container,
  EOC,
  ihdr,
  jp2,
  RGB,
  read,
  SOC,
  siz,
  tilePart,
  uuid,
} from './jp2-builder.ts';

const rgb = codestream({ components: RGB });
const rgba = codestream({ components: [...RGB, [7, 1, 1]] });
const cdef = (...types: number[]) =>
  box('cdef', be16(types.length), ...types.map((type, index) => be16(index, type, index + 1)));
const res = (type: string, x: readonly number[], y: readonly number[], powers: readonly number[]) =>
  box('res ', box(type, be16(...y, ...x), powers));
const profile = (space: string) => join(zeros(16), space, zeros(108));
const icc = (method: number, space: string) => box('colr', method, 0, 0, profile(space));

const HEADERS: [name: string, file: Uint8Array, expected: object][] = [
  [
    'gray',
    jp2([ihdr(), colr(17)]),
    {
      image: { storedWidth: 20, storedHeight: 10, bitDepth: 8, channels: 1, hasAlpha: false, pages: 1 },
      color: { model: 'gray' },
    },
  ],
  [
    'sRGB',
    jp2([ihdr(20, 10, 3), colr(16)], rgb),
    { image: { channels: 3, hasAlpha: false }, color: { model: 'rgb', space: 'srgb' } },
  ],
  [
    'CMYK',
    jp2([ihdr(20, 10, 4), colr(12)], rgba),
    { image: { channels: 4, hasAlpha: false }, color: { model: 'cmyk' } },
  ],
  [
    'opacity',
    jp2([ihdr(20, 10, 4), colr(16), cdef(0, 0, 0, 1)], rgba),
    { image: { channels: 4, hasAlpha: true } },
  ],
  [
    'opacity that is multiplied already',
    jp2([colr(16), cdef(0, 0, 0, 2)], rgba),
    { image: { hasAlpha: true } },
  ],
  ['channels that are all colours', jp2([colr(12), cdef(0, 0, 0, 0)], rgba), { image: { hasAlpha: false } }],
  [
    'a channel more than the colours, of which nothing is said',
    jp2([colr(18)], rgba),
    { image: { channels: 4, hasAlpha: undefined } },
  ],
  [
    'luma and chroma, halved',
    jp2(
      [colr(18)],
      codestream({
        components: [
          [7, 1, 1],
          [7, 2, 2],
          [7, 2, 2],
        ],
      }),
    ),
    { color: { model: 'ycbcr', space: 'srgb' }, encoding: { chromaSubsampling: '4:2:0' } },
  ],
  ['luma and chroma, whole', jp2([colr(18)], rgb), { encoding: { chromaSubsampling: '4:4:4' } }],
  ['nothing of the kind', jp2([colr(16)], rgb), { encoding: { chromaSubsampling: undefined } }],
  [
    'a profile',
    jp2([icc(2, 'GRAY')]),
    { color: { model: 'gray' }, blocks: { icc: profile('GRAY') }, image: { hasAlpha: false } },
  ],
  [
    'any profile, and a space behind',
    jp2([icc(3, 'Lab '), colr(16)], rgb),
    { color: { model: 'lab', space: undefined }, blocks: { icc: profile('Lab ') } },
  ],
  [
    'code points',
    jp2([box('colr', 5, 0, 0, be16(9, 16, 9), 0x80)], rgb),
    {
      color: { space: 'bt2020', primaries: 'bt2020', transfer: 'pq', range: 'full', hdr: { standard: 'pq' } },
    },
  ],
  [
    'a palette with opacity in it',
    jp2([colr(16), box('pclr', be16(200), 4, 7, 7, 7, 7, zeros(800)), cdef(0, 0, 0, 1)]),
    {
      color: { model: 'indexed', palette: { size: 200 } },
      image: { channels: 1, bitDepth: 8, hasAlpha: true },
    },
  ],
  [
    'a palette of colours',
    jp2([colr(16), box('pclr', be16(2), 3, 7, 7, 7, zeros(6))]),
    { image: { channels: 1, hasAlpha: false } },
  ],
  [
    'components of many depths',
    jp2([ihdr(20, 10, 2, 255), box('bpcc', 11, 0)], 'cut'),
    { image: { bitDepth: 12, channels: 2 } },
  ],
  [
    'density as captured, and not as shown',
    jp2([join(res('resd', [1, 1], [1, 1], [3, 3])), res('resc', [11811, 10], [11811, 5], [1, 1])]),
    { image: { density: { x: 300, y: 600, unit: 'inch', source: 'jp2' } } },
  ],
  [
    'density as shown',
    jp2([res('resd', [3, 2], [3, 1], [4, 4])]),
    { image: { density: { x: 381, y: 762 } } },
  ],
  ['no density', jp2([res('resc', [1, 0], [1, 0], [0, 0])]), { image: { density: undefined } }],
  [
    'the second part',
    container('jpx ', box('jp2h', ihdr()), box('jp2c', codestream()), box('jp2c', rgb)),
    { mimeType: 'image/jpx', formatVersion: 'jpx', image: { channels: 1, pages: undefined } },
  ],
  [
    'colours of a layer',
    container('jpx ', box('jplh', box('cgrp', colr(16))), box('jp2c', rgb)),
    { color: { space: 'srgb' }, image: { pages: 1 } },
  ],
  ['high throughput', container('jph ', box('jp2c', rgb)), { mimeType: 'image/jph', formatVersion: 'jph' }],
];

for (const [name, file, expected] of HEADERS) {
  t.test(`boxes: ${name}`, async (t) => {
    t.match(read(file), {
      encoding: { codec: 'jpeg2000', process: 'container' },
      compression: { method: 'jpeg2000' },
    });
    t.match(read(file), expected);
    t.equal(read(file).end, file.length);
  });
}

const tiff = Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1');
const packet = Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');

t.test('blocks of tags', async (t) => {
  const store = box('jumb', box('jumd', 'c2pa', zeros(12)), 'claims');
  const behind = [
    uuid('be7acfcb97a942e89c71999491e3afac', packet),
    uuid('4a706754696666457869662d3e4a5032', 'Exif\0\0', tiff),
    uuid('33c7a4d2b81d4723a0baf1a3e097ad38', 'records'),
    uuid('2c4c0100850440b9a03e562148d6dfeb', '8BIM'),
    uuid('b14bf8bd083d4b43a5ae8cd7d5a6ce03', 'II of the Earth'),
    box('xml ', '<gml/>'),
    box('xml ', packet, ' '),
    box('jumb', box('jumd', 'other'), 'else'),
    store,
  ];
  const { blocks, warnings } = read(jp2([ihdr()], codestream(), ...behind));
  t.same(blocks, {
    xmp: [packet, join(packet, ' ')],
    exif: tiff,
    iptc: Buffer.from('records'),
    photoshop: Buffer.from('8BIM'),
    c2pa: store,
  });
  t.same(warnings, []);
});

const ODD: [name: string, file: Uint8Array, expected: object, codes?: string[]][] = [
  ['sizes that differ', jp2([ihdr(21, 10)]), { image: { storedWidth: 20 } }, ['HEADER_MALFORMED']],
  [
    'no codestream',
    container('jp2 ', box('jp2h', ihdr()), be32(3), 'oops', zeros(8)),
    { image: { storedWidth: 20 }, end: undefined, truncated: undefined },
    ['HEADER_MALFORMED'],
  ],
  [
    'nothing behind the header',
    container('jp2 ', box('jp2h', ihdr())),
    { image: { storedWidth: 20 }, truncated: true },
  ],
  [
    'a codestream that is none, and tags behind',
    jp2([ihdr()], 'no codestream', uuid('be7acfcb97a942e89c71999491e3afac', packet)),
    { image: { storedWidth: 20 }, blocks: { xmp: [packet] } },
    ['HEADER_MALFORMED'],
  ],
  [
    'boxes that are too short',
    jp2([box('ihdr', 1), box('colr', 1), box('pclr'), box('cdef', 0, 9), box('res ', box('resc'))]),
    { image: { storedWidth: 20, hasAlpha: undefined } },
    Array.from({ length: 5 }, () => 'HEADER_MALFORMED'),
  ],
  [
    'too many boxes',
    jp2([], codestream(), ...Array.from({ length: 1100 }, () => box('free'))),
    { image: { storedWidth: 20 } },
    ['WALK_LIMIT'],
  ],
];

for (const [name, file, expected, expectedCodes = []] of ODD) {
  t.test(`odd: ${name}`, async (t) => {
    t.match(read(file), expected);
    t.same(codes(read(file)), expectedCodes);
  });
}

t.test('what is appended does not belong to it', async (t) => {
  const stream = codestream();
  const file = jp2([ihdr()], stream);
  for (const appended of ['PK\x03\x04 and so on', 'a', zeros(7)]) {
    t.match(read(join(file, appended)), { end: file.length, truncated: undefined });
  }
  const open = patched(file, [file.length - stream.length - 8, be32(0)]);
  t.equal(read(join(open, 'a box without an end')).end, file.length);
});

t.test('cut anywhere, it keeps what it has', async (t) => {
  const file = jp2([ihdr(20, 10, 3), colr(16)], rgb);
  const header = file.indexOf('colr');
  for (let length = 12; length < file.length; length += 1) {
    const found = read(file.subarray(0, length));
    t.equal(found.truncated, true, `the first ${length} bytes`);
    t.same(codes(found), []);
    if (length > header) t.match(found.image, { storedWidth: 20, storedHeight: 10, channels: 3 });
  }
});

t.test('wrong bytes take no time', async (t) => {
  const file = join(SOC, siz({ components: RGB }), cod(0), tilePart('data', 0), EOC);
  const begun = performance.now();
  for (const whole of [file, jp2([ihdr(), colr(16), cdef(0, 1)], file)]) {
    for (let at = 2; at < whole.length; at += 1) {
      for (let value = 0; value < 256; value += 15) read(patched(whole, [at, value]));
    }
  }
  t.ok(performance.now() - begun < 5000);
});
