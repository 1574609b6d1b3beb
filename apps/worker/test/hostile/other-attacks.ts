// Every other format: sizes that nobody has memory for, tables without number, texts without end.
import { brotliCompressSync, constants } from 'node:zlib';
import type { ImageFormat } from '@tintype/core/contract';
import { be16, be32, join, le16, le32, type Part, zeros } from '../image/formats/byte-builder.ts';
import { bits, codestream, container, frame, box as jxlBox } from '../image/formats/jxl/jxl-builder.ts';
import { type Attack, attacksOn, many, type Row, repeated } from './attack.ts';

const M = 1_000_000;
const MAX = 0xffffffff;
const ones = (count: number) => Buffer.alloc(count, 0xff);

const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } };
const brob = (bytes: number, type = 'Exif') => jxlBox('brob', type, brotliCompressSync(zeros(bytes), QUICK));
const JXL_ROWS: Row[] = [
  [
    'Brotli of 200 MB for EXIF',
    () => container(brob(200 * M), jxlBox('jxlc', codestream({}, frame({})))),
    'bomb',
  ],
  [
    'Brotli of 200 MB for XMP',
    () => container(brob(200 * M, 'xml '), jxlBox('jxlc', codestream({}))),
    'bomb',
  ],
  [
    '500 times Brotli of 1 MB',
    () => container(repeated(brob(M), 500), jxlBox('jxlc', codestream({}))),
    'bomb',
  ],
  ['Brotli in Brotli', () => container(jxlBox('brob', 'brob', brotliCompressSync(brob(100), QUICK))), 'bomb'],
  [
    'claims 2³⁰ squared',
    () => bits([0x0aff, 16], [0, 1], [3, 2], [2 ** 30 - 1, 30], [0, 3], [3, 2], [2 ** 30 - 1, 30], [1, 1]),
  ],
  ['100,000 parts', () => container(many(100_000, (at) => jxlBox('jxlp', be32(at), 'x')))],
  [
    'parts in the wrong order',
    () => container(jxlBox('jxlp', be32(MAX), codestream({})), jxlBox('jxlp', be32(0), 'x')),
  ],
  ['2,000 frames', () => codestream({}, repeated(frame({ isLast: false, isAnimated: false }), 2000))],
  ['30 MB of ones', () => join([0xff, 0x0a], ones(30 * M))],
  ['30 MB of zeros', () => join([0xff, 0x0a], zeros(30 * M))],
];

const JP2_HEAD = join(be32(12), 'jP  \r\n\x87\n', jxlBox('ftyp', 'jp2 ', be32(0), 'jp2 '));
const SIZ = (width: number, height: number, tile: number, components = 3) =>
  join(
    [0xff, 0x4f, 0xff, 0x51],
    be16(38 + 3 * components, 0),
    be32(width, height, 0, 0, tile, tile, 0, 0),
    be16(components),
    repeated(Buffer.from([7, 1, 1]), components),
  );
const TILE = join([0xff, 0x90], be16(10, 0), be32(0), 0, 1, [0xff, 0x93]);
const JP2_ROWS: Row[] = [
  ['claims 2³² − 1 squared', () => join(SIZ(MAX, MAX, MAX), TILE, [0xff, 0xd9])],
  ['tiles of one pixel', () => join(SIZ(MAX, MAX, 1), TILE, [0xff, 0xd9])],
  ['tiles of no pixel', () => join(SIZ(64, 64, 0), TILE, [0xff, 0xd9])],
  ['16,384 components', () => join(SIZ(64, 64, 64, 16_384), TILE)],
  ['a million comments', () => join(SIZ(64, 64, 64), repeated(join([0xff, 0x64], be16(4, 1)), M), TILE)],
  [
    'a million parts of tiles',
    () => join(SIZ(64, 64, 64), repeated(join([0xff, 0x90], be16(10, 0), be32(14), 0, 1, [0xff, 0x93]), M)),
  ],
  [
    'boxes 20,000 deep',
    () =>
      join(
        JP2_HEAD,
        many(20_000, (level) => join(be32(8 * (20_000 - level)), 'jp2h')),
      ),
  ],
  ['500,000 boxes', () => join(JP2_HEAD, repeated(jxlBox('xml ', '<a/>'), 500_000))],
  [
    'a palette of 65,535 × 255',
    () =>
      join(
        JP2_HEAD,
        jxlBox(
          'jp2h',
          jxlBox('ihdr', be32(64, 64), be16(3), [7, 7, 0, 0]),
          jxlBox('pclr', be16(65_535), 255),
        ),
      ),
  ],
  ['associations of 30 MB', () => join(JP2_HEAD, jxlBox('asoc', repeated(jxlBox('nlst', be32(0)), M)))],
];

