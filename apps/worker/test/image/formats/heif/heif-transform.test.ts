import t from 'tap';
import { codes } from '../byte-builder.ts';
import { box, clap, full, heif, imir, irot, ispe, read, u16 } from './heif-builder.ts';

/** Of a picture of 60 × 40 pixels. */
const shown = (...properties: Buffer[]) =>
  read(heif({ items: [{ properties: [ispe(60, 40), ...properties] }] }));

/** 20 × 10 pixels at 5, 25 of the stored picture. */
const CROP = clap([20, 1], [10, 1], [-15, 1], [10, 1]);
const CROPPED = { left: 5, top: 25, width: 20, height: 10 };

const TRANSFORMS: [
  name: string,
  properties: Buffer[],
  transform: object | undefined,
  width: number,
  height: number,
][] = [
  ['none', [], undefined, 60, 40],
  ['no turn', [irot(0)], undefined, 60, 40],
  ['a quarter', [irot(1)], { rotate: 90 }, 40, 60],
  ['a half', [irot(2)], { rotate: 180 }, 60, 40],
  ['three quarters', [irot(3)], { rotate: 270 }, 40, 60],
  ['top and bottom change places', [imir(0)], { mirror: 'vertical' }, 60, 40],
  ['left and right change places', [imir(1)], { mirror: 'horizontal' }, 60, 40],
  ['a turn, then a mirror', [irot(1), imir(1)], { rotate: 90, mirror: 'horizontal' }, 40, 60],
  [
    'a mirror, then a turn: the other way round',
    [imir(1), irot(1)],
    { rotate: 270, mirror: 'horizontal' },
    40,
    60,
  ],
  ['the same mirror twice', [imir(1), imir(1)], undefined, 60, 40],
  ['both mirrors', [imir(0), imir(1)], { rotate: 180 }, 60, 40],
  ['two turns', [irot(1), irot(2)], { rotate: 270 }, 40, 60],
  ['a crop', [CROP], { crop: CROPPED }, 20, 10],
  ['a crop, then a turn', [CROP, irot(1)], { crop: CROPPED, rotate: 90 }, 10, 20],
  [
    'halves of pixels',
    [clap([59, 1], [40, 1], [-1, 2], [0, 2])],
    { crop: { left: 0, top: 0, width: 59, height: 40 } },
    59,
    40,
  ],
  // Anticlockwise, the right column becomes the top row: 10 × 20 at 25, 35 of the turned picture are 20 × 10 at 5, 25.
  [
    'a turn, then a crop',
    [irot(1), clap([10, 1], [20, 1], [10, 1], [15, 1])],
    { crop: CROPPED, rotate: 90 },
    10,
    20,
  ],
  [
    'half a turn, then a crop',
    [irot(2), clap([20, 1], [10, 1], [15, 1], [-10, 1])],
    { crop: CROPPED, rotate: 180 },
    20,
    10,
  ],
  [
    'a mirror, then a crop',
    [imir(1), clap([20, 1], [10, 1], [15, 1], [10, 1])],
    { crop: CROPPED, mirror: 'horizontal' },
    20,
    10,
  ],
  [
    'another mirror, then a crop',
    [imir(0), clap([20, 1], [10, 1], [-15, 1], [-10, 1])],
    { crop: CROPPED, mirror: 'vertical' },
    20,
    10,
  ],
  ['a scale', [full('iscl', 0, 0, u16(1), u16(2), u16(1), u16(3))], undefined, 30, 14],
  [
    'a scale, then a turn',
    [full('iscl', 0, 0, u16(1), u16(2), u16(1), u16(1)), irot(1)],
    { rotate: 90 },
    40,
    30,
  ],
];

for (const [name, properties, transform, displayWidth, displayHeight] of TRANSFORMS) {
  t.test(`transform: ${name}`, async (t) => {
    const { image, warnings } = shown(...properties);
    t.same(image.transform, transform);
    t.match(image, { storedWidth: 60, storedHeight: 40, displayWidth, displayHeight });
    t.same(warnings, []);
  });
}

const BROKEN: [name: string, property: Buffer][] = [
  ['a crop outside of the picture', clap([20, 1], [10, 1], [30, 1], [0, 1])],
  ['a crop larger than the picture', clap([61, 1], [10, 1], [0, 1], [0, 1])],
  ['a crop to nothing', clap([0, 1], [10, 1], [0, 1], [0, 1])],
  ['a fraction of nothing', clap([20, 0], [10, 1], [0, 1], [0, 0])],
  ['a scale to nothing', full('iscl', 0, 0, u16(0), u16(1), u16(1), u16(1))],
  ['a scale without end', full('iscl', 0, 0, u16(1), u16(0), u16(1), u16(1))],
  ['a crop that is cut', box('clap', 0, 0)],
];

for (const [name, property] of BROKEN) {
  t.test(`broken: ${name}`, async (t) => {
    const header = shown(property);
    t.same(codes(header), ['HEADER_MALFORMED']);
    t.match(header.image, {
      storedWidth: 60,
      storedHeight: 40,
      displayWidth: undefined,
      transform: undefined,
    });
  });
}
