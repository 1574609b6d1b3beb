// AVIF, HEIC and CR3: boxes in boxes, items that refer to themselves, counts that no file holds, pictures that are not what they claim.
import sharp from 'sharp';
import { be16 } from '../image/formats/byte-builder.ts';
import {
  ALPHA,
  auxC,
  box,
  clap,
  dimg,
  EXIF,
  type FileParts,
  ftyp,
  full,
  heif,
  join,
  type Part,
  PICTURE,
  PLAIN,
  reference,
  u16,
  u32,
  xmp,
} from '../image/formats/heif/heif-builder.ts';
import { type Attack, attacksOn, many, repeated } from './attack.ts';

const solids = new Map<number, Promise<Buffer>>();

/** One colour all over: about 1 kB, however large. */
function solid(side: number): Promise<Buffer> {
  const create = { width: side, height: side, channels: 3, background: '#a35' } as const;
  const made =
    solids.get(side) ??
    sharp({ create }).avif({ effort: 0, quality: 30, chromaSubsampling: '4:2:0' }).toBuffer();
  solids.set(side, made);
  return made;
}

/** The same picture; its `ispe` box says that it is as small as this. */
function saidToBe(file: Buffer, width: number, height: number): Buffer {
  const at = file.indexOf('ispe', 0, 'latin1');
  return Buffer.concat([
    file.subarray(0, at + 8),
    Buffer.from([...u32(width), ...u32(height)]),
    file.subarray(at + 16),
  ]);
}

const MIF1 = ['mif1', 'avif'];
const file = (parts: FileParts) => heif({ brands: MIF1, ...parts });
const withMeta = (...boxes: Buffer[]) => join(ftyp(MIF1), full('meta', 0, 0, ...boxes), box('mdat', 'data'));
const nested = (type: string, depth: number) => many(depth, (level) => join(u32(8 * (depth - level)), type));
/** All of them to one item. */
const referTo = (item: number, count: number) => box('dimg', u16(1), u16(count), repeated(be16(item), count));
const grid = (rows: number, columns: number, cells: Buffer): FileParts => ({
  items: [
    { type: 'grid', data: [0, 1, rows - 1, columns - 1, ...u32(60_000), ...u32(60_000)], properties: PLAIN },
    PICTURE,
    { type: 'grid', data: [0, 0, rows - 1, columns - 1, ...u16(64), ...u16(64)], properties: PLAIN },
  ],
  references: [cells, dimg(3, 1)],
});
/** 65,535 items of 65,535 extents, none of which there is. */
const iloc = (items: number, extents: number) =>
  full(
    'iloc',
    1,
    0,
    u16(0x4444),
    u16(items),
    repeated(join(u16(1), u16(0), u16(0), u32(0), u16(extents), repeated(Buffer.alloc(8, 0xff), 50)), 50),
  );
const movie = (...table: Buffer[]) =>
  join(
    ftyp(['avis', 'avif', 'msf1']),
    box(
      'moov',
      full('mvhd', 0, 0, Buffer.alloc(96)),
      box(
        'trak',
        box(
          'mdia',
          full('hdlr', 0, 0, u32(0), 'pict', Buffer.alloc(13)),
          full('mdhd', 0, 0, u32(0), u32(0), u32(1000), u32(0xffffffff), u32(0)),
          box('minf', box('stbl', ...table)),
        ),
      ),
    ),
  );
const sizes = full('stsz', 0, 0, u32(1), u32(0xffffffff));

