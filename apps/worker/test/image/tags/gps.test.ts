import t from 'tap';
import { readExif } from '../../../src/image/tags/exif.ts';
import {
  ASCII,
  BYTE,
  DOUBLE,
  type Field,
  LONG,
  RATIONAL,
  SHORT,
  SRATIONAL,
  tiff,
  UNDEFINED,
} from '../tiff-builder.ts';

const read = (fields: readonly Field[]) => readExif(tiff([[[0x8825, LONG, { directories: [fields] }]]]));
const gpsOf = (fields: readonly Field[]) => read(fields).gps;

const north: Field = [1, ASCII, 'N'];
const latitude: Field = [2, RATIONAL, [48, 1, 51, 1, 2952, 100]];
const east: Field = [3, ASCII, 'E'];
const longitude: Field = [4, RATIONAL, [2, 1, 17, 1, 402, 10]];
const place: Field[] = [north, latitude, east, longitude];

t.test('all there is', async (t) => {
  const { exif, gps, warnings } = read([
    [0, BYTE, [2, 3, 0, 0]],
    ...place,
    [5, BYTE, [1]],
    [6, RATIONAL, [1234, 10]],
    [7, RATIONAL, [9, 1, 8, 1, 75, 10]],
    [12, ASCII, 'N'],
    [13, RATIONAL, [10, 1]],
    [16, ASCII, 'M'],
    [17, RATIONAL, [2705, 10]],
    [18, ASCII, 'WGS-84'],
    [27, UNDEFINED, Buffer.from('ASCII\0\0\0GPS')],
    [29, ASCII, '2024:05:06'],
    [31, RATIONAL, [65, 10]],
  ]);
  t.same(gps, {
    latitude: 48.8582,
    longitude: 2.2945,
    altitude: -123.4,
    direction: 270.5,
    directionReference: 'magnetic',
    speed: 5.144444444,
    timestamp: '2024-05-06T09:08:07.500Z',
    accuracy: 6.5,
    datum: 'WGS-84',
  });
  t.same(exif?.tags.GPSVersionID, [2, 3, 0, 0]);
  t.same(exif?.tags.GPSLatitude, [48, 51, 29.52]);
  t.equal(exif?.tags.GPSProcessingMethod, 'GPS');
  t.same(warnings, []);
});

/** The longitude stays, so that the place is whole. */
const LATITUDES: [string, Field[], number | undefined][] = [
  ['degrees, minutes, seconds', [north, [2, RATIONAL, [10, 1, 30, 1, 36, 1]]], 10.51],
  ['degrees and minutes', [north, [2, RATIONAL, [10, 1, 3060, 100]]], 10.51],
  ['decimal minutes, seconds 0', [north, [2, RATIONAL, [10, 1, 3060, 100, 0, 1]]], 10.51],
  ['decimal degrees', [north, [2, RATIONAL, [1051, 100]]], 10.51],
  ['decimal degrees, the rest 0', [north, [2, RATIONAL, [1051, 100, 0, 1, 0, 1]]], 10.51],
  ['seconds 0/0: not used', [north, [2, RATIONAL, [10, 1, 3060, 100, 0, 0]]], 10.51],
  ['minutes 0/0: no place', [north, [2, RATIONAL, [10, 1, 0, 0, 1, 1]]], undefined],
  ['degrees 0/0: no place', [north, [2, RATIONAL, [0, 0, 0, 0, 0, 0]]], undefined],
  ['zero is a place', [north, [2, RATIONAL, [0, 1, 0, 1, 0, 1]]], 0],
  [
    'south',
    [
      [1, ASCII, 'S'],
      [2, RATIONAL, [10, 1, 30, 1, 36, 1]],
    ],
    -10.51,
  ],
  [
    'south, zero',
    [
      [1, ASCII, 'S'],
      [2, RATIONAL, [0, 1, 0, 1, 0, 1]],
    ],
    0,
  ],
  [
    'a word',
    [
      [1, ASCII, 'south'],
      [2, RATIONAL, [10, 1, 30, 1, 36, 1]],
    ],
    -10.51,
  ],
  [
    'south and a sign',
    [
      [1, ASCII, 'S'],
      [2, SRATIONAL, [-10, 1, 30, 1, 36, 1]],
    ],
    -10.51,
  ],
  ['north and a sign', [north, [2, SRATIONAL, [-10, 1, 30, 1, 36, 1]]], -10.51],
  ['a sign and no reference', [[2, SRATIONAL, [-10, 1, 30, 1, 36, 1]]], -10.51],
  ['a double and no reference', [[2, DOUBLE, [10.51]]], 10.51],
  ['no sign and no reference', [[2, RATIONAL, [10, 1, 30, 1, 36, 1]]], undefined],
  [
    'a blank reference',
    [
      [1, ASCII, ' '],
      [2, RATIONAL, [10, 1, 30, 1, 36, 1]],
    ],
    undefined,
  ],
  ['the pole', [north, [2, RATIONAL, [90, 1, 0, 1, 0, 1]]], 90],
  ['beyond the pole', [north, [2, RATIONAL, [90, 1, 0, 1, 1, 1]]], undefined],
  ['a text', [north, [2, ASCII, '10.51']], undefined],
];

