import { brotliCompressSync } from 'node:zlib';
import t from 'tap';
import { be32, codes, join, patched } from '../byte-builder.ts';
import { box, channel, codestream, container, frame, read } from './jxl-builder.ts';

const picture = codestream({ orientation: 3 }, frame({ isAnimated: false }));
const tiff = Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1');
const packet = Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');
const store = join(box('jumd', 'c2pa', [0, 0x11, 0, 0x10]), 'claims');

t.test('a container with everything', async (t) => {
  const file = container(
    box('jxll', 10),
    box('Exif', be32(0), tiff),
    box('xml ', packet),
    box('jumb', box('jumd', 'other type'), 'something else'),
    box('jumb', store),
    box('jbrd', 'what the JPEG was'),
    box('jhgm', 'gain map'),
    box('jxlc', picture),
  );
  const header = read(file);
  t.match(header, {
    image: { storedWidth: 20, storedHeight: 10, orientation: 3, pages: 1 },
    encoding: { codec: 'jxl', process: 'container', level: '10' },
    color: { hdr: { gainMap: true, standard: 'iso-21496-1' } },
    end: file.length,
  });
  t.same(header.blocks, { exif: tiff, xmp: [packet], c2pa: box('jumb', store) });
  t.same(header.warnings, []);
  t.equal(header.truncated, undefined);
});

t.test('the codestream in parts, cut where it is worst', async (t) => {
  for (let cut = 1; cut < picture.length; cut += 1) {
    const parts = [
      box('jxlp', be32(0), picture.subarray(0, cut)),
      box('Exif', be32(0), tiff),
      box('jxlp', be32(0x80000001), picture.subarray(cut)),
    ];
    const header = read(container(...parts));
    t.match(header, {
      image: { storedWidth: 20, orientation: 3 },
      blocks: { exif: tiff },
      warnings: { length: 0 },
    });
    t.equal(header.truncated, undefined, `after ${cut} bytes`);
  }
});

t.test('compressed boxes', async (t) => {
  const brob = (type: string, content: Uint8Array) => box('brob', type, brotliCompressSync(content));
  const file = container(
    box('jxlc', picture),
    brob('Exif', join(be32(6), 'Exif\0\0', tiff)),
    brob('xml ', packet),
    brob('jumb', store),
    brob('jbrd', packet),
  );
  const { blocks } = read(file);
  t.same(blocks, { exif: tiff, xmp: [packet], c2pa: box('jumb', store) });
});

t.test('a megabyte is the most that is decompressed', async (t) => {
  const bomb = box('brob', 'xml ', brotliCompressSync(Buffer.alloc(1 << 24, 0x20)));
  const header = read(container(box('jxlc', picture), ...Array.from({ length: 500 }, () => bomb)));
  t.equal(header.blocks.xmp, undefined);
  t.ok(codes(header).length <= 16, 'and not for ever');
  t.same([...new Set(codes(header))], ['TEXT_LIMIT']);
});

const ODD: [name: string, file: Uint8Array, expected: object][] = [
  [
    'EXIF with a mark of JPEG',
    container(box('jxlc', picture), box('Exif', be32(0), 'Exif\0\0', tiff)),
    { blocks: { exif: tiff }, warnings: { length: 0 } },
  ],
  [
    'EXIF that is none',
    container(box('jxlc', picture), box('Exif', be32(99), 'nothing')),
    { blocks: { exif: undefined }, warnings: [{ field: 'exif' }] },
  ],
  [
    'nothing that Brotli made',
    container(box('jxlc', picture), box('brob', 'xml ', 'nothing')),
    { warnings: [{ code: 'HEADER_MALFORMED', field: 'xmp' }] },
  ],
  [
    'no codestream in its box',
    container(box('jxlc', 'no codestream')),
    { warnings: [{ code: 'HEADER_MALFORMED' }] },
  ],
  [
    'a box until the end of the file',
    container(patched(box('jxlc', picture), [0, be32(0)])),
    { image: { storedWidth: 20 }, truncated: undefined },
  ],
  [
    'a first box of PQ with a gain map',
    container(box('jhgm'), box('jxlc', picture)),
    { color: { hdr: { gainMap: true } } },
  ],
  [
    'three colours and black, and alpha',
    container(
      box('jxlc', codestream({ extra: [channel(4), []] }, frame({ isAnimated: false, extraChannels: 2 }))),
    ),
    { image: { channels: 5, hasAlpha: true }, color: { model: 'cmyk' } },
  ],
];

for (const [name, file, expected] of ODD) t.test(`odd: ${name}`, async (t) => t.match(read(file), expected));

t.test('what is appended does not belong to it', async (t) => {
  const file = container(box('jxlc', picture), box('Exif', be32(0), tiff));
  for (const appended of ['PK\x03\x04 and so on', 'a', '\0\0\0\0\0\0\0', '<html></html>']) {
    const header = read(join(file, appended));
    t.equal(header.end, file.length, appended);
    t.equal(header.truncated, undefined);
  }
});

t.test('cut anywhere, it keeps what it has', async (t) => {
  const file = container(box('Exif', be32(0), tiff), box('jxlc', picture));
  for (let length = 12; length < file.length; length += 1) {
    const header = read(file.subarray(0, length));
    t.equal(header.truncated, true, `the first ${length} bytes`);
    if (length > 80) t.match(header, { image: { storedWidth: 20 }, blocks: { exif: tiff } });
  }
});

t.test('too many boxes', async (t) => {
  const header = read(container(box('jxlc', picture), ...Array.from({ length: 1100 }, () => box('free'))));
  t.same(codes(header), ['WALK_LIMIT']);
  t.equal(header.image.storedWidth, 20);
});
