import t from 'tap';
import { join } from '../byte-builder.ts';
import {
  ALPHA,
  auxiliary,
  dimg,
  EXIF,
  type FileParts,
  full,
  heif,
  type ItemParts,
  irot,
  ispe,
  PICTURE,
  PLAIN,
  read,
  reference,
  u16,
  u32,
} from './heif-builder.ts';

const AUXILIARIES: [name: string, type: string, image: object, hdr: object | undefined][] = [
  ['alpha', ALPHA, { hasAlpha: true, channels: 4 }, undefined],
  ['alpha of HEVC', 'urn:mpeg:hevc:2015:auxid:1', { hasAlpha: true, channels: 4 }, undefined],
  ['depth', 'urn:mpeg:mpegB:cicp:systems:auxiliary:depth', { hasAlpha: false, channels: 3 }, undefined],
  [
    'gain map',
    'urn:com:apple:photo:2020:aux:hdrgainmap',
    { hasAlpha: false },
    { gainMap: true, standard: 'apple-gain-map' },
  ],
  ['gain map of another kind', 'urn:com:photo:aux:hdrgainmap', { hasAlpha: false }, { gainMap: true }],
];

for (const [name, type, image, hdr] of AUXILIARIES) {
  t.test(`auxiliary picture: ${name}`, async (t) => {
    const header = read(
      heif({ items: [{ properties: PLAIN }, auxiliary(type)], references: [reference('auxl', 2, 1)] }),
    );
    t.match(header.image, { ...image, pages: 1 });
    t.same(header.color.hdr, hdr);
  });
}

t.test('what is auxiliary to another picture is not the shown one’s', async (t) => {
  const items = [{ properties: PLAIN }, { properties: PLAIN }, auxiliary(ALPHA)];
  t.match(read(heif({ items, references: [reference('auxl', 3, 2)] })).image, { hasAlpha: false, pages: 2 });
});

t.test('a tone map is an alternative to its base', async (t) => {
  const items = [
    { properties: PLAIN },
    { type: 'tmap', properties: [ispe(64, 48)] },
    { isHidden: true, properties: PLAIN },
  ];
  const groups = [full('altr', 0, 0, u32(9), u32(2), u32(2), u32(1))];
  for (const parts of [{ groups }, {}]) {
    const header = read(heif({ items, references: [dimg(2, 1, 3)], ...parts }));
    t.match(header, { image: { pages: 1 }, color: { hdr: { gainMap: true, standard: 'iso-21496-1' } } });
  }
});

const grid = (width: number, height: number) => join(0, 0, 0, 1, u16(width), u16(height));
const TILES: ItemParts[] = [{ properties: PLAIN }, { properties: PLAIN }];

t.test('a grid: the size of all, depth and colour of its tiles', async (t) => {
  const whole: ItemParts = {
    type: 'grid',
    properties: [ispe(100, 48), irot(1)],
    data: grid(100, 48),
    isInIdat: true,
  };
  const header = read(heif({ primary: 3, items: [...TILES, whole], references: [dimg(3, 1, 2)] }));
  t.match(header, {
    image: {
      storedWidth: 100,
      storedHeight: 48,
      displayWidth: 48,
      displayHeight: 100,
      bitDepth: 8,
      pages: 1,
    },
    encoding: { codec: 'av1', tiling: { width: 64, height: 48 } },
    color: { space: 'srgb' },
    warnings: [],
  });
});

t.test('a grid or an overlay without a size tells it in its data', async (t) => {
  const derived: [string, Uint8Array][] = [
    ['grid', grid(100, 48)],
    ['grid', join(0, 1, 0, 1, u32(100), u32(48))],
    ['iovl', join(0, 0, u16(0), u16(0), u16(0), u16(0), u16(100), u16(48))],
  ];
  for (const [type, data] of derived) {
    const header = read(heif({ primary: 3, items: [...TILES, { type, data }], references: [dimg(3, 1, 2)] }));
    t.match(header.image, { storedWidth: 100, storedHeight: 48 });
  }
});

t.test('alpha of the tiles is alpha of the grid', async (t) => {
  const items = [...TILES, { type: 'grid', properties: [ispe(100, 48)] }, auxiliary(ALPHA)];
  t.equal(
    read(heif({ primary: 3, items, references: [dimg(3, 1, 2), reference('auxl', 4, 2)] })).image.hasAlpha,
    true,
  );
});

const PAGES: [name: string, parts: FileParts, pages: number][] = [
  ['a collection', { items: [PICTURE, PICTURE, PICTURE] }, 3],
  ['hidden ones', { items: [PICTURE, { ...PICTURE, isHidden: true }] }, 1],
  ['thumbnails', { items: [PICTURE, PICTURE], references: [reference('thmb', 2, 1)] }, 1],
  [
    'sizes of a pyramid',
    { items: [PICTURE, PICTURE], groups: [full('pymd', 0, 0, u32(9), u32(2), u32(1), u32(2))] },
    1,
  ],
  ['tags', { items: [PICTURE, EXIF] }, 1],
];

for (const [name, parts, pages] of PAGES) {
  t.test(`pages: ${name}`, async (t) => t.equal(read(heif(parts)).image.pages, pages));
}

t.test('without a primary item the first visible picture is shown', async (t) => {
  const items = [{ isHidden: true, properties: [ispe(1, 1)] }, EXIF, PICTURE];
  t.match(read(heif({ primary: 0, items })).image, { storedWidth: 64 });
});