const icon = (count: number, ...pictures: Part[]) => join(le16(0, 1, count), ...pictures);
const PICTURE_ENTRY = join([16, 16, 0, 0], le16(1, 32), le32(MAX, 22));
const ICO_ROWS: Row[] = [
  ['65,535 pictures', () => icon(65_535, repeated(PICTURE_ENTRY, 65_535))],
  ['65,535 pictures that are not there', () => icon(65_535, PICTURE_ENTRY)],
  [
    '65,535 pictures at one place',
    () => icon(65_535, repeated(join([16, 16, 0, 0], le16(1, 32), le32(40, 6)), 65_535)),
  ],
  [
    'a bitmap of 2³¹',
    () =>
      icon(
        1,
        [0, 0, 0, 0],
        le16(1, 32),
        le32(1000, 22),
        le32(40, 0x7fffffff, 0x7fffffff),
        le16(1, 32),
        zeros(99),
      ),
  ],
];

const element = (type: string, length: number, ...parts: Part[]) => join(type, be32(length), ...parts);
const ICNS_ROWS: Row[] = [
  ['a million elements', () => join('icns', be32(8 + 8 * M), repeated(element('ic07', 8), M))],
  ['elements of no bytes', () => join('icns', be32(5000), repeated(element('ic07', 0), 600))],
  ['elements of 2³² − 1 bytes', () => join('icns', be32(5000), repeated(element('it32', MAX), 600))],
  ['icons in icons', () => many(10_000, (level) => element('icns', 8 * (10_000 - level)))],
];

const dib = (width: number, height: number, depth: number, method = 0, colours = 0, data: Part = '') =>
  join('BM', le32(MAX, 0, 54, 40, width, height), le16(1, depth), le32(method, 0, 0, 0, colours, 0), data);
const BMP_ROWS: Row[] = [
  ['claims 2³¹ − 1 squared', () => dib(0x7fffffff, 0x7fffffff, 32)],
  ['claims −2³¹ squared', () => dib(0x80000000, 0x80000000, 32)],
  ['2³² − 1 colours', () => dib(16, 16, 8, 0, MAX)],
  ['runs of 30 MB', () => dib(60_000, 60_000, 8, 1, 0, Buffer.alloc(30 * M, 'ab'))],
  ['a header of 2³² − 1 bytes', () => join('BM', le32(100, 0, 54, MAX), ones(500))],
  ['pixels before the file', () => join('BM', le32(100, 0, MAX, 40, 9, 9), le16(1, 24), zeros(99))],
];

const psd = (...sections: Part[]) =>
  join('8BPS', be16(1), zeros(6), be16(3), be32(300_000, 300_000), be16(8, 3), ...sections);
const PSD_ROWS: Row[] = [
  ['claims 300,000 squared', () => psd(be32(0, 0, 0))],
  ['sections of 2³² − 1 bytes', () => psd(be32(MAX), be32(MAX), be32(MAX))],
  [
    'resources of 30 MB',
    () => psd(be32(0), be32(30 * M), repeated(join('8BIM', be16(1000), 0, 0, be32(0)), 2_500_000)),
  ],
  ['32,768 layers', () => psd(be32(0, 0), be32(60_000, 59_000), be16(0x8000), zeros(59_000))],
  [
    'layers of 65,535 channels',
    () => psd(be32(0, 0), be32(900_000, 890_000), be16(1), zeros(16), be16(65_535), ones(880_000)),
  ],
  [
    'blocks of no length',
    () => psd(be32(0, 0), be32(900_000, 0, 0), repeated(join('8BIMLr16', be32(0)), 70_000)),
  ],
];

