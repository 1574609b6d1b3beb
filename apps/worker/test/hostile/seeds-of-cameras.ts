// Files as cameras write them: TIFFs and boxes with the marks that tell their makers, and no picture to speak of.
import { be16, be32, join, zeros } from '../image/formats/byte-builder.ts';
import { box, ftyp, full, u32 } from '../image/formats/heif/heif-builder.ts';
import { CFA, make, page, preview, subs } from '../image/formats/tiff/tiff-page.ts';
import { BYTE, type Field, LONG, SHORT, type TiffOptions, tiff } from '../image/tiff-builder.ts';
import type { Seed } from './seeds.ts';

const RAW: Field[] = page([0x0103, SHORT, [7]], ...CFA);
const camera = (maker: string, method: number, ...more: Field[]) =>
  preview(make(maker), ...more, subs(page([0x00fe, LONG, [1]]), page([0x0103, SHORT, [method]], ...CFA)));
const file = (fields: Field[], options: TiffOptions = {}) => tiff([fields, page()], options);

/** A JPEG in front, a directory of sizes and a TIFF behind it. */
function raf(): Buffer {
  const jpeg = join([0xff, 0xd8, 0xff, 0xe1], be16(8), 'Exif\0\0', [0xff, 0xda, 0, 2, 0, 0, 0xff, 0xd9]);
  const directory = join(be32(1), be16(0x0100, 4, 4182, 6384));
  const sensor = file(page());
  const at = 160;
  return join(
    'FUJIFILMCCD-RAW 0201FF119502X-T9'.padEnd(84, '\0'),
    be32(
      at,
      jpeg.length,
      at + jpeg.length,
      directory.length,
      at + jpeg.length + directory.length,
      sensor.length,
    ),
    zeros(160 - 84 - 24),
    jpeg,
    directory,
    sensor,
  );
}

const canon = Buffer.from('85c0b687820f11e08111f4ce462b6a48', 'hex');
const sample = box('CRAW', Buffer.alloc(24), be16(600), be16(400), Buffer.alloc(54), box('JPEG', u32(0)));
const TRACK = box('trak', box('mdia', box('minf', box('stbl', full('stsd', 0, 0, u32(1), sample)))));
const CR3 = join(
  ftyp(['crx ', 'isom']),
  box(
    'moov',
    box('uuid', canon, box('CNCV', 'CanonCR3_001'), box('CMT1', file(page())), box('CMT2', file(page()))),
    TRACK,
  ),
  box('mdat', 'the raw data'),
);

export const CAMERA_SEEDS: Seed[] = [
  {
    name: 'dng',
    format: 'dng',
    bytes: file(preview(make('A maker'), [0xc612, BYTE, [1, 4, 0, 0]], subs(RAW))),
  },
  { name: 'nef', format: 'nef', bytes: file(camera('NIKON CORPORATION', 34713), { littleEndian: false }) },
  { name: 'arw', format: 'arw', bytes: file(camera('SONY', 32767)) },
  {
    name: 'pef',
    format: 'pef',
    bytes: file(page(make('PENTAX Corporation'), [0x0103, SHORT, [65535]], ...CFA)),
  },
  { name: 'srw', format: 'srw', bytes: file(camera('SAMSUNG', 32770)) },
  { name: 'cr2', format: 'cr2', bytes: file(camera('Canon', 6), { behindHeader: 'CR\x02\0\0\0\0\0' }) },
  { name: 'orf', format: 'orf', bytes: file(page(make('OLYMPUS')), { magic: 0x4f52 }) },
  {
    name: 'rw2',
    format: 'rw2',
    bytes: file(page([2, SHORT, [400]], [3, SHORT, [600]], make('Panasonic')), { magic: 0x55 }),
  },
  { name: 'raf', format: 'raf', bytes: raf() },
  { name: 'cr3', format: 'cr3', bytes: CR3 },
];
