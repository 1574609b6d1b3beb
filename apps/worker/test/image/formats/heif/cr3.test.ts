import t from 'tap';
import { readCr3 } from '../../../../src/image/formats/heif/cr3.ts';
import { codes, join, type Part } from '../byte-builder.ts';
import { box, ftyp, full, read, u16, u32, u64 } from './heif-builder.ts';

/** A directory of numbers of 16 bits. */
function tiff(...tags: [tag: number, value: number][]): Buffer {
  const little = (value: number) => [value & 255, value >> 8];
  const entries = tags.map(([tag, value]) => [...little(tag), 3, 0, 1, 0, 0, 0, ...little(value), 0, 0]);
  return join('II*\0', 8, 0, 0, 0, little(tags.length), ...entries, u32(0));
}

const IFD0 = tiff([0x0100, 600], [0x0101, 400], [0x0112, 8]);
const EXIF = tiff([0x8827, 100]);
const GPS = tiff([0, 2]);
const canon = (...parts: Part[]) =>
  box('uuid', Buffer.from('85c0b687820f11e08111f4ce462b6a48', 'hex'), ...parts);
const TAGS = canon(
  box('CNCV', 'CanonCR3_001/00.09.00/00.00.00'),
  box('CMT1', IFD0),
  box('CMT2', EXIF),
  box('CMT3', tiff([1, 1])),
  box('CMT4', GPS),
);

interface Coding {
  depth?: number;
  planes?: number;
  wavelets?: number;
  tile?: readonly [number, number];
}

function cmp1({ depth = 14, planes = 4, wavelets = 0, tile = [320, 408] }: Coding): Buffer {
  return box(
    'CMP1',
    u32(0),
    u32(0),
    u32(640),
    u32(408),
    u32(tile[0]),
    u32(tile[1]),
    depth,
    planes << 4,
    wavelets,
    0,
  );
}

const track = (width: number, height: number, coding: Buffer, samples = 1, at = 0) =>
  box(
    'trak',
    box(
      'mdia',
      box(
        'minf',
        box(
          'stbl',
          full(
            'stsd',
            0,
            0,
            u32(1),
            box('CRAW', Buffer.alloc(24), u16(width), u16(height), Buffer.alloc(54), coding),
          ),
          full('stsz', 0, 0, u32(2), u32(samples)),
          full('co64', 0, 0, u32(1), u64(at)),
        ),
      ),
    ),
  );

const JPEG = track(600, 400, box('JPEG', u32(0)));
const cr3 = (...inMovie: Buffer[]) =>
  join(ftyp(['crx ', 'isom']), box('moov', ...inMovie), box('mdat', 'the raw data'));
const raw = (coding: Coding = {}) =>
  cr3(TAGS, JPEG, track(160, 108, cmp1({})), track(640, 408, cmp1(coding)));

t.test('a raw picture', async (t) => {
  const file = raw();
  t.same(read(file, readCr3), {
    formatVersion: 'CanonCR3_001/00.09.00/00.00.00',
    image: {
      storedWidth: 640,
      storedHeight: 408,
      displayWidth: 400,
      displayHeight: 600,
      bitDepth: 14,
      channels: 1,
      hasAlpha: false,
      pages: 1,
    },
    encoding: { codec: 'crx', tiling: { width: 320, height: 408 } },
    compression: { method: 'crx', lossless: true },
    color: { model: 'cfa' },
    blocks: { exif: IFD0, exifParts: [EXIF, GPS] },
    warnings: [],
    end: file.length,
  });
});

t.test('wavelets lose something, one tile is none, and three planes are no mosaic', async (t) => {
  const header = read(raw({ wavelets: 3, tile: [640, 408], planes: 3 }), readCr3);
  t.match(header, {
    compression: { lossless: false },
    encoding: { tiling: undefined },
    color: { model: undefined },
  });
  t.equal(header.image.channels, undefined);
});

t.test('a burst has as many pages as pictures', async (t) => {
  t.equal(read(cr3(TAGS, track(640, 408, cmp1({}), 7)), readCr3).image.pages, 7);
});

t.test('XMP stands in a box of the file', async (t) => {
  const file = join(
    raw(),
    box('uuid', Buffer.from('be7acfcb97a942e89c71999491e3afac', 'hex'), '<x/>', u32(0)),
  );
  t.same(read(file, readCr3).blocks.xmp, [Buffer.from('<x/>')]);
});

t.test('upright, or without a size of its own', async (t) => {
  const withIfd0 = (...tags: [number, number][]) =>
    read(cr3(canon(box('CMT1', tiff(...tags))), track(640, 408, cmp1({}))), readCr3).image;
  t.match(withIfd0([0x0100, 600], [0x0101, 400]), { displayWidth: 600, displayHeight: 400 });
  t.match(withIfd0([0x0112, 8]), { storedWidth: 640, displayWidth: undefined });
});

t.test('what is broken loses only itself', async (t) => {
  const header = read(cr3(canon(box('CMT1', 'no TIFF')), track(640, 408, box('CMP1', 1))), readCr3);
  t.match(header.image, { storedWidth: 640, storedHeight: 408, bitDepth: undefined });
  t.same(codes(header), ['HEADER_MALFORMED']);
  t.match(read(cr3(TAGS, JPEG), readCr3), {
    image: { storedWidth: undefined },
    blocks: { exif: IFD0 },
    warnings: [],
  });
});

t.test('every beginning of a file keeps what it has, and is cut', async (t) => {
  const cut = (at: number) => cr3(TAGS, track(640, 408, cmp1({}), 1, at));
  const file = cut(cut(0).length - 12);
  t.match(read(file, readCr3), { truncated: undefined, end: file.length });
  const startOfData = file.indexOf('mdat') - 4;
  for (let length = 0; length < file.length; length += 1) {
    const { truncated, end, image, blocks } = read(file.subarray(0, length), readCr3);
    if (truncated !== true || end !== undefined) t.fail(`not cut at ${length}`);
    if (length >= startOfData && image.storedWidth !== 640) t.fail(`no size at ${length}`);
    if (length > file.indexOf('CMT2') && blocks.exif === undefined) t.fail(`no EXIF at ${length}`);
  }
});