for (const [name, fields, wanted] of LATITUDES) {
  t.test(`latitude: ${name}`, async (t) => {
    const gps = gpsOf([...fields, east, longitude]);
    t.strictSame(gps?.latitude, wanted);
    t.equal(gps?.longitude, wanted === undefined ? undefined : 2.2945, 'half a place is none');
  });
}

t.test('longitude goes to 180', async (t) => {
  const at = (ref: string, degrees: number) =>
    gpsOf([north, latitude, [3, ASCII, ref], [4, RATIONAL, [degrees, 1]]])?.longitude;
  t.equal(at('W', 180), -180);
  t.equal(at('E', 181), undefined);
});

const OTHERS: [string, Field[], object][] = [
  ['altitude without a reference', [[6, RATIONAL, [12, 1]]], { altitude: 12 }],
  [
    'altitude above the ellipsoid',
    [
      [5, BYTE, [2]],
      [6, RATIONAL, [12, 1]],
    ],
    { altitude: 12 },
  ],
  [
    'altitude below the ellipsoid',
    [
      [5, BYTE, [3]],
      [6, RATIONAL, [12, 1]],
    ],
    { altitude: -12 },
  ],
  [
    'altitude with its own sign',
    [
      [5, BYTE, [1]],
      [6, SRATIONAL, [-12, 1]],
    ],
    { altitude: -12 },
  ],
  [
    'altitude with a digit as text',
    [
      [5, ASCII, '1'],
      [6, RATIONAL, [12, 1]],
    ],
    { altitude: -12 },
  ],
  [
    'altitude with a reference of nobody',
    [
      [5, BYTE, [9]],
      [6, RATIONAL, [12, 1]],
    ],
    {},
  ],
  [
    'altitude 0/0',
    [
      [5, BYTE, [0]],
      [6, RATIONAL, [0, 0]],
    ],
    {},
  ],
  [
    'sea level, below',
    [
      [5, BYTE, [1]],
      [6, RATIONAL, [0, 1]],
    ],
    { altitude: 0 },
  ],
  [
    'direction beyond the circle',
    [
      [16, ASCII, 'T'],
      [17, RATIONAL, [361, 1]],
    ],
    {},
  ],
  ['direction of unknown reference', [[17, RATIONAL, [1, 1]]], { direction: 1 }],
  [
    'kilometres an hour',
    [
      [12, ASCII, 'K'],
      [13, RATIONAL, [36, 1]],
    ],
    { speed: 10 },
  ],
  ['speed without a unit', [[13, RATIONAL, [36, 1]]], { speed: 10 }],
  [
    'miles an hour',
    [
      [12, ASCII, 'M'],
      [13, RATIONAL, [100, 1]],
    ],
    { speed: 44.704 },
  ],
  [
    'speed in a unit of nobody',
    [
      [12, ASCII, 'X'],
      [13, RATIONAL, [1, 1]],
    ],
    {},
  ],
  ['a day without a time', [[29, ASCII, '2024:05:06']], {}],
  ['a time without a day', [[7, RATIONAL, [9, 1, 8, 1, 7, 1]]], {}],
  [
    'a whole second',
    [
      [7, RATIONAL, [9, 1, 8, 1, 7, 1]],
      [29, ASCII, '2024:05:06'],
    ],
    { timestamp: '2024-05-06T09:08:07Z' },
  ],
  [
    'a day with dashes',
    [
      [7, RATIONAL, [0, 1, 0, 1, 0, 1]],
      [29, ASCII, '2024-05-06'],
    ],
    { timestamp: '2024-05-06T00:00:00Z' },
  ],
  [
    'hour 25',
    [
      [7, RATIONAL, [25, 1, 8, 1, 7, 1]],
      [29, ASCII, '2024:05:06'],
    ],
    {},
  ],
  [
    'a day of no calendar',
    [
      [7, RATIONAL, [9, 1, 8, 1, 7, 1]],
      [29, ASCII, '2024:02:30'],
    ],
    {},
  ],
  ['a negative error', [[31, SRATIONAL, [-1, 1]]], {}],
];

for (const [name, fields, wanted] of OTHERS) {
  t.test(name, async (t) => {
    t.same(gpsOf(fields), Object.keys(wanted).length === 0 ? null : wanted);
  });
}

t.test('a directory that says nothing is no section', async (t) => {
  t.equal(gpsOf([[0, BYTE, [2, 3, 0, 0]]]), null);
  t.equal(gpsOf([]), null);
  t.equal(readExif(tiff([[[0x0112, SHORT, [1]]]])).gps, null);
});

t.test('a pointer beside the tags of Exif', async (t) => {
  const inner: Field = [0x8825, LONG, { directories: [place] }];
  t.equal(readExif(tiff([[[0x8769, LONG, { directories: [[inner]] }]]])).gps?.latitude, 48.8582);
});