const DIGITS = '9'.repeat(M);
const PNM_ROWS: Row[] = [
  ['a size of a million digits', () => join('P6\n', DIGITS, ' 2 255\n', zeros(99))],
  ['a comment of 30 MB', () => join('P6\n#', Buffer.alloc(30 * M, '#'))],
  ['10 million comments', () => join('P6\n', repeated(join('#\n'), 10 * M), '2 2 255\n')],
  ['blanks of 30 MB', () => join('P6', Buffer.alloc(30 * M, ' '), '2 2 255\n')],
  ['claims 10⁹ squared', () => join('P6 999999999 999999999 65535\n', zeros(99))],
  ['30 MB of digits for pixels', () => join('P3 60000 60000 255\n', Buffer.alloc(30 * M, '1 '))],
  ['30 MB of bits for pixels', () => join('P1 60000 60000\n', Buffer.alloc(30 * M, '10'))],
  ['5 million lines of a PAM', () => join('P7\n', Buffer.alloc(30 * M, 'DEPTH 1\n'), 'ENDHDR\n')],
];
const PFM_ROWS: Row[] = [
  ['a scale of a million digits', () => join('PF\n2 2\n-', DIGITS, '\n')],
  ['a scale that is no number', () => join('PF\n2 2\n-1e', '9'.repeat(1000), '\n', zeros(99))],
];

const DDS_ROWS: Row[] = [
  ['claims 2³² − 1 of everything', () => join('DDS ', le32(124), ones(5000))],
  [
    '2³² − 1 levels of 2³² − 1 pictures',
    () =>
      join('DDS ', le32(124, MAX, 8, 8, MAX, MAX, MAX), zeros(44), le32(32, 4), 'DX10', zeros(20), ones(60)),
  ],
];
const TGA_ROWS: Row[] = [
  ['claims 65,535 squared', () => join([0, 0, 2], zeros(9), le16(65_535, 65_535), [32, 8], zeros(99))],
  ['runs of 30 MB', () => join([0, 0, 10], zeros(9), le16(65_535, 65_535), [24, 0], ones(30 * M))],
  [
    'an extension at 2³² − 1',
    () => join([0, 0, 2], zeros(9), le16(2, 2), [24, 0], zeros(50), le32(MAX, MAX), 'TRUEVISION-XFILE.\0'),
  ],
  [
    'an extension and a directory that are the footer',
    () => join([0, 0, 2], zeros(9), le16(2, 2), [24, 0], zeros(50), le32(68, 68), 'TRUEVISION-XFILE.\0'),
  ],
];

const attribute = (name: string, type: string, data: Part) =>
  join(`${name}\0${type}\0`, le32(join(data).length), data);
const WINDOW = le32(0, 0, 0x7fffffff, 0x7fffffff);
const exr = (...attributes: Part[]) => join('v/1\x01', le32(2), ...attributes, 0);
const EXR_ROWS: Row[] = [
  [
    'a window of 2³¹',
    () => exr(attribute('dataWindow', 'box2i', WINDOW), attribute('displayWindow', 'box2i', WINDOW)),
  ],
  ['a million attributes', () => exr(repeated(attribute('a', 'int', le32(1)), M))],
  ['an attribute of 2³² − 1 bytes', () => exr(join('a\0string\0', le32(MAX), 'x'))],
  ['a name of 30 MB', () => exr(Buffer.alloc(30 * M, 'x'))],
  [
    'a million channels',
    () => exr(attribute('channels', 'chlist', repeated(join('R\0', le32(1, 0, 1, 1)), M))),
  ],
  [
    '20,000 parts',
    () => join('v/1\x01', le32(0x1002), repeated(join(attribute('name', 'string', 'x'), 0), 20_000), 0),
  ],
];

