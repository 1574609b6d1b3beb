// Whole files of formats that are seldom seen, by hand.
import { be16, be32, join, le16, le32, type Part, patched, zeros } from '../image/formats/byte-builder.ts';
import { ASCII, BYTE, LONG, SHORT, tiff } from '../image/tiff-builder.ts';
import type { Seed } from './seeds.ts';

const EXIF = tiff([
  [
    [0x010f, ASCII, 'A maker'],
    [0x0112, SHORT, [6]],
  ],
]);

/** Values, a directory of them, and where it is. */
function heap(...records: readonly (readonly [type: number, value: Buffer])[]): Buffer {
  let at = 0;
  const entries = records.map(([type, value]) => {
    const entry = join(le16(type), le32(value.length, at));
    at += value.length;
    return entry;
  });
  return join(...records.map(([, value]) => value), le16(records.length), ...entries, le32(at));
}

const SIZE_OF_CRW = join(le32(2272, 1704), zeros(4), le32(90), zeros(12));
const SENSOR_OF_CRW = join(le16(34, 2376, 1728), zeros(28));
const CRW = join(
  'II',
  le32(26),
  'HEAPCCDR',
  zeros(12),
  heap([0x2005, zeros(9)], [0x300a, heap([0x1810, SIZE_OF_CRW], [0x1031, SENSOR_OF_CRW])]),
);

const SENSOR_OF_MRW = join('27200001', be16(2456, 3272, 2448, 3264), 12, 12, 0x59, zeros(5));
const BLOCKS_OF_MRW = join(
  '\0PRD',
  be32(24),
  SENSOR_OF_MRW,
  '\0TTW',
  be32(EXIF.length),
  EXIF,
  '\0PAD',
  be32(4),
  zeros(4),
);
const MRW = join('\0MRM', be32(BLOCKS_OF_MRW.length), BLOCKS_OF_MRW, 'samples');

const JPEG = join('\xff\xd8\xff\xe1', be16(8 + EXIF.length), 'Exif\0\0', EXIF, '\xff\xd9');
const HEAD_OF_X3F = join('FOVb', le16(2, 2), zeros(20), le32(2268, 1512, 90), zeros(60));
const IMAGE_OF_X3F = join('SECi', le32(0x20000, 2, 18, 8, 8, 24), JPEG);
const X3F = join(
  HEAD_OF_X3F,
  IMAGE_OF_X3F,
  join('SECd', le32(0x20000, 1, HEAD_OF_X3F.length, IMAGE_OF_X3F.length), 'IMA2'),
  le32(HEAD_OF_X3F.length + IMAGE_OF_X3F.length),
);

const JXR = tiff(
  [
    [
      [0xbc01, BYTE, Buffer.from('24c3dd6f034efe4bb1853d77768dc90c', 'hex')],
      [0xbc02, LONG, [4]],
      [0xbc80, LONG, [600]],
      [0xbc81, LONG, [400]],
      [0xbcc0, LONG, { data: zeros(64) }],
      [0xbcc1, LONG, [64]],
    ],
  ],
  { magic: 0x01bc },
);

const property = (type: number, ...data: Part[]) => join(be32(type, join(...data).length), ...data);
const parasite = (name: string, data: Part) =>
  join(be32(name.length + 1), `${name}\0`, be32(1, join(data).length), data);
const XCF = join(
  'gimp xcf v011\0',
  be32(70, 46, 0, 150),
  property(17, 1),
  property(21, parasite('exif-data', join('Exif\0\0', EXIF))),
  be32(0, 0),
  'layers',
);

const card = (name: string, value: string | number) =>
  `${name.padEnd(8)}= ${String(value).padStart(20)} / a comment`.padEnd(80);
export const fits = (cards: Record<string, string | number>) =>
  join(
    Object.entries({ SIMPLE: 'T', ...cards })
      .map(([name, value]) => card(name, value))
      .join(''),
    'END'.padEnd(80),
  );
const FITS = join(fits({ BITPIX: 8, NAXIS: 2, NAXIS1: 20, NAXIS2: 30 }).toString().padEnd(2880), zeros(2880));

const DPX = patched(
  zeros(2100),
  [0, 'SDPX'],
  [8, 'V1.0'],
  [16, be32(2100)],
  [770, join(be16(1), be32(70, 46))],
  [800, join(50, 2, 2, 10, be16(1, 0))],
);

const chunk = (type: string, ...data: Part[]) => join(be32(join(...data).length), type, ...data, zeros(4));
const JNG = join(
  '\x8bJNG\r\n\x1a\n',
  chunk('JHDR', be32(70, 46), 10, 8, 8, 0, zeros(4)),
  chunk('pHYs', be32(11811, 11811), 1),
  chunk('JDAT', 'any'),
  chunk('IEND'),
);

export const RARE_SEEDS: Seed[] = [
  { name: 'crw', format: 'crw', bytes: CRW },
  { name: 'mrw', format: 'mrw', bytes: MRW },
  { name: 'x3f', format: 'x3f', bytes: X3F },
  { name: 'jxr', format: 'jxr', bytes: JXR },
  { name: 'xcf', format: 'xcf', bytes: XCF },
  { name: 'fits', format: 'fits', bytes: FITS },
  { name: 'dpx', format: 'dpx', bytes: DPX },
  { name: 'jng', format: 'jng', bytes: JNG },
];
