import t from 'tap';
import { readExif } from '../../../src/image/tags/exif.ts';
import { EXIF_NAMES } from '../../../src/image/tags/exif-names.ts';
import { ASCII, type Field, LONG, RATIONAL, SHORT, tiff, UNDEFINED } from '../tiff-builder.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const JPEG = latin1('\xff\xd8\xff\xc0\0\x0b\x08\0\x78\0\xa0\x01\x01\x11\0\xff\xd9');
const camera: Field[] = [
  [0x010f, ASCII, 'Maker'],
  [0x0112, SHORT, [6]],
  [
    0x8769,
    LONG,
    {
      directories: [
        [
          [0x829a, RATIONAL, [1, 250]],
          [0x9003, ASCII, '2024:02:28 10:11:12'],
          [0x9286, UNDEFINED, latin1('UNICODE\0G\0r\0')],
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
];

const NONSENSE: [string, Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(100)],
  ['text', latin1('no tags at all, no, none')],
  ['a header alone', latin1('II*\0\x08\0\0\0')],
  ['a directory far away', latin1('MM\0*\x7f\xff\xff\xff')],
  ['ones', Buffer.concat([latin1('II*\0\x08\0\0\0'), Buffer.alloc(2000, 0xff)])],
];

for (const [name, bytes] of NONSENSE) {
  t.test(`nonsense: ${name}`, async (t) => {
    const reading = readExif(bytes);
    t.notOk(reading.exif && Object.keys(reading.exif.tags).length > 0);
    t.equal(reading.warnings[0]?.code, 'TAGS_UNREADABLE');
  });
}

t.test('every prefix, and every byte turned, ends in a reading', async (t) => {
  const bytes = tiff([
    camera,
    [
      [0x0201, LONG, { data: JPEG }],
      [0x0202, LONG, [JPEG.length]],
    ],
  ]);
  for (let length = 0; length < bytes.length; length += 1) {
    const { exif } = readExif(bytes.subarray(0, length));
    if (exif?.make !== undefined && exif.make !== 'Maker') t.fail(`invented at ${length}`);
  }
  for (let at = 0; at < bytes.length; at += 1) {
    const broken = Buffer.from(bytes);
    broken[at] = 255 - (broken[at] ?? 0);
    readExif(broken);
  }
  t.equal(readExif(bytes).exif?.make, 'Maker');
});

t.test('hostile: every known tag a long text, all at one place', async (t) => {
  const known = [...EXIF_NAMES.keys()];
  const fields = known.map((tag): Field => [tag, ASCII, new Uint8Array(0)]);
  const textAt = 8 + 2 + 12 * known.length + 4;
  const textBytes = 4 << 20;
  const bytes = Buffer.concat([tiff([fields]), Buffer.alloc(textBytes, 0xc4)]);
  for (const index of known.keys()) {
    bytes.writeUInt32LE(textBytes, 8 + 2 + 12 * index + 4);
    bytes.writeUInt32LE(textAt, 8 + 2 + 12 * index + 8);
  }
  const begin = process.cpuUsage();
  const { exif } = readExif(bytes);
  t.ok(process.cpuUsage(begin).user < 2_000_000, 'bounded: microseconds of CPU');
  t.ok(JSON.stringify(exif).length < 1 << 20, 'small');
  t.same(exif?.tags.Make, { truncated: true, length: textBytes });
});
