// Whole files of the formats that sharp can't write, a few pixels each.
import { brotliCompressSync } from 'node:zlib';
import {
  be16,
  be32,
  be64,
  join,
  le16,
  le32,
  leFloat,
  type Part,
  zeros,
} from '../image/formats/byte-builder.ts';
import {
  ALPHA,
  auxiliary,
  dimg,
  EXIF,
  heif,
  hvcC,
  ispe,
  PICTURE,
  pixi,
  reference,
  xmp,
} from '../image/formats/heif/heif-builder.ts';
import * as jp2 from '../image/formats/jp2/jp2-builder.ts';
import * as jxl from '../image/formats/jxl/jxl-builder.ts';
import { describing } from '../image/tags/xmp-builder.ts';
import { ASCII, LONG, RATIONAL, SHORT, tiff } from '../image/tiff-builder.ts';
import type { Seed } from './seeds.ts';

/** A block of EXIF with its three directories. */
export const EXIF_BLOCK = tiff([
  [
    [0x010f, ASCII, 'A maker'],
    [0x0112, SHORT, [6]],
    [0x011a, RATIONAL, [300, 1]],
    [
      0x8769,
      LONG,
      {
        directories: [
          [
            [0x829a, RATIONAL, [1, 250]],
            [0x9003, ASCII, '2024:05:06 07:08:09'],
            [0x927c, 7, Buffer.from('Nikon\0\x02')],
          ],
        ],
      },
    ],
    [
      0x8825,
      LONG,
      {
        directories: [
          [
            [1, ASCII, 'N'],
            [2, RATIONAL, [48, 1, 51, 1, 29, 1]],
          ],
        ],
      },
    ],
  ],
]);
const PACKET = describing('<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li></rdf:Seq></dc:creator>');

const dib = (data: Part) => join(le32(40, 4, 4), le16(1, 24), le32(0, 48, 2835, 2835, 0, 0), data);
const BMP = join('BM', le32(14 + 40 + 48, 0, 54), dib(zeros(48)));
const ICON = join(le32(40, 4, 8), le16(1, 32), zeros(24), zeros(64 + 16));
const ICO = join(
  le16(0, 1, 2),
  [4, 4, 0, 0],
  le16(1, 32),
  le32(ICON.length, 38),
  [4, 4, 0, 0],
  le16(1, 32),
  le32(ICON.length, 38 + ICON.length),
  ICON,
  ICON,
);
const resource = (id: number, data: Part) =>
  join('8BIM', be16(id), 0, 0, be32(join(data).length), data, zeros(join(data).length % 2));
const RESOURCES = join(
  resource(0x0404, '\x1c\x02\x05\0\x05Title'),
  resource(0x0422, EXIF_BLOCK),
  resource(0x0424, PACKET),
);
const LAYERS = join(be32(32, 28), be16(1), zeros(26));
const psd = (version: number, long: (value: number) => Buffer) =>
  join(
    '8BPS',
    be16(version),
    zeros(6),
    be16(3),
    be32(3, 5),
    be16(8, 3),
    be32(0, RESOURCES.length),
    RESOURCES,
    version === 1 ? LAYERS : long(0),
    be16(0),
    zeros(45),
  );
