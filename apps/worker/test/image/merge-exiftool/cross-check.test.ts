import t from 'tap';
import { file, merge, NEF, stored, type Tags } from './setup.ts';

/** Field by field: where both tell something else, and where that is no contradiction. */
const CHECKS: [
  format: string,
  image: object,
  tags: Tags,
  disagree: Record<string, [own: number, theirs: number]>,
][] = [
  [
    'jpeg',
    stored(600, 400, { bitDepth: 8 }),
    { 'File:ImageWidth': '601', 'File:ImageHeight': '401', 'File:BitsPerSample': '12' },
    { 'image.storedWidth': [600, 601], 'image.storedHeight': [400, 401], 'image.bitDepth': [8, 12] },
  ],
  // What a camera once made, before somebody cut the picture.
  ['jpeg', stored(600, 400), { 'EXIF:IFD0:ImageWidth': '4000', 'EXIF:ExifIFD:ExifImageWidth': '4000' }, {}],
  [
    'png',
    stored(1, 1, { bitDepth: 4 }),
    { 'PNG:ImageWidth': '1', 'PNG:ImageHeight': '1', 'PNG:BitDepth': '8' },
    {
      'image.bitDepth': [4, 8],
    },
  ],
  ['png', stored(1, 1, { pages: 2 }), { 'PNG:AnimationFrames': '3' }, { 'image.pages': [2, 3] }],
  ['gif', stored(1, 1, { pages: 3, bitDepth: 8 }), { 'GIF:FrameCount': '3', 'GIF:BitsPerPixel': '2' }, {}],
  // Page 1 of several; ExifTool's composed size may be another page's.
  [
    'tiff',
    stored(10, 20, { bitDepth: 8, pages: 3 }),
    {
      'EXIF:IFD0:ImageWidth': '10',
      'EXIF:IFD0:ImageHeight': '20',
      'EXIF:IFD0:BitsPerSample': '8 8 8',
      'EXIF:IFD1:ImageWidth': '999',
      'EXIF:IFD1:ImageHeight': '999',
      'Composite:ImageSize': '999 999',
      'File:PageCount': '2',
    },
    {},
  ],
  ['tiff', stored(10, 20, { bitDepth: 8 }), { 'EXIF:IFD0:BitsPerSample': '5 6 5' }, {}],
  ['jp2', stored(10, 20, { bitDepth: 8 }), { 'Jpeg2000:BitsPerComponent': '7' }, {}],
  ['jp2', stored(10, 20, { bitDepth: 8 }), { 'Jpeg2000:BitsPerComponent': '255' }, {}],
  [
    'jp2',
    stored(10, 20, { bitDepth: 12 }),
    { 'Jpeg2000:BitsPerComponent': '7' },
    { 'image.bitDepth': [12, 8] },
  ],
  // As stored, before the container turns it.
  [
    'heic',
    { ...stored(40, 30), width: 30, height: 40, transform: { rotate: 90 } },
    { 'File:ImageWidth': '40', 'File:ImageHeight': '30', 'EXIF:IFD0:Orientation': '6' },
    {},
  ],
  ['webp', stored(40, 30, { pages: 12 }), { 'RIFF:ImageWidth': '40', 'RIFF:ImageHeight': '30' }, {}],
  [
    'webp',
    stored(40, 30),
    { 'RIFF:ImageWidth': '41', 'RIFF:ImageHeight': '30' },
    { 'image.storedWidth': [40, 41] },
  ],
  // The first of many sizes; units; what a page shows.
  ['ico', stored(256, 256), { 'File:ImageWidth': '16', 'File:ImageHeight': '16' }, {}],
  ['svg', stored(378, 378), { 'SVG:ImageWidth': '100mm', 'SVG:ImageHeight': '100mm' }, {}],
  ['eps', stored(100, 100), { 'Composite:ImageWidth': '99', 'Composite:ImageHeight': '99' }, {}],
  ['nef', stored(6000, 4000), NEF, {}],
  [
    'jpeg',
    stored(1, 1),
    { 'File:ImageWidth': '0', 'File:ImageHeight': '-3', 'File:BitsPerSample': 'inf' },
    {},
  ],
];

t.test('tools disagree only where both speak of the same thing', async (t) => {
  for (const [format, image, tags, disagree] of CHECKS) {
    const { warnings } = merge({ file: file(format), image }, tags);
    const found = warnings.filter(({ code }) => code === 'TOOLS_DISAGREE');
    t.same(
      found.map(({ field, message }) => [field, message]),
      Object.entries(disagree).map(([field, [own, theirs]]) => [
        field,
        `The header says ${own}, ExifTool says ${theirs}.`,
      ]),
      `${format} ${JSON.stringify(tags).slice(0, 60)}`,
    );
  }
});

t.test('a file that is cut off has fewer frames for everybody', async (t) => {
  const { warnings } = merge(
    { file: file('gif', { truncated: true }), image: stored(1, 1, { pages: 3 }) },
    { 'GIF:FrameCount': '2' },
  );
  t.same(warnings, []);
});
