// JPEG: frames that claim everything, scans and segments without number, blocks in parts that never fit together.
import {
  adobe,
  EOI,
  frame,
  JFIF,
  join,
  jpeg,
  type Part,
  scan,
  segment,
  u16,
  u32,
} from '../image/formats/jpeg/jpeg-builder.ts';
import { type Attack, attacksOn, many, repeated } from './attack.ts';

const BASELINE = 0xc0;
const PROGRESSIVE = 0xc2;
const GRAY = [[1, 0x11]];

/** SOF of any size. */
const sized = (code: number, width: number, height: number, components: readonly number[][] = GRAY) => {
  const list = components.map(([id = 0, sampling = 0]) => [id, sampling, 0]);
  return segment(code, 8, u16(height), u16(width), components.length, ...list);
};

const QUANTIZATION = segment(0xdb, 0, Buffer.alloc(64, 1));
/** A code of one bit stands for "nothing": DC difference 0, AC end of block; and one of two bits for a run of 2¹⁴ empty blocks and more. */
const DC_CODES = segment(0xc4, 0x00, [1, ...Array(15).fill(0)], 0);
const AC_CODES = segment(0xc4, 0x10, [1, 1, ...Array(14).fill(0)], 0x00, 0xe0);
const TABLES = join(QUANTIZATION, DC_CODES, AC_CODES);

const sos = (components: number, first: number, last: number, approximation: number, data: Part) =>
  join(
    segment(
      0xda,
      components,
      ...Array.from({ length: components }, (_, at) => [at + 1, 0]),
      first,
      last,
      approximation,
    ),
    data,
  );

/** Code, then 14 ones: 32,767 empty blocks in two bytes. */
const EMPTY_RUNS = repeated(Buffer.from([0b1011_1111, 0xff, 0x00]), 40);
const dcScan = (blocks: number) => sos(1, 0, 0, 0, Buffer.alloc(Math.ceil(blocks / 8)));
const acScan = (approximation = 0) => sos(1, 1, 63, approximation, EMPTY_RUNS);

const side = (pixels: number) => Math.ceil(pixels / 8);
const baseline = (width: number, height: number, components: number) =>
  jpeg(
    TABLES,
    sized(
      BASELINE,
      width,
      height,
      Array.from({ length: components }, (_, at) => [at + 1, 0x11]),
    ),
    sos(components, 0, 63, 0, Buffer.alloc(Math.ceil((side(width) * side(height) * components) / 4))),
  );
const progressive = (width: number, height: number, scans: number) =>
  jpeg(
    TABLES,
    sized(PROGRESSIVE, width, height),
    dcScan(side(width) * side(height)),
    repeated(acScan(), scans),
  );

const CMYK = [1, 2, 3, 4].map((id) => [id, 0x11]);
const picture = (...parts: Part[]) => join([0xff, 0xd8], ...parts, frame(BASELINE), scan(), EOI);
const FULL = 65_533;
const app1 = (...parts: Part[]) => segment(0xe1, ...parts);
const iccPart = (number: number, count: number) =>
  segment(0xe2, 'ICC_PROFILE\0', number, count, Buffer.alloc(60_000, number));
const extendedXmp = (offset: number, length = 0xffffffff) =>
  app1(
    'http://ns.adobe.com/xmp/extension/\0',
    'F'.repeat(32),
    u32(length),
    u32(offset),
    Buffer.alloc(60_000, 'x'),
  );
const resources = (bytes: Buffer) => {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 65_000)
    parts.push(segment(0xed, 'Photoshop 3.0\0', bytes.subarray(at, at + 65_000)));
  return Buffer.concat(parts);
};
const emptyResource = join('8BIM', u16(0x0bb7), 0, 0, u32(0));
const multiPicture = (count: number) =>
  segment(
    0xe2,
    'MPF\0MM\0*',
    u32(8),
    u16(1),
    u16(0xb002),
    u16(7),
    u32(count),
    u32(26),
    u32(8),
    Buffer.alloc(60_000),
  );

