// The picture in a PNG: size, samples, palette, transparency, background, density.
import { densityIn } from '../../density.ts';
import { malformed, warnOnce } from '../../header.ts';
import { hexColor } from '../hex-color.ts';
import type { ChunkReader, Png } from './png-chunk.ts';

const INDEXED = 3;

/** Colour type → samples of a pixel, possible depths, model (PNG 3rd ed., 11.2.1, table 12). */
const COLOR_TYPES: Readonly<
  Record<number, { channels: number; depths: readonly number[]; model: string; hasAlpha: boolean }>
> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16], model: 'gray', hasAlpha: false },
  2: { channels: 3, depths: [8, 16], model: 'rgb', hasAlpha: false },
  3: { channels: 1, depths: [1, 2, 4, 8], model: 'indexed', hasAlpha: false },
  4: { channels: 2, depths: [8, 16], model: 'gray', hasAlpha: true },
  6: { channels: 4, depths: [8, 16], model: 'rgb', hasAlpha: true },
};

/** IHDR (11.2.1). */
export const readImageHeader: ChunkReader = (data, png) => {
  const { image, color } = png.header;
  image.storedWidth = data.u32(0);
  image.storedHeight = data.u32(4);
  if (!isSize(image.storedWidth) || !isSize(image.storedHeight))
    warnOnce(png.header, malformed('IHDR gives no possible size.', 'image'));
  image.bitDepth = data.u8(8);
  png.colorType = data.u8(9);
  const type = COLOR_TYPES[png.colorType];
  if (type === undefined || !type.depths.includes(image.bitDepth)) {
    warnOnce(
      png.header,
      malformed(`IHDR gives colour type ${png.colorType} with ${image.bitDepth} bits.`, 'image'),
    );
  }
  image.channels = type?.channels;
  color.model = type?.model;
  if (type?.hasAlpha === true) image.hasAlpha = true;
  readMethods(data, png);
};

const isSize = (pixels: number) => pixels > 0 && pixels <= 0x7fffffff;

const readMethods: ChunkReader = (data, png) => {
  const { encoding, compression } = png.header;
  const [deflate, filter, interlace] = [data.u8(10), data.u8(11), data.u8(12)];
  if (filter === 0) compression.filter = 'adaptive';
  if (interlace <= 1) {
    encoding.process = interlace === 1 ? 'adam7' : 'non-interlaced';
    encoding.interlaced = interlace === 1;
    encoding.progressive = interlace === 1;
  }
  if (deflate !== 0 || filter !== 0 || interlace > 1) {
    warnOnce(png.header, malformed('IHDR names a method that does not exist.', 'encoding'));
  }
};

/** PLTE (11.2.2). In front of pixels that are not indexed it is only a suggestion, and no palette of the picture. */
export const readPalette: ChunkReader = (data, png) => {
  if (data.length % 3 !== 0 || data.length === 0 || data.length > 768) {
    warnOnce(png.header, malformed('The palette has no possible length.', 'color'));
  }
  png.palette = data.all;
  if (png.colorType === INDEXED) png.header.color.palette = { size: Math.floor(data.length / 3) };
};

/** tRNS (11.3.1.1). Next to an alpha channel it is forbidden, and means nothing. */
export const readTransparency: ChunkReader = (data, { header, colorType }) => {
  if (data.length > 0 && (colorType === 0 || colorType === 2 || colorType === INDEXED))
    header.image.hasAlpha = true;
};

/** bKGD (11.3.4.1), in the samples of the picture: brought to 8 bits each. */
export const readBackground: ChunkReader = (data, png) => {
  const { color, image } = png.header;
  const toByte = (sample: number) => {
    const largest = 2 ** (image.bitDepth ?? 8) - 1;
    return Math.round((Math.min(sample, largest) / largest) * 255);
  };
  if (png.colorType === INDEXED) color.background = paletteColor(png, data.u8(0));
  else if (color.model === 'gray')
    color.background = hexColor([data.u16(0), data.u16(0), data.u16(0)].map(toByte));
  else if (color.model === 'rgb')
    color.background = hexColor([data.u16(0), data.u16(2), data.u16(4)].map(toByte));
};

function paletteColor({ palette }: Png, index: number): string | undefined {
  const entry = palette?.subarray(index * 3, index * 3 + 3);
  return entry?.length === 3 ? hexColor(entry) : undefined;
}

/** pHYs (11.3.4.3): pixels a metre. Without a unit it tells the shape of a pixel alone. */
export const readDensity: ChunkReader = (data, { header }) => {
  const [x, y, unit] = [data.u32(0), data.u32(4), data.u8(8)];
  const density = unit === 1 ? densityIn('metre', x, y) : undefined;
  if (density !== undefined) header.image.density = { ...density, unit: 'inch', source: 'png' };
};
