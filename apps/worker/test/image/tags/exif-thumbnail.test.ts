import t from 'tap';
import { readExif } from '../../../src/image/tags/exif.ts';
import { ASCII, type Field, LONG, SHORT, tiff } from '../tiff-builder.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const JPEG = latin1(
  '\xff\xd8\xff\xfe\0\x03!\xff\xff\xc0\0\x11\x08\0\x78\0\xa0\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9',
);
const maker: Field = [0x010f, ASCII, 'Maker'];

t.test('thumbnail: JPEG', async (t) => {
  const bytes = tiff([
    [maker],
    [
      [0x0103, SHORT, [6]],
      [0x0201, LONG, { data: JPEG }],
      [0x0202, LONG, [JPEG.length]],
    ],
  ]);
  const { exif, thumbnail } = readExif(bytes);
  t.same(exif?.thumbnail, { bytes: JPEG.length, width: 160, height: 120, format: 'jpeg' });
  t.same(thumbnail, JPEG);
});

t.test('thumbnail: JPEG whose frame is not found', async (t) => {
  const cut = JPEG.subarray(0, 12);
  const bytes = tiff([
    [maker],
    [
      [0x0201, LONG, { data: cut }],
      [0x0202, LONG, [cut.length]],
    ],
  ]);
  t.same(readExif(bytes).exif?.thumbnail, { bytes: 12, format: 'jpeg' });
});

t.test('thumbnail: uncompressed', async (t) => {
  const pixels = Buffer.alloc(48, 7);
  const ifd1: Field[] = [
    [0x0100, SHORT, [4]],
    [0x0101, SHORT, [4]],
    [0x0103, SHORT, [1]],
    [0x0111, LONG, { data: pixels }],
  ];
  const { exif, thumbnail } = readExif(tiff([[maker], [...ifd1, [0x0117, LONG, [48]]]]));
  t.same(exif?.thumbnail, { bytes: 48, width: 4, height: 4, format: 'uncompressed' });
  t.same(thumbnail, pixels);
});

t.test('thumbnail: not where the file says', async (t) => {
  for (const place of [
    [4, 10],
    [1 << 20, 10],
    [8, 1 << 20],
  ]) {
    const [at = 0, length = 0] = place;
    const { exif, thumbnail, warnings } = readExif(
      tiff([
        [maker],
        [
          [0x0201, LONG, [at]],
          [0x0202, LONG, [length]],
        ],
      ]),
    );
    t.equal(exif?.make, 'Maker');
    t.equal(exif?.thumbnail, undefined);
    t.equal(thumbnail, undefined);
    t.same(
      warnings.map(({ code, field }) => [code, field]),
      [['TAGS_UNREADABLE', 'exif.thumbnail']],
    );
  }
});
