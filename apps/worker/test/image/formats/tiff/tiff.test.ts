import t from 'tap';
import type { Header } from '../../../../src/image/header.ts';
import { readHeader } from '../../../../src/image/read-header.ts';
import {
  BYTE,
  type Field,
  LONG,
  RATIONAL,
  SHORT,
  type TiffOptions,
  tiff,
  UNDEFINED,
} from '../../tiff-builder.ts';
import { page, without } from './tiff-page.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const read = (fields: Field[], options?: TiffOptions): Header => readHeader(tiff([fields], options), 'tiff');

for (const big of [false, true]) {
  for (const littleEndian of [false, true]) {
    const order = littleEndian ? 'little-endian' : 'big-endian';
    t.test(`a page, ${order}${big ? ', BigTIFF' : ''}`, async (t) => {
      const resolution: Field[] = [
        [0x0112, SHORT, [8]],
        [0x011a, RATIONAL, [10, 1]],
        [0x011b, RATIONAL, [20, 1]],
        [0x0128, SHORT, [3]],
      ];
      const bytes = tiff([page(...resolution)], { big, littleEndian });
      const { blocks, ...header } = readHeader(bytes, 'tiff');
      t.same(header, {
        ...(big ? { mimeType: 'image/x-tiff-big', formatVersion: 'BigTIFF' } : {}),
        image: {
          storedWidth: 4,
          storedHeight: 2,
          orientation: 8,
          bitDepth: 8,
          channels: 1,
          hasAlpha: false,
          density: { x: 25.4, y: 50.8, unit: 'inch', source: 'tiff' },
          pages: 1,
        },
        encoding: { codec: undefined, process: big ? `${order}-bigtiff` : order, byteOrder: order },
        compression: { method: 'none', lossless: true },
        color: { model: 'gray' },
        end: bytes.length,
        warnings: [],
      });
      t.equal(blocks.exif, bytes);
    });
  }
}

t.test('blocks', async (t) => {
  const iim = latin1('\x1c\x02\x05\x00\x05Title\0\0');
  const { blocks } = read(
    page(
      [0x02bc, BYTE, latin1('<x:xmpmeta/>')],
      [0x83bb, UNDEFINED, iim],
      [0x8649, BYTE, latin1('8BIM resources')],
      [0x8773, UNDEFINED, latin1('a profile')],
      [0xcd41, UNDEFINED, latin1('a manifest store')],
    ),
  );
  const texts = [blocks.xmp?.[0], blocks.iptc, blocks.photoshop, blocks.icc, blocks.c2pa];
  t.same(
    texts.map((block) => block && Buffer.from(block).toString('latin1')),
    ['<x:xmpmeta/>', iim.toString('latin1'), '8BIM resources', 'a profile', 'a manifest store'],
  );
  t.same(read(page([0x83bb, LONG, iim])).blocks.iptc, iim, 'IPTC as LONGs');
});

t.test('pages', async (t) => {
  t.equal(readHeader(tiff([page(), page([0x00fe, LONG, [1]]), page()]), 'tiff').image.pages, 3);
  t.equal(
    read(page([0x014a, LONG, { directories: [page(), page()] }])).image.pages,
    1,
    'what a page points to is none',
  );
  const many = readHeader(tiff(Array.from({ length: 1001 }, () => page([0x0111, LONG, [8]]))), 'tiff');
  t.equal(many.image.pages, undefined);
  t.same(
    many.warnings.map(({ code }) => code),
    ['WALK_LIMIT'],
  );
});

t.test('pages in a circle are counted once', async (t) => {
  const bytes = tiff([page(), page()]);
  const first = bytes.readUInt32LE(4);
  const second = bytes.readUInt32LE(first + 2 + 12 * 7);
  bytes.writeUInt32LE(first, second + 2 + 12 * 7);
  const header = readHeader(bytes, 'tiff');
  t.equal(header.image.pages, 2);
  t.equal(header.end, undefined);
  t.same(
    header.warnings.map(({ code }) => code),
    ['HEADER_MALFORMED'],
  );
});

t.test('where it ends', async (t) => {
  const end = (bytes: Buffer) => readHeader(bytes, 'tiff').end;
  const bytes = tiff([
    page([0x8769, LONG, { directories: [[[0x9286, UNDEFINED, latin1('ASCII\0\0\0 a comment')]]] }]),
  ]);
  t.equal(end(bytes), bytes.length);
  t.equal(end(Buffer.concat([bytes, latin1('\0\0\0')])), bytes.length + 3, 'padding belongs to it');
  t.equal(end(Buffer.concat([bytes, latin1('\0\0\0\0')])), bytes.length);
  t.equal(end(Buffer.concat([bytes, latin1('a')])), bytes.length);
  const sparse = tiff([page([0x0111, LONG, [0]])]);
  t.equal(end(sparse), sparse.length, 'a strip that was never written');
  t.equal(readHeader(sparse, 'tiff').truncated, undefined);
  t.equal(end(tiff([without(page(), 0x0117)])), undefined, 'without lengths nobody knows');
});

t.test('truncated: pixels behind the end', async (t) => {
  const at = (offset: number, count: number, ...fields: Field[]) =>
    read(page([0x0111, LONG, [offset]], [0x0117, LONG, [count]], ...fields));
  t.equal(at(8, 8).truncated, undefined);
  t.equal(at(1 << 20, 8).truncated, true);
  t.equal(at(1 << 20, 8).end, undefined);
  t.equal(at(60, 1 << 20, [0x0103, SHORT, [5]]).truncated, true);
  t.equal(at(60, 1 << 20).truncated, undefined, 'more than eight bytes are not needed');
  t.match(at(1 << 20, 8).image, { storedWidth: 4, storedHeight: 2 });
});