const HDR_HEAD = '#?RADIANCE\n';
const HDR_ROWS: Row[] = [
  ['a million lines', () => join(HDR_HEAD, repeated(join('A=b\n'), M), '\n-Y 9 +X 9\n')],
  ['a line of 30 MB', () => join(HDR_HEAD, Buffer.alloc(30 * M, 'x'))],
  [
    'claims 10¹⁰ squared',
    () => join(HDR_HEAD, 'FORMAT=32-bit_rle_rgbe\n\n-Y 9999999999 +X 9999999999\n', zeros(99)),
  ],
];

const PCX_ROWS: Row[] = [
  [
    'claims 65,536 squared',
    () => join([10, 5, 1, 8], le16(0, 0, 65_535, 65_535), zeros(53), 4, le16(65_535), zeros(60), ones(M)),
  ],
  ['a window turned round', () => join([10, 5, 1, 8], le16(9, 9, 2, 2), zeros(53), 4, le16(8), zeros(60))],
];

const EPS_HEAD = '%!PS-Adobe-3.0 EPSF-3.0\n';
const EPS_ROWS: Row[] = [
  ['comments of 30 MB', () => join(EPS_HEAD, Buffer.alloc(30 * M, '%%A: b\n'))],
  ['a line of 30 MB', () => join(EPS_HEAD, '%%BoundingBox: ', Buffer.alloc(30 * M, '1 '))],
  ['boxes of a million digits', () => join(EPS_HEAD, `%%BoundingBox: ${DIGITS} 0 ${DIGITS} 1e999\n`)],
  ['a program that never ends', () => join(EPS_HEAD, '{} loop (/etc/passwd) (r) file run\n%%EOF\n')],
  ['parts at 2³² − 1', () => join([0xc5, 0xd0, 0xd3, 0xc6], ones(26), EPS_HEAD)],
  [
    'a part that is itself',
    () => join([0xc5, 0xd0, 0xd3, 0xc6], le32(0, 5000, 0, 5000, 0, 5000), ones(5000)),
  ],
  ['XMP that never ends', () => join(EPS_HEAD, '<?xpacket begin="', Buffer.alloc(20 * M, '<?xpacket '))],
];

const RAF_ROWS: Row[] = [
  ['parts at 2³² − 1', () => join('FUJIFILMCCD-RAW 0201FF119502', ones(500))],
  [
    'parts that are the file',
    () => join('FUJIFILMCCD-RAW 0201FF119502', zeros(56), be32(0, 160, 0, 160, 0, 160), zeros(500)),
  ],
  [
    '2³² − 1 records',
    () =>
      join('FUJIFILMCCD-RAW 0201FF119502', zeros(56), be32(0, 0, 108, 5000), be32(MAX, MAX, MAX), ones(5000)),
  ],
];

const QOI_ROWS: Row[] = [
  ['claims 2³² − 1 squared', () => join('qoif', be32(MAX, MAX), 4, 0, zeros(99))],
  ['runs of 30 MB', () => join('qoif', be32(60_000, 60_000), 4, 0, Buffer.alloc(30 * M, 0xfd))],
];

const ROWS: Partial<Record<ImageFormat, readonly Row[]>> = {
  jxl: JXL_ROWS,
  jp2: JP2_ROWS,
  ico: ICO_ROWS,
  icns: ICNS_ROWS,
  bmp: BMP_ROWS,
  psd: PSD_ROWS,
  ppm: PNM_ROWS,
  pfm: PFM_ROWS,
  dds: DDS_ROWS,
  tga: TGA_ROWS,
  exr: EXR_ROWS,
  hdr: HDR_ROWS,
  pcx: PCX_ROWS,
  eps: EPS_ROWS,
  raf: RAF_ROWS,
  qoi: QOI_ROWS,
};

export const OTHER_ATTACKS: Attack[] = Object.entries(ROWS).flatMap(([format, rows]) =>
  attacksOn(format as ImageFormat, rows),
);