const AVIF_ATTACKS: Attack[] = attacksOn('avif', [
  ['1 kB that become 8,000 squared', () => solid(8000), 'bomb'],
  [
    '1 kB that become 8,000 squared, said to be 100',
    async () => saidToBe(await solid(8000), 100, 100),
    'bomb',
  ],
  ['4,800 squared', () => solid(4800), 'bomb'],
  ['4,800 squared, said to be 16', async () => saidToBe(await solid(4800), 16, 16), 'bomb'],
  ['3,100 squared', () => solid(3100), 'bomb'],
  ['64 squared, said to be 2³² − 1', async () => saidToBe(await solid(64), 0xffffffff, 0xffffffff), 'bomb'],
  ['64 squared, said to be 4,000', async () => saidToBe(await solid(64), 4000, 4000), 'bomb'],
  ['64 squared, said to be nothing', async () => saidToBe(await solid(64), 0, 0)],
  ['a grid of 256 × 256 of one picture', () => file(grid(256, 256, referTo(2, 65_535))), 'bomb'],
  ['a grid of itself', () => file(grid(1, 1, referTo(1, 1)))],
  ['a grid of a grid of itself', () => file(grid(1, 2, referTo(3, 2)))],
  [
    'a picture that is its own alpha and preview',
    () =>
      file({
        items: [{ properties: [...PLAIN, auxC(ALPHA)] }],
        references: ['auxl', 'thmb', 'cdsc', 'prem', 'base'].map((type) => reference(type, 1, 1)),
      }),
  ],
  [
    '5,000 references',
    () => file({ items: [PICTURE], references: Array.from({ length: 5000 }, () => reference('cdsc', 1, 1)) }),
  ],
  ['a reference to 65,535 items', () => file({ references: [referTo(1, 65_535)] })],
  ['3,000 items', () => file({ items: Array(3000).fill(PICTURE) })],
  [
    '3,000 EXIF and XMP items',
    () => file({ items: [PICTURE, ...Array(1500).fill(EXIF), ...Array(1500).fill(xmp('<x/>'))] }),
  ],
  [
    'a crop of negative numbers',
    () => file({ items: [{ properties: [...PLAIN, clap([-5, 1], [-5, 1], [-9, 1], [-9, 1])] }] }),
  ],
  [
    'a crop by nothing',
    () => file({ items: [{ properties: [...PLAIN, clap([1, 0], [1, 0], [0, 0], [0, 0])] }] }),
  ],
  [
    'a crop of 2³² − 1',
    () =>
      file({ items: [{ properties: [...PLAIN, clap([0xffffffff, 1], [0xffffffff, 1], [0, 1], [0, 1])] }] }),
  ],
  ['2,000 properties of one item', () => file({ items: [{ properties: Array(2000).fill(PLAIN[0]) }] })],
  ['65,535 items of 65,535 extents', () => withMeta(iloc(65_535, 65_535))],
  [
    '2³² − 1 items',
    () => withMeta(full('iloc', 2, 0, u16(0x4400), u32(0xffffffff)), full('iinf', 1, 0, u32(0xffffffff))),
  ],
  [
    'associations of 2³² − 1 items',
    () =>
      withMeta(
        box('iprp', box('ipco', ...PLAIN), full('ipma', 0, 0, u32(0xffffffff), Buffer.alloc(5000, 0xff))),
      ),
  ],
  ['meta 20,000 deep', () => join(ftyp(MIF1), nested('meta', 20_000))],
  ['moov 20,000 deep', () => join(ftyp(MIF1), nested('moov', 20_000))],
  ['500,000 boxes', () => join(ftyp(MIF1), repeated(box('free'), 500_000))],
  ['30 MB of boxes of no size', () => join(ftyp(MIF1), Buffer.alloc(30_000_000))],
  ['a box of 2⁶³ bytes', () => join(ftyp(MIF1), u32(1), 'meta', Buffer.alloc(8, 0x7f), 'x')],
  ['brands of 30 MB', () => join(u32(30_000_000), 'ftypavif', Buffer.alloc(30_000_000, 'mif1'))],
  ['2³² − 1 frames', () => movie(full('stts', 0, 0, u32(1), u32(0xffffffff), u32(0xffffffff)), sizes)],
  [
    'a table of 2³² − 1 delays',
    () => movie(full('stts', 0, 0, u32(0xffffffff), Buffer.alloc(8000, 1)), sizes),
  ],
  [
    'a million delays',
    () =>
      movie(
        full('stts', 0, 0, u32(1_000_000), repeated(Buffer.from([0, 0, 0, 1, 0, 0, 0, 9]), 1_000_000)),
        sizes,
      ),
  ],
  ['5,000 tracks', () => join(ftyp(['avis']), box('moov', repeated(box('trak', box('mdia')), 5000)))],
]);

const canon = (...parts: Part[]) =>
  box('uuid', Buffer.from('85c0b687820f11e08111f4ce462b6a48', 'hex'), ...parts);
const raw = (...inMovie: Buffer[]) => join(ftyp(['crx ']), box('moov', ...inMovie));

const CR3_ATTACKS: Attack[] = attacksOn('cr3', [
  [
    'boxes of tags without number',
    () => raw(canon(many(5000, (at) => box(`CMT${at % 5}`, 'II*\0\x08\0\0\0')))),
  ],
  ['boxes in boxes', () => raw(nested('trak', 20_000), canon(nested('CMT1', 20_000)))],
  [
    'directories that lead to themselves',
    () => raw(canon(...[1, 2, 3, 4].map((at) => box(`CMT${at}`, 'II*\0\x08\0\0\0\0\0\x08\0\0\0')))),
  ],
  ['5,000 tracks', () => raw(repeated(box('trak', box('mdia', box('minf', box('stbl')))), 5000))],
]);

export const HEIF_ATTACKS: Attack[] = [
  ...AVIF_ATTACKS,
  ...AVIF_ATTACKS.slice(-25).map((attack) => ({
    ...attack,
    name: attack.name.replace('avif', 'heic'),
    format: 'heic' as const,
  })),
  ...CR3_ATTACKS,
];
