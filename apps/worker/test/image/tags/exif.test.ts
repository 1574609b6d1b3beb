import t from 'tap';
import { readExif } from '../../../src/image/tags/exif.ts';
import {
  ASCII,
  BYTE,
  type Field,
  LONG,
  RATIONAL,
  SHORT,
  SRATIONAL,
  type TiffOptions,
  tiff,
  UNDEFINED,
} from '../tiff-builder.ts';

const exifIfd = (...fields: Field[]): Field => [0x8769, LONG, { directories: [fields] }];
const read = (fields: readonly Field[], options?: TiffOptions) => readExif(tiff([fields], options));
const latin1 = (text: string) => Buffer.from(text, 'latin1');

const CAMERA: Field[] = [
  [0x010f, ASCII, 'Maker'],
  [0x0110, ASCII, 'Camera 1 '],
  [0x0112, SHORT, [6]],
  [0x011a, RATIONAL, [300, 1]],
  [0x011b, RATIONAL, [3000, 10]],
  [0x0128, SHORT, [2]],
  [0x0132, ASCII, '2024:02:29 23:59:59'],
  exifIfd(
    [0x829a, RATIONAL, [1, 250]],
    [0x829d, RATIONAL, [28, 10]],
    [0x8822, SHORT, [3]],
    [0x8827, SHORT, [400]],
    [0x9000, UNDEFINED, latin1('0300')],
    [0x9003, ASCII, '2024:02:28 10:11:12'],
    [0x9011, ASCII, '+02:00'],
    [0x9101, UNDEFINED, new Uint8Array([1, 2, 3, 0])],
    [0x9204, SRATIONAL, [-2, 3]],
    [0x9206, RATIONAL, [0xffffffff, 1]],
    [0x9207, SHORT, [5]],
    [0x9208, SHORT, [0]],
    [0x9209, SHORT, [0x19]],
    [0x920a, RATIONAL, [50, 1]],
    [0x927c, UNDEFINED, latin1('Maker notes, in a form of their own')],
    [0x9291, ASCII, '045'],
    [0xa001, SHORT, [65535]],
    [0xa403, SHORT, [0]],
    [0xa405, SHORT, [0]],
    [0xa432, RATIONAL, [24, 1, 70, 1, 0, 0, 0, 0]],
    [0xa434, ASCII, 'Lens 24-70'],
    [
      0xa005,
      LONG,
      {
        directories: [
          [
            [1, ASCII, 'R03'],
            [2, UNDEFINED, latin1('0100')],
          ],
        ],
      },
    ],
  ),
];

for (const options of [{}, { littleEndian: false }]) {
  t.test(`a camera's block, ${options.littleEndian === false ? 'big' : 'little'}-endian`, async (t) => {
    const reading = read(CAMERA, options);
    t.same(reading, {
      exif: {
        make: 'Maker',
        model: 'Camera 1',
        lensModel: 'Lens 24-70',
        takenAt: '2024-02-28T10:11:12.045+02:00',
        modifiedAt: '2024-02-29T23:59:59',
        exposureTimeSeconds: 0.004,
        fNumber: 2.8,
        iso: 400,
        focalLengthMm: 50,
        exposureBiasEv: -2 / 3,
        exposureProgram: 'aperture-priority',
        meteringMode: 'pattern',
        whiteBalance: 'auto',
        flashFired: true,
        colorSpace: 'adobe-rgb',
        tags: {
          Make: 'Maker',
          Model: 'Camera 1',
          Orientation: 6,
          XResolution: 300,
          YResolution: 300,
          ResolutionUnit: 2,
          DateTime: '2024:02:29 23:59:59',
          ExposureTime: 0.004,
          FNumber: 2.8,
          ExposureProgram: 3,
          ISO: 400,
          ExifVersion: '0300',
          DateTimeOriginal: '2024:02:28 10:11:12',
          OffsetTimeOriginal: '+02:00',
          ComponentsConfiguration: [1, 2, 3, 0],
          ExposureBiasValue: -2 / 3,
          SubjectDistance: 0xffffffff,
          MeteringMode: 5,
          LightSource: 0,
          Flash: 25,
          FocalLength: 50,
          SubSecTimeOriginal: '045',
          ColorSpace: 65535,
          WhiteBalance: 0,
          FocalLengthIn35mmFilm: 0,
          LensSpecification: [24, 70, null, null],
          LensModel: 'Lens 24-70',
          InteroperabilityIndex: 'R03',
          InteroperabilityVersion: '0100',
        },
      },
      gps: null,
      orientation: 6,
      density: { x: 300, y: 300 },
      warnings: [],
    });
  });
}

const DENSITIES: [string, Field[], { x: number; y: number } | undefined][] = [
  [
    'inches',
    [
      [0x011a, RATIONAL, [72, 1]],
      [0x011b, RATIONAL, [36, 1]],
      [0x0128, SHORT, [2]],
    ],
    { x: 72, y: 36 },
  ],
  ['inches unless another unit is named', [[0x011a, RATIONAL, [96, 1]]], { x: 96, y: 96 }],
  [
    'centimetres',
    [
      [0x011a, RATIONAL, [100, 1]],
      [0x0128, SHORT, [3]],
    ],
    { x: 254, y: 254 },
  ],
  [
    'a ratio only',
    [
      [0x011a, RATIONAL, [1, 1]],
      [0x0128, SHORT, [1]],
    ],
    undefined,
  ],
  [
    'a unit of nobody',
    [
      [0x011a, RATIONAL, [72, 1]],
      [0x0128, SHORT, [7]],
    ],
    undefined,
  ],
  ['zero', [[0x011a, RATIONAL, [0, 1]]], undefined],
  ['no number', [[0x011a, RATIONAL, [72, 0]]], undefined],
  ['none', [[0x010f, ASCII, 'Maker']], undefined],
];