const QOI = join(
  'qoif',
  be32(4, 3),
  4,
  0,
  [0xfe, 1, 2, 3, 0xff, 1, 2, 3, 4, 0x6a, 0xa0, 0x88, 0x01, 0xc6],
  zeros(7),
  1,
);
const DDS = join(
  'DDS ',
  le32(124, 0x1007, 8, 16, 0, 0, 1),
  zeros(44),
  le32(32, 4),
  'DXT1',
  le32(0, 0, 0, 0, 0, 0x1000, 0, 0, 0, 0),
  zeros(64),
);
const DX10 = join(
  'DDS ',
  le32(124, 0x1007, 8, 16, 0, 0, 1),
  zeros(44),
  le32(32, 4),
  'DX10',
  le32(0, 0, 0, 0, 0, 0x1000, 0, 0, 0, 0),
  le32(28, 3, 0, 1, 0),
  zeros(512),
);
const TGA = join(
  [3, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  le16(4, 4),
  [32, 0x28],
  'id!',
  [0x8f, 1, 2, 3, 4],
  le32(0, 0),
  'TRUEVISION-XFILE.\0',
);
const attribute = (name: string, type: string, ...value: Part[]) =>
  join(name, 0, type, 0, le32(join(...value).length), ...value);
const CHANNEL = join('R\0', le32(1, 0, 1, 1));
const EXR = join(
  'v/1\x01',
  le32(2),
  attribute('channels', 'chlist', CHANNEL, 0),
  attribute('compression', 'compression', 0),
  attribute('dataWindow', 'box2i', le32(0, 0, 3, 1)),
  attribute('displayWindow', 'box2i', le32(0, 0, 3, 1)),
  attribute('lineOrder', 'lineOrder', 0),
  attribute('pixelAspectRatio', 'float', leFloat(1)),
  attribute('screenWindowCenter', 'v2f', leFloat(0, 0)),
  attribute('screenWindowWidth', 'float', leFloat(1)),
  attribute('owner', 'string', 'Ann'),
  0,
  zeros(60),
);
const HDR = join(
  '#?RADIANCE\n# a comment\nFORMAT=32-bit_rle_rgbe\nEXPOSURE=1.5\n\n-Y 2 +X 9\n',
  repeatedRow(2, 9),
);
const PCX = join(
  [10, 5, 1, 8],
  le16(0, 0, 4, 2, 300, 300),
  zeros(49),
  1,
  le16(6, 1),
  zeros(58),
  [0xc6, 1, 0xc6, 2, 0xc6, 3, 0x0c],
  zeros(768),
);
const element = (type: string, data: Part) => join(type, be32(8 + join(data).length), data);
const icns = (...elements: Buffer[]) => join('icns', be32(8 + join(...elements).length), ...elements);
const EPS = join(
  '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 10\n%%HiResBoundingBox: 0 0 20.5 10.5\n%%Title: (A title)\n%%Creator: Ann\n%%EndComments\nshowpage\n',
  PACKET,
  '\n%%EOF\n',
);
const DOS_EPS = join([0xc5, 0xd0, 0xd3, 0xc6], le32(30, EPS.length, 0, 0, 0, 0), [0xff, 0xff], EPS);

/** One run a channel, in the newer way. */
function repeatedRow(rows: number, width: number): Buffer {
  const row = join([2, 2], be16(width), ...[1, 2, 3, 128].map((value) => [128 + width, value]));
  return Buffer.concat(Array(rows).fill(row));
}

const HEVC = { properties: [ispe(64, 48), hvcC(1, 0, 90, 1, 8), pixi(8, 8, 8)] };
const GRID = { type: 'grid', data: [0, 0, 0, 1, 0, 128, 0, 48], properties: [ispe(128, 48)] };
const PARTS = [
  jxl.box('Exif', be32(0), EXIF_BLOCK),
  jxl.box('xml ', PACKET),
  jxl.box('brob', 'xml ', brotliCompressSync(Buffer.from(PACKET))),
  jxl.box('jxlc', jxl.codestream({}, jxl.frame({}))),
];
const JP2 = join(
  be32(12),
  'jP  \r\n\x87\n',
  jp2.box('ftyp', 'jp2 ', be32(0), 'jp2 '),
  jp2.box(
    'jp2h',
    jp2.box('ihdr', be32(10, 20), be16(1), [7, 7, 0, 0]),
    jp2.box('colr', 1, 0, 0, be32(17)),
    jp2.box('res ', jp2.box('resc', be16(300, 1, 300, 1), [4, 4])),
  ),
  jp2.box('xml ', PACKET),
  jp2.box('jp2c', jp2.codestream({}, jp2.cod(1), jp2.comment('made by hand'))),
);

export const HAND_MADE_SEEDS: Seed[] = [
  {
    name: 'heic',
    format: 'heic',
    bytes: heif({
      brands: ['heic', 'mif1'],
      items: [HEVC, EXIF, xmp(PACKET)],
      references: [reference('cdsc', 2, 1), reference('cdsc', 3, 1)],
    }),
  },
  {
    name: 'heic, a grid with alpha',
    format: 'heic',
    bytes: heif({
      brands: ['heic', 'mif1'],
      items: [GRID, PICTURE, PICTURE, auxiliary(ALPHA)],
      references: [dimg(1, 2, 3), reference('auxl', 4, 1)],
    }),
  },
  { name: 'jxl', format: 'jxl', bytes: jxl.codestream({}, jxl.frame({})) },
  { name: 'jxl in boxes', format: 'jxl', bytes: jxl.container(...PARTS) },
  { name: 'bmp', format: 'bmp', bytes: BMP },
  { name: 'ico', format: 'ico', bytes: ICO },
  { name: 'psd', format: 'psd', bytes: psd(1, be32) },
  { name: 'psb', format: 'psd', bytes: psd(2, be64) },
  { name: 'jp2', format: 'jp2', bytes: JP2 },
  { name: 'jp2, bare', format: 'jp2', bytes: jp2.codestream({}) },
  {
    name: 'svg',
    format: 'svg',
    bytes: Buffer.from(
      `<?xml version="1.0"?><!-- drawn --><svg xmlns="http://www.w3.org/2000/svg" width="9mm" height="3cm" viewBox="0 0 9 30"><title>A title</title><metadata>${PACKET}</metadata><rect width="9"/></svg>`,
    ),
  },
  { name: 'ppm', format: 'ppm', bytes: join('P6\n# a comment\n2 2 255\n', zeros(12)) },
  { name: 'pbm of text', format: 'ppm', bytes: join('P1\n2 2\n1 0 0 1\n') },
  {
    name: 'pam',
    format: 'ppm',
    bytes: join('P7\nWIDTH 2\nHEIGHT 2\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n', zeros(16)),
  },
  { name: 'pfm', format: 'pfm', bytes: join('PF\n2 2\n-1.0\n', zeros(48)) },
  { name: 'qoi', format: 'qoi', bytes: QOI },
  { name: 'dds', format: 'dds', bytes: DDS },
  { name: 'dds of DX10', format: 'dds', bytes: DX10 },
  { name: 'tga', format: 'tga', bytes: TGA },
  { name: 'exr', format: 'exr', bytes: EXR },
  { name: 'hdr', format: 'hdr', bytes: HDR },
  { name: 'pcx', format: 'pcx', bytes: PCX },
  {
    name: 'icns',
    format: 'icns',
    bytes: icns(element('ICN#', zeros(256)), element('il32', zeros(40)), element('l8mk', zeros(1024))),
  },
  { name: 'eps', format: 'eps', bytes: EPS },
  { name: 'eps for DOS', format: 'eps', bytes: DOS_EPS },
];
