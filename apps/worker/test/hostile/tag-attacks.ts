// EXIF, IPTC, Photoshop resources and colour profiles: directories in circles, values that overlap, records without number.

import { deflateSync } from 'node:zlib';
import { be16, be32, join, le16, le32, zeros } from '../image/formats/byte-builder.ts';
import { segment } from '../image/formats/jpeg/jpeg-builder.ts';
import { chunk, idat, iend, ihdr, png } from '../image/formats/png/png-builder.ts';
import { type Attack, attacksOn, many, repeated } from './attack.ts';

const HEAD = 'II*\0\x08\0\0\0';
const ASCII = 2;
const LONG = 4;
const RATIONAL = 5;
const UNDEFINED = 7;

const entry = (tag: number, type: number, count: number, value: number) =>
  join(le16(tag, type), le32(count, value));
const directory = (next: number, ...entries: Buffer[]) => join(le16(entries.length), ...entries, le32(next));
const exif = (block: Buffer) => png(ihdr(), chunk('eXIf', block), idat, iend);
const BLOCK_BYTES = 8 + 2 + 65_535 * 12 + 4;

/** A directory as full as it can be, then `bytes` bytes; every entry is given where these are. */
const full = (value: (index: number, dataAt: number) => Buffer, data: Buffer) =>
  join(
    HEAD,
    le16(65_535),
    many(65_535, (index) => value(index, BLOCK_BYTES)),
    le32(0),
    data,
  );

const pointerTo = (at: number) => [0x8769, 0x8825, 0xa005, 0x014a].map((tag) => entry(tag, LONG, 1, at));
/** A block that is its own maker note, and that of the note, and so on. */
const inItself = (depth: number) => {
  let block = join(HEAD, directory(0));
  for (let level = 0; level < depth; level += 1)
    block = join(HEAD, directory(0, entry(0x927c, UNDEFINED, block.length, 26)), block);
  return block;
};

const EXIF_ATTACKS: Attack[] = attacksOn('png', [
  [
    'EXIF: 65,535 texts of 1 MB at one place',
    () => exif(full((tag, at) => entry(tag, ASCII, 1_000_000, at), Buffer.alloc(1_000_000, 'x'))),
  ],
  [
    'EXIF: 65,535 times 100,000 numbers at one place',
    () => exif(full((tag, at) => entry(tag, RATIONAL, 100_000, at), zeros(800_000))),
  ],
  [
    'EXIF: 65,535 maker notes',
    () => exif(full((_, at) => entry(0x927c, UNDEFINED, 1_000_000, at), zeros(1_000_000))),
  ],
  [
    'EXIF: 65,535 comments in Unicode',
    () => exif(full((_, at) => entry(0x9286, UNDEFINED, 1_000_000, at), join('UNICODE\0', zeros(1_000_000)))),
  ],
  [
    'EXIF: 65,535 pointers to itself',
    () => exif(full((at) => entry([0x8769, 0x8825, 0xa005, 0x014a][at % 4] ?? 0, LONG, 1, 8), zeros(1))),
  ],
  [
    'EXIF: 2³² − 1 of everything',
    () => exif(full((tag) => entry(tag, 1 + (tag % 12), 0xffffffff, 8), zeros(1))),
  ],
  [
    'EXIF: a preview directory that is the first',
    () => exif(join(HEAD, directory(8, entry(0x0201, LONG, 1, 8)))),
  ],
  ['EXIF: directories that lead to each other', () => exif(join(HEAD, directory(8, ...pointerTo(8))))],
  [
    'EXIF: 5,000 directories in a row',
    () =>
      exif(
        join(
          HEAD,
          many(5000, (at) => directory(8 + (at + 1) * 18, entry(0x010e, ASCII, 4, 0x41414141))),
        ),
      ),
  ],
  ['EXIF in EXIF, 2,000 deep', () => exif(inItself(2000))],
  [
    'EXIF: a preview of 4 GB',
    () =>
      exif(
        join(
          HEAD,
          directory(26),
          zeros(12),
          directory(0, entry(0x0201, LONG, 1, 0), entry(0x0202, LONG, 1, 0xffffffff)),
        ),
      ),
  ],
  [
    'EXIF: a preview that is the block',
    () =>
      exif(join(HEAD, directory(14), directory(0, entry(0x0201, LONG, 1, 8), entry(0x0202, LONG, 1, 50)))),
  ],
  [
    'EXIF: divided by nothing',
    () =>
      exif(
        join(
          HEAD,
          directory(0, entry(0x011a, RATIONAL, 1, 0), entry(0x8825, LONG, 1, 38)),
          directory(0, entry(2, RATIONAL, 3, 200), entry(4, RATIONAL, 3, 200)),
          zeros(300),
        ),
      ),
  ],
  ['EXIF: types that there are not', () => exif(full((at) => entry(at, at, 5, at), zeros(1)))],
]);

const dataset = (record: number, number: number, data: string | Buffer) =>
  join(0x1c, record, number, be16(data.length), data);
const resource = (id: number, data: Buffer) =>
  join('8BIM', be16(id), 0, 0, be32(data.length), data, zeros(data.length % 2));
