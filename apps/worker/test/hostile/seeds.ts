// Small whole files of every format, with every kind of tags: what is cut, changed and given to the wrong reader.
import type { ImageFormat } from '@tintype/core/contract';
import sharp, { type Sharp } from 'sharp';
import { be16, be32, join } from '../image/formats/byte-builder.ts';
import { segment } from '../image/formats/jpeg/jpeg-builder.ts';
import { describing } from '../image/tags/xmp-builder.ts';
import { HAND_MADE_SEEDS } from './seeds-by-hand.ts';
import { CAMERA_SEEDS } from './seeds-of-cameras.ts';
import { RARE_SEEDS } from './seeds-of-rare-formats.ts';

export interface Seed {
  name: string;
  format: ImageFormat;
  bytes: Buffer;
}

const XMP = describing(
  '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Title</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag><rdf:li>one</rdf:li></rdf:Bag></dc:subject>',
  'xmp:CreatorTool="A tool" tiff:Orientation="6"',
);
const EXIF = {
  IFD0: { Make: 'A maker', Model: 'A model', Artist: 'Ann', XResolution: '300/1', ResolutionUnit: '2' },
  IFD2: {
    DateTimeOriginal: '2024:05:06 07:08:09',
    ExposureTime: '1/250',
    FNumber: '28/10',
    UserComment: 'hello',
  },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '48/1 51/1 30/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '2/1 17/1 40/1',
  },
};

/** Colours, edges and, where wanted, holes. */
function drawn({ alpha = false, width = 40, height = 32 } = {}): Sharp {
  const channels = alpha ? 4 : 3;
  const pixels = Buffer.alloc(width * height * channels);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = (at * 7 + (at >> 5) * 13) & 0xff;
  return sharp(pixels, { raw: { width, height, channels } });
}

const tagged = (picture: Sharp) =>
  picture.withExif(EXIF).withXmp(XMP).withIccProfile('p3').withMetadata({ orientation: 6 });

const moving = () =>
  sharp(Buffer.alloc(16 * 64 * 4, 'colours'), {
    raw: { width: 16, height: 64, channels: 4, pageHeight: 16 },
  });

type Encoder = [name: string, format: ImageFormat, encode: () => Sharp];

const ENCODERS: readonly Encoder[] = [
  ['jpeg', 'jpeg', () => drawn().jpeg()],
  ['jpeg with tags', 'jpeg', () => tagged(drawn()).jpeg({ chromaSubsampling: '4:4:4' })],
  ['jpeg, progressive', 'jpeg', () => drawn().jpeg({ progressive: true })],
  ['jpeg of CMYK', 'jpeg', () => drawn().toColourspace('cmyk').jpeg()],
  ['png', 'png', () => drawn().png()],
  ['png with tags', 'png', () => tagged(drawn({ alpha: true })).png()],
  ['png, interlaced', 'png', () => drawn().png({ progressive: true })],
  ['png with a palette', 'png', () => drawn().png({ palette: true })],
  ['webp', 'webp', () => drawn().webp()],
  ['webp with tags', 'webp', () => tagged(drawn({ alpha: true })).webp()],
  ['webp, lossless', 'webp', () => drawn({ alpha: true }).webp({ lossless: true })],
  ['webp, moving', 'webp', () => moving().webp({ effort: 0, loop: 3, delay: [100, 50] })],
  ['gif', 'gif', () => drawn({ alpha: true }).gif()],
  ['gif, moving', 'gif', () => moving().gif({ loop: 3, delay: [100, 50] })],
  ['tiff', 'tiff', () => drawn().tiff({ compression: 'none' })],
  ['tiff with tags', 'tiff', () => tagged(drawn()).tiff({ compression: 'lzw', predictor: 'horizontal' })],
  [
    'tiff in tiles',
    'tiff',
    () => drawn().tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 }),
  ],
  ['tiff of JPEG', 'tiff', () => drawn().tiff({ compression: 'jpeg' })],
  ['tiff, big', 'tiff', () => drawn().tiff({ bigtiff: true, compression: 'packbits' })],
  ['avif', 'avif', () => drawn().avif({ effort: 0 })],
  [
    'avif with tags',
    'avif',
    () => tagged(drawn({ alpha: true })).avif({ effort: 0, chromaSubsampling: '4:2:0' }),
  ],
];

const dataset = (number: number, text: string) => join(0x1c, 2, number, be16(text.length), text);
const IPTC = join(dataset(5, 'Title'), dataset(25, 'one'), dataset(25, 'two'), dataset(55, '20240506'));
const resource = (id: number, data: Buffer) => join('8BIM', be16(id), 0, 0, be32(data.length), data);
const RESOURCES = join(
  resource(0x0404, IPTC.subarray(0, IPTC.length & ~1)),
  resource(0x03ed, join(be32(0x480000), be16(1), be16(1), be32(0x480000), be16(1), be16(1))),
);

/** With IPTC, in Photoshop's way. */
const withIptc = (jpeg: Buffer) =>
  Buffer.concat([jpeg.subarray(0, 2), segment(0xed, 'Photoshop 3.0\0', RESOURCES), jpeg.subarray(2)]);

export async function makeSeeds(): Promise<Seed[]> {
  const made = await Promise.all(
    ENCODERS.map(async ([name, format, encode]) => ({ name, format, bytes: await encode().toBuffer() })),
  );
  const [jpeg, avif] = [made.find(({ name }) => name === 'jpeg'), made.find(({ name }) => name === 'avif')];
  if (jpeg === undefined || avif === undefined) throw new Error('The first seeds are missing.');
  return [
    ...made,
    { name: 'jpeg with IPTC', format: 'jpeg', bytes: withIptc(jpeg.bytes) },
    // libvips decodes what is AV1 inside, whatever the file calls itself.
    {
      name: 'heic of AV1',
      format: 'heic',
      bytes: Buffer.from(avif.bytes.toString('latin1').replaceAll('avif', 'heic'), 'latin1'),
    },
    ...HAND_MADE_SEEDS,
    ...CAMERA_SEEDS,
    ...RARE_SEEDS,
  ];
}
