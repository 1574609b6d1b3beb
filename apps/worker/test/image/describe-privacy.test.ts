import sharp from 'sharp';
import t from 'tap';
import { describePrivacy } from '../../src/image/describe-privacy.ts';
import { emptyHeader } from '../../src/image/header.ts';
import { readTags, type TagReading } from '../../src/image/read-tags.ts';

const NOTHING = { hasGps: false, hasSerialNumbers: false, hasOwner: false, thumbnailLeaks: false };
const image = { storedWidth: 3000, storedHeight: 2000 };
const tags = readTags(emptyHeader());

const withTags = (names: Record<string, unknown>): TagReading => ({
  ...tags,
  exif: { ...tags.exif, exif: { tags: names } },
});

const preview = async (width: number, height: number, exif?: object): Promise<TagReading> => {
  const drawn = sharp({ create: { width, height, channels: 3, background: '#123' } });
  const bytes = await (exif ? drawn.withExif(exif) : drawn).jpeg().toBuffer();
  return { ...tags, exif: { ...tags.exif, thumbnail: bytes } };
};

const CASES: [name: string, reading: () => Promise<TagReading> | TagReading, expect: object][] = [
  ['nothing', () => tags, {}],
  ['half a place in EXIF is a place to hide', () => withTags({ GPSLatitude: [1, 2, 3] }), { hasGps: true }],
  ['a body', () => withTags({ BodySerialNumber: '123' }), { hasSerialNumbers: true }],
  ['a lens', () => withTags({ LensSerialNumber: '123' }), { hasSerialNumbers: true }],
  ['an artist', () => withTags({ Artist: 'A. Lincoln' }), { hasOwner: true }],
  [
    'what is in IPTC',
    () => ({ ...tags, iptc: { iptc: { byline: ['A'], tags: {} }, warnings: [] } }),
    { hasOwner: true },
  ],
  [
    'XMP’s own words',
    () => ({ ...tags, xmp: { ...tags.xmp, hasOwner: true, hasSerial: true } }),
    { hasOwner: true, hasSerialNumbers: true },
  ],
  ['a preview of the same shape', () => preview(300, 200), {}],
  ['… turned', () => preview(200, 300), {}],
  ['… with the bars that DCF wants', () => preview(160, 120), {}],
  ['a preview of what was cut away', () => preview(300, 300), { thumbnailLeaks: true }],
  [
    'a preview with tags of its own',
    () => preview(300, 200, { IFD0: { Make: 'x' } }),
    { thumbnailLeaks: true },
  ],
];

for (const [name, reading, expect] of CASES) {
  t.test(name, async (t) => {
    t.same(describePrivacy(image, await reading(), null), { ...NOTHING, ...expect });
  });
}

t.test('a place is one where there is a latitude', async (t) => {
  t.equal(describePrivacy(image, tags, { latitude: 1, longitude: 2 }).hasGps, true);
  t.equal(describePrivacy(image, tags, { datum: 'WGS-84' }).hasGps, false);
});
