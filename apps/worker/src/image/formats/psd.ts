// PSD and PSB: the header, the palette, the image resources as one block, and of the merged picture how it is compressed and where it
// ends (Adobe Photoshop File Formats Specification). Big-endian.
import type { Bytes } from '../bytes.ts';
import { endAt, type Header, type HeaderReader, MAX_STEPS, malformed } from '../header.ts';
import { readLayers } from './psd-layers.ts';

/** Model, and how many channels its colours need. In the mode multichannel all of them are inks. */
const MODES: Readonly<Record<number, [model: string, channels: number]>> = {
  // Bitmap: gray of one bit.
  0: ['gray', 1],
  1: ['gray', 1],
  2: ['indexed', 1],
  3: ['rgb', 3],
  4: ['cmyk', 4],
  7: ['multichannel', 56],
  8: ['duotone', 1],
  9: ['lab', 3],
};
const INDEXED = 2;

const METHODS = ['none', 'rle', 'deflate', 'deflate'] as const;
/** With as many rows the ends are added up; beyond, the end stays unknown. */
const MAX_ROWS = 65_536;

const DISPLAY_INFO = 0x0435;
const COLOR_COUNT = 0x0416;
const TRANSPARENT_INDEX = 0x0417;

interface Document {
  isLarge: boolean;
  channels: number;
  width: number;
  height: number;
  depth: number;
  mode: number;
}

export const readPsd: HeaderReader = (bytes, header) => {
  header.encoding.codec = 'psd';
  // Whatever of the four ways it is.
  header.compression.lossless = true;
  header.image.pages = 1;
  const document = readDocument(bytes, header);
  const baseChannels = MODES[document.mode]?.[1] ?? document.channels;
  if (document.channels <= baseChannels && document.mode !== INDEXED) header.image.hasAlpha = false;

  const palette = 26;
  const resources = palette + 4 + bytes.u32(palette);
  const resourcesBytes = bytes.u32(resources);
  const block = bytes.upTo(resources + 4, resourcesBytes);
  if (block.length > 0) header.blocks.photoshop = block;
  if (document.mode === INDEXED)
    describePalette(bytes, resources + 4, Math.floor(bytes.u32(palette) / 3), header);

  const layers = resources + 4 + resourcesBytes;
  const layersBytes = document.isLarge ? bytes.u64(layers) : bytes.u32(layers);
  const layersAt = layers + (document.isLarge ? 8 : 4);
  const { isTransparent } = readLayers(bytes, layersAt, layersAt + layersBytes, document.isLarge);
  const extra = document.channels - baseChannels;
  if (isTransparent && extra > 0) header.image.hasAlpha = true;
  else if (extra > 0) header.image.hasAlpha = !areInks(bytes, resources + 4, extra);

  describeMerged(bytes, layersAt + layersBytes, document, header);
};

function readDocument(bytes: Bytes, header: Header): Document {
  const version = bytes.u16(4);
  header.formatVersion = String(version);
  const [channels, height, width] = [bytes.u16(12), bytes.u32(14), bytes.u32(18)];
  const [depth, mode] = [bytes.u16(22), bytes.u16(24)];
  Object.assign(header.image, { channels, storedWidth: width, storedHeight: height });
  if ([1, 8, 16, 32].includes(depth)) header.image.bitDepth = depth;
  else header.warnings.push(malformed(`A sample can not have ${depth} bits.`, 'image.bitDepth'));
  const model = MODES[mode]?.[0];
  if (model === undefined)
    header.warnings.push(malformed(`No colour mode has the number ${mode}.`, 'color.model'));
  else header.color.model = model;
  return { isLarge: version === 2, channels, width, height, depth, mode };
}

/** The table always has 256 places; how many of them are colours stands in a resource. */
function describePalette(bytes: Bytes, resources: number, places: number, header: Header): void {
  const count = findResource(bytes, resources, COLOR_COUNT);
  const size = count === undefined ? places : Math.min(bytes.u16(count.at), places);
  if (size > 0) header.color.palette = { size };
  header.image.hasAlpha = findResource(bytes, resources, TRANSPARENT_INDEX) !== undefined;
}

/** Extra channels are transparency or inks: DisplayInfo says 2 for an ink, 13 bytes for each behind a version. */
function areInks(bytes: Bytes, resources: number, extra: number): boolean {
  const info = findResource(bytes, resources, DISPLAY_INFO);
  if (info === undefined || info.length < 4 + 13 * extra) return false;
  return Array.from({ length: extra }, (_, index) => bytes.u8(info.at + 4 + 13 * index + 12)).every(
    (kind) => kind === 2,
  );
}

/** The resource's data ("Image Resource Blocks"). Undefined where it is not, or its data are not all there. */
function findResource(bytes: Bytes, from: number, id: number): { at: number; length: number } | undefined {
  let at = from;
  for (let step = 0; step < MAX_STEPS && bytes.is('8BIM', at) && bytes.has(at, 7); step += 1) {
    // A name with its length before it, an even number of bytes altogether.
    const size = at + 6 + ((bytes.u8(at + 6) + 2) & ~1);
    if (!bytes.has(size, 4)) return undefined;
    const length = bytes.u32(size);
    if (bytes.u16(at + 4) === id)
      return length >= 2 && bytes.has(size + 4, length) ? { at: size + 4, length } : undefined;
    at = size + 4 + length + (length % 2);
  }
  return undefined;
}

/** The last section ("Image Data Section"): rows of all channels, one channel behind the other. */
function describeMerged(bytes: Bytes, at: number, document: Document, header: Header): void {
  const code = bytes.u16(at);
  const method = METHODS[code];
  if (method === undefined) {
    header.warnings.push(malformed(`No compression has the number ${code}.`, 'compression.method'));
    return;
  }
  header.compression.method = method;
  if (method === 'deflate') header.compression.predictor = code === 3 ? 'horizontal' : 'none';
  const end = mergedEnd(bytes, at + 2, method, document);
  if (end !== undefined) endAt(header, bytes, end);
}

function mergedEnd(bytes: Bytes, at: number, method: string, document: Document): number | undefined {
  const { channels, width, height, depth, isLarge } = document;
  const rows = channels * height;
  if (method === 'none') return at + rows * Math.ceil((width * depth) / 8);
  if (method !== 'rle' || rows > MAX_ROWS) return undefined;
  // Before the rows stand their lengths.
  const countBytes = isLarge ? 4 : 2;
  bytes.need(at, rows * countBytes);
  let end = at + rows * countBytes;
  for (let row = 0; row < rows; row += 1) {
    end += isLarge ? bytes.u32(at + 4 * row) : bytes.u16(at + 2 * row);
  }
  return end;
}
