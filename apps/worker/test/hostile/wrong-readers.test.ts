import type { ImageFormat } from '@tintype/core/contract';
import t from 'tap';
import { HEADER_READERS } from '../../src/image/read-header.ts';
import { join } from '../image/formats/byte-builder.ts';
import type { Attack } from './attack.ts';
import { prove } from './proving-ground.ts';
import { makeSeeds } from './seeds.ts';

const FORMATS = Object.keys(HEADER_READERS) as ImageFormat[];

/** What the door looks for, and nothing behind it. */
const SIGNATURES: Partial<Record<ImageFormat, readonly string[]>> = {
  jpeg: ['\xff\xd8\xff'],
  png: ['\x89PNG\r\n\x1a\n'],
  gif: ['GIF87a', 'GIF89a'],
  webp: ['RIFF\x1a\0\0\0WEBP', 'RIFF\xff\xff\xff\xffWEBPVP8X'],
  tiff: ['II*\0', 'MM\0*', 'II+\0', 'MM\0+', 'II*\0\x08\0\0\0'],
  cr2: ['II*\0\x10\0\0\0CR\x02\0'],
  orf: ['IIRO\x08\0\0\0', 'MMOR\0\0\0\x08'],
  rw2: ['IIU\0\x18\0\0\0'],
  avif: ['\0\0\0\x10ftypavif', '\0\0\0\0ftypavis'],
  heic: ['\0\0\0\x10ftypheic', '\0\0\0\x14ftypmif1\0\0\0\0mif1'],
  cr3: ['\0\0\0\x10ftypcrx '],
  jxl: ['\xff\x0a', '\0\0\0\x0cJXL \r\n\x87\n'],
  jp2: ['\0\0\0\x0cjP  \r\n\x87\n', '\xff\x4f\xff\x51'],
  psd: ['8BPS\0\x01', '8BPS\0\x02'],
  raf: ['FUJIFILMCCD-RAW'],
  qoi: ['qoif'],
  dds: ['DDS |\0\0\0'],
  exr: ['v/1\x01\x02'],
  hdr: ['#?RADIANCE\n', '#?RGBE\r\n'],
  icns: ['icns\0\0\0\x10ic07\0\0\0\x08'],
  eps: ['%!PS-Adobe-3.0 EPSF-3.0', '\xc5\xd0\xd3\xc6'],
  ppm: ['P6 2 2 255\n', 'P1 2 2\n', 'P7\nWIDTH 2'],
  pfm: ['Pf 2 2 -1.0\n'],
  bmp: ['BM', 'BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0'],
  ico: ['\0\0\x01\0\x01\0', '\0\0\x02\0\xff\xff'],
  svg: ['<svg', '<?xml version="1.0"?><svg', '\xff\xfe<\0s\0v\0g\0'],
  crw: ['II\x1a\0\0\0HEAPCCDR'],
  mrw: ['\0MRM\0\0\0\x18\0PRD'],
  x3f: ['FOVb\0\0\x02\0'],
  jxr: ['II\xbc\x01\x08\0\0\0'],
  xcf: ['gimp xcf file\0', 'gimp xcf v011\0'],
  fits: ['SIMPLE  =                    T'],
  dpx: ['SDPX\0\0\0\0V1.0', 'XPDS\0\0\0\0V2.0'],
  jng: ['\x8bJNG\r\n\x1a\n'],
  pcx: ['\x0a\x05\x01\x08'],
  tga: ['\0\0\x02', '\0\x01\x09'],
};

const TAILS: [name: string, tail: Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(4096)],
  ['ones', Buffer.alloc(4096, 0xff)],
];

const signatures: Attack[] = Object.entries(SIGNATURES).flatMap(([format, all]) =>
  all.flatMap((signature) =>
    TAILS.map(([name, tail]) => ({
      name: `${format}: ${JSON.stringify(signature)} and ${name}`,
      format: format as ImageFormat,
      make: () => join(signature, tail),
    })),
  ),
);

const HARDLY_ANYTHING: [name: string, bytes: Buffer][] = [
  ['no byte', Buffer.alloc(0)],
  ...[0, 0x0a, 0x3c, 0x42, 0x49, 0x50, 0xff].map((byte): [string, Buffer] => [
    `the byte ${byte}`,
    Buffer.from([byte]),
  ]),
];

const everyFormat = (name: string, bytes: Buffer): Attack[] =>
  FORMATS.map((format) => ({ name: `${name} as ${format}`, format, make: () => bytes }));

const seeds = await makeSeeds();
const ofEachFormat = FORMATS.flatMap((format) => seeds.find((seed) => seed.format === format) ?? []);

t.test('signatures alone', async (t) => prove(t, signatures));
t.test('hardly anything, as every format', async (t) =>
  prove(
    t,
    HARDLY_ANYTHING.flatMap(([name, bytes]) => everyFormat(name, bytes)),
  ),
);
t.test('files of one format given to the readers of the others', async (t) =>
  prove(
    t,
    ofEachFormat.flatMap(({ name, bytes }) => everyFormat(name, bytes)),
  ),
);
t.test('every format has a signature and a seed', async (t) => {
  // Which of TIFF's children a camera's file is, is told by its tags.
  const byTags = ['dng', 'nef', 'arw', 'pef', 'srw'];
  t.same(
    FORMATS.filter((format) => !(format in SIGNATURES) && !byTags.includes(format)),
    [],
  );
  t.same(
    FORMATS.filter((format) => !seeds.some((seed) => seed.format === format)),
    [],
  );
});