/** Cut into segments, as Photoshop does it. */
function jpegWith(resources: Buffer): Buffer {
  const count = Math.ceil(resources.length / 65_000);
  const parts = many(count, (at) =>
    segment(0xed, 'Photoshop 3.0\0', resources.subarray(at * 65_000, (at + 1) * 65_000)),
  );
  return join(
    [0xff, 0xd8],
    parts,
    segment(0xc0, 8, be16(8), be16(8), 1, 1, 0x11, 0),
    segment(0xda, 1, 1, 0, 0, 63, 0),
    [0xff, 0xd9],
  );
}
const iptc = (records: Buffer) => jpegWith(resource(0x0404, records));
const TEXT = 'x'.repeat(30);

const IPTC_ATTACKS: Attack[] = attacksOn('jpeg', [
  ['IPTC: 60,000 keywords', () => iptc(repeated(dataset(2, 25, TEXT), 60_000))],
  ['IPTC: 60,000 titles', () => iptc(repeated(dataset(2, 5, TEXT), 60_000))],
  ['IPTC: 60,000 different records', () => iptc(many(60_000, (at) => dataset(at >> 8, at & 255, TEXT)))],
  ['IPTC: 600 texts of 32 kB', () => iptc(many(600, (at) => dataset(2, at % 256, Buffer.alloc(32_000, at))))],
  ['IPTC: 3 million empty records', () => iptc(repeated(dataset(2, 199, ''), 3_000_000))],
  ['IPTC: a record of 2³¹ bytes', () => iptc(join(0x1c, 2, 120, be16(0x8004), be32(0x7fffffff), TEXT))],
  [
    'IPTC: a length of 32,767 bytes',
    () => iptc(join(0x1c, 2, 120, be16(0xffff), Buffer.alloc(40_000, 0xff))),
  ],
  [
    'IPTC: characters of no set',
    () => iptc(join(dataset(1, 90, Buffer.alloc(32_000, 0x1b)), dataset(2, 120, Buffer.alloc(32_000, 0xff)))),
  ],
  ['Photoshop: 3 million resources', () => jpegWith(repeated(resource(0x0bb7, zeros(0)), 3_000_000))],
  ['Photoshop: 5,000 blocks of IPTC', () => jpegWith(repeated(resource(0x0404, dataset(2, 5, TEXT)), 5000))],
  [
    'Photoshop: resources in resources',
    () => {
      let inner = resource(0x0404, dataset(2, 5, TEXT));
      for (let level = 0; level < 1000; level += 1) inner = resource(0x0404, inner);
      return jpegWith(inner);
    },
  ],
  [
    'Photoshop: EXIF, XMP, a profile and a preview of nonsense',
    () =>
      jpegWith(
        many(500, (at) => resource([0x0422, 0x0424, 0x040f, 0x040c][at % 4] ?? 0, Buffer.alloc(5000, at))),
      ),
  ],
  ['Photoshop: a name of 255 letters that is not there', () => jpegWith(join('8BIM', be16(0x0404), 255))],
]);

const profile = (tags: Buffer, count: number, data: Buffer = zeros(0)) => {
  const length = 132 + tags.length + data.length;
  const head = join(
    be32(length),
    'lcms',
    be32(0x04300000),
    'mntrRGB XYZ ',
    zeros(12),
    'acsp',
    zeros(88),
    be32(count),
  );
  return join(head, tags, data);
};
const icc = (bytes: Buffer) => png(ihdr(), chunk('iCCP', 'profile\0\0', deflateSync(bytes)), idat, iend);
const tag = (name: string, at: number, length: number) => join(name, be32(at, length));
const localized = (count: number, ...records: Buffer[]) => join('mluc', be32(0, count, 12), ...records);
const NAMES = ['desc', 'cprt', 'dmnd', 'dmdd', 'rXYZ', 'wtpt', 'rTRC', 'A2B0', 'chad', 'cicp'];

const ICC_ATTACKS: Attack[] = attacksOn('png', [
  [
    'ICC: 60,000 tags at one place',
    () =>
      icc(
        profile(
          many(60_000, (at) => tag(NAMES[at % NAMES.length] ?? '', 132, 700_000)),
          60_000,
        ),
      ),
  ],
  ['ICC: 2³² − 1 tags', () => icc(profile(tag('desc', 132, 12), 0xffffffff))],
  [
    'ICC: tags behind the end',
    () =>
      icc(
        profile(
          many(9, (at) => tag(NAMES[at] ?? '', 0xfffffff0, 0xffffffff)),
          9,
        ),
      ),
  ],
  [
    'ICC: a text in 2³² − 1 languages',
    () => icc(profile(tag('desc', 144, 5000), 1, join(localized(0xffffffff), zeros(5000)))),
  ],
  [
    'ICC: a text in 50,000 languages at one place',
    () =>
      icc(
        profile(
          tag('desc', 144, 600_016),
          1,
          localized(50_000, repeated(join('enUS', be32(100_000, 16)), 50_000)),
        ),
      ),
  ],
  [
    'ICC: a text of 2³² − 1 letters',
    () => icc(profile(tag('desc', 144, 100), 1, join('desc', be32(0, 0xffffffff), zeros(99)))),
  ],
  [
    'ICC: curves of 2³² − 1 points',
    () => icc(profile(tag('rTRC', 144, 100), 1, join('curv', be32(0, 0xffffffff), zeros(99)))),
  ],
  ['ICC: a head alone', () => icc(zeros(128))],
  ['ICC: says it is 4 GB', () => icc(join(be32(0xffffffff), profile(zeros(0), 0).subarray(4)))],
]);

export const TAG_ATTACKS: Attack[] = [...EXIF_ATTACKS, ...IPTC_ATTACKS, ...ICC_ATTACKS];