for (const [name, fields, wanted] of DENSITIES) {
  t.test(`density: ${name}`, async (t) => t.same(read(fields).density, wanted));
}

t.test('orientation: 1 to 8, of whatever type', async (t) => {
  const cases: [Field, number | undefined][] = [
    [[0x0112, SHORT, [8]], 8],
    [[0x0112, LONG, [3]], 3],
    [[0x0112, BYTE, [2]], 2],
    [[0x0112, SHORT, [0]], undefined],
    [[0x0112, SHORT, [9]], undefined],
    [[0x0112, RATIONAL, [3, 2]], undefined],
    [[0x0112, ASCII, '6'], undefined],
  ];
  for (const [field, wanted] of cases) t.equal(read([field]).orientation, wanted);
});

t.test('numbers: lists, long lists, none', async (t) => {
  const { exif } = read([
    [0x0102, SHORT, [8, 8, 8]],
    [0x012d, SHORT, Array.from({ length: 768 }, (_, index) => index)],
    exifIfd(
      [0x829a, RATIONAL, [1, 0]],
      [0x829d, RATIONAL, [0, 1]],
      [0x8827, SHORT, [200, 0]],
      [0x9214, SHORT, []],
    ),
  ]);
  t.same(exif?.tags, {
    BitsPerSample: [8, 8, 8],
    TransferFunction: { truncated: true, length: 768 },
    FNumber: 0,
    ISO: 200,
  });
  t.equal(exif?.iso, 200);
  t.equal(exif?.fNumber, undefined, 'no lens has the number 0');
});

t.test('a sensitivity that does not fit in is in another tag', async (t) => {
  const iso = (...fields: Field[]) => read([exifIfd([0x8827, SHORT, [65535]], ...fields)]).exif?.iso;
  t.equal(iso([0x8832, LONG, [102_400]]), 102_400);
  t.equal(iso([0x8831, LONG, [204_800]]), 204_800);
  t.equal(iso(), 65535);
});

t.test('a tag of two directories is taken from its own', async (t) => {
  const { exif } = read([
    [0x010f, ASCII, 'right'],
    [0x829a, RATIONAL, [9, 1]],
    exifIfd([0x010f, ASCII, 'wrong'], [0x829a, RATIONAL, [1, 2]], [0x0110, ASCII, 'astray']),
  ]);
  t.equal(exif?.make, 'right');
  t.equal(exif?.exposureTimeSeconds, 0.5);
  t.equal(exif?.model, 'astray');
});

t.test('TIFF/EP: camera tags in IFD0', async (t) => {
  t.equal(read([[0x829a, RATIONAL, [1, 8]]]).exif?.exposureTimeSeconds, 0.125);
});

const maker: Field = [0x010f, ASCII, 'Maker'];

const STRUCTURE: Field[] = [
  [0x0100, SHORT, [1]],
  [0x0101, SHORT, [1]],
  [0x0106, SHORT, [1]],
  [0x0111, LONG, [8]],
  [0x0112, SHORT, [3]],
  [0x0117, LONG, [1]],
  [0x011a, RATIONAL, [72, 1]],
];

t.test('a TIFF that describes nothing has no EXIF, but an orientation and a density', async (t) => {
  const { exif, orientation, density } = read(STRUCTURE);
  t.equal(exif, null);
  t.equal(orientation, 3);
  t.same(density, { x: 72, y: 72 });
});

t.test('a TIFF that says who wrote it has', async (t) => {
  const { exif } = read([...STRUCTURE, [0x0131, ASCII, 'Program 1']]);
  t.equal(exif?.software, 'Program 1');
  t.equal(exif?.tags.ImageWidth, 1);
  t.notOk(exif && 'StripOffsets' in exif.tags, 'where pixels lie says nothing');
});

t.test('a block without a picture of its own is EXIF, whatever it says', async (t) => {
  t.same(read([[0x0100, SHORT, [1]]]).exif, { tags: { ImageWidth: 1 } });
  t.same(read([]).exif, null);
});

t.test('the next page of a TIFF is no thumbnail', async (t) => {
  const page: Field[] = [...STRUCTURE, [0x0103, SHORT, [1]]];
  const { exif, thumbnail } = readExif(tiff([page, page]));
  t.equal(exif, null);
  t.equal(thumbnail, undefined);
});

t.test('one broken part loses no other', async (t) => {
  const bytes = read([maker, [0x8769, LONG, [1 << 24]], [0x8825, LONG, [8]]]);
  t.equal(bytes.exif?.make, 'Maker');
  t.same(
    bytes.warnings.map(({ message }) => message),
    ['The directory of Exif tags can not be read.', 'The directory of GPS tags can not be read.'].concat(
      'A directory of tags ends behind the end of the block.',
    ),
  );
});