export const JPEG_ATTACKS: Attack[] = attacksOn('jpeg', [
  ['claims 65,500 squared', () => jpeg(TABLES, sized(BASELINE, 65_500, 65_500), dcScan(100))],
  ['claims 65,500 squared, progressive', () => jpeg(TABLES, sized(PROGRESSIVE, 65_500, 65_500), dcScan(100))],
  [
    'claims 8,000 squared and has no pixels',
    () => jpeg(TABLES, sized(BASELINE, 8000, 8000), dcScan(8)),
    'bomb',
  ],
  ['64 MP of three channels', () => baseline(8000, 8000, 3), 'bomb'],
  ['64 MP in 90 scans', () => progressive(8000, 8000, 90), 'bomb'],
  ['64 MP in 5,000 scans', () => progressive(8000, 8000, 5000), 'bomb'],
  ['16 MP in 5,000 scans', () => progressive(4000, 4000, 5000), 'bomb'],
  ['a tiny picture in 50,000 scans', () => progressive(8, 8, 50_000), 'bomb'],
  [
    '64 MP of CMYK, progressive',
    () => jpeg(TABLES, adobe(0), sized(PROGRESSIVE, 8000, 8000, CMYK), dcScan(9)),
    'bomb',
  ],
  ['64 MP, arithmetic', () => jpeg(QUANTIZATION, sized(0xc9, 8000, 8000), dcScan(9)), 'bomb'],
  ['64 MP, lossless', () => jpeg(DC_CODES, sized(0xc3, 8000, 8000), dcScan(9)), 'bomb'],
  ['255 components', () => jpeg(TABLES, sized(BASELINE, 16, 16, repeatedList(255)), scan())],
  ['no components', () => jpeg(TABLES, sized(BASELINE, 16, 16, []), scan())],
  ['no size', () => jpeg(TABLES, sized(BASELINE, 0, 0), dcScan(1))],
  ['sampling factors of 15', () => jpeg(TABLES, sized(BASELINE, 8000, 8000, [[1, 0xff]]), dcScan(1)), 'bomb'],
  ['a frame again and again', () => jpeg(TABLES, repeated(sized(BASELINE, 8, 8), 5000), dcScan(1))],
  ['200,000 comments', () => picture(repeated(segment(0xfe, 'x'), 200_000))],
  ['700 comments of 64 kB', () => picture(repeated(segment(0xfe, Buffer.alloc(FULL, 'x')), 700))],
  ['200,000 Huffman tables', () => picture(repeated(DC_CODES, 200_000))],
  ['200,000 quantization tables', () => picture(repeated(QUANTIZATION, 200_000))],
  ['30 MB of fill bytes', () => picture(Buffer.alloc(30_000_000, 0xff))],
  ['30 MB of SOI', () => repeated(Buffer.from([0xff, 0xd8]), 15_000_000)],
  [
    '30 MB of restart markers',
    () => picture(scan(), repeated(Buffer.from([0xff, 0xd0]), 15_000_000)),
    'bomb',
  ],
  ['30 MB of zeros for pixels', () => picture(scan(), Buffer.alloc(30_000_000)), 'bomb'],
  ['a segment of length 0', () => join([0xff, 0xd8], [0xff, 0xe1, 0, 0], Buffer.alloc(5000))],
  [
    '700 XMP packets',
    () => picture(repeated(app1('http://ns.adobe.com/xap/1.0/\0', 'x'.repeat(60_000)), 700)),
  ],
  ['700 EXIF blocks', () => picture(repeated(app1('Exif\0\0II*\0', Buffer.alloc(60_000, 8)), 700))],
  ['extended XMP of 4 GB, 600 parts at one place', () => picture(repeated(extendedXmp(0), 600))],
  [
    'extended XMP, 600 parts that overlap',
    () => picture(many(600, (at) => extendedXmp(at * 7, 60_000 + 4200))),
  ],
  ['extended XMP far behind its end', () => picture(extendedXmp(0xfffffff0))],
  ['255 parts of a profile', () => picture(many(255, (at) => iccPart(at + 1, 255)))],
  ['part 1 of a profile 700 times', () => picture(repeated(iccPart(1, 255), 700))],
  ['40 MB of Photoshop resources', () => picture(resources(repeated(emptyResource, 3_300_000)))],
  [
    'resources that claim 4 GB',
    () => picture(resources(join('8BIM', u16(0x0404), 0, 0, u32(0xffffffff), 'x'))),
  ],
  ['an index of 2³² − 1 pictures', () => picture(multiPicture(0xffffffff))],
  ['an index of 4,000 pictures', () => picture(multiPicture(64_000))],
  [
    'JFIF with a preview of 255 squared',
    () => picture(segment(0xe0, 'JFIF\0', 1, 2, 1, u16(1), u16(1), 255, 255)),
  ],
  [
    'all markers at once',
    () =>
      picture(
        JFIF,
        many(256, (code) => segment(code, 'x')),
      ),
  ],
]);

function repeatedList(count: number): number[][] {
  return Array.from({ length: count }, (_, at) => [at, 0x11]);
}
