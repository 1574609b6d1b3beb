// DDS: DDS_HEADER, with DDS_HEADER_DXT10 behind it where the four letters are DX10 (Microsoft, "Programming Guide for DDS").
// Little-endian. Cube faces, array elements and slices count as pictures; smaller copies (mipmaps) do not.
import type { Bytes } from '../bytes.ts';
import { endAt, type Header, type HeaderReader, malformed } from '../header.ts';
import { dxgiFormat, fourCcFormat, maskedFormat, type PixelFormat } from './dds-formats.ts';

const HEADER_BYTES = 128;
const DX10_BYTES = 20;
const PALETTE_BYTES = 1024;
/** A picture halved more often than this has one pixel. */
const MAX_LEVELS = 32;

const FOUR_CC = 0x4;
const CUBE_MAP = 0x200;
const CUBE_FACES = 0xfc00;
const VOLUME = 0x20_0000;
const DX10_CUBE = 0x4;
const DX10_VOLUME = 4;
const DX10_OPAQUE = 3;

interface Texture {
  width: number;
  height: number;
  /** Slices of a volume, which are halved with every level. */
  depth: number;
  /** Pictures beside each other: cube faces, array elements. */
  layers: number;
  levels: number;
  format: PixelFormat | undefined;
  isOpaque: boolean;
  /** Where the pixels begin. */
  at: number;
}

export const readDds: HeaderReader = (bytes, header) => {
  header.encoding.codec = 'dds';
  const [height, width] = [bytes.u32(12, true), bytes.u32(16, true)];
  if (width > 0 && height > 0) Object.assign(header.image, { storedWidth: width, storedHeight: height });
  else header.warnings.push(malformed(`A texture can not be ${width} × ${height} pixels.`, 'image'));
  const isDx10 = (bytes.u32(80, true) & FOUR_CC) !== 0 && bytes.is('DX10', 84);
  header.formatVersion = isDx10 ? 'DX10' : 'DX9';
  const texture = isDx10 ? readDx10(bytes, width, height) : readDx9(bytes, width, height);
  header.image.pages = texture.layers * texture.depth;
  if (texture.format === undefined) return;
  describeFormat(texture.format, texture.isOpaque, header);
  describeEnd(bytes, texture, texture.format, header);
};

function readDx9(bytes: Bytes, width: number, height: number): Texture {
  const flags = bytes.u32(80, true);
  const masks = [92, 96, 100, 104].map((at) => bytes.u32(at, true));
  const isFourCc = (flags & FOUR_CC) !== 0;
  const format = isFourCc
    ? fourCcFormat(bytes.latin1(84, 4))
    : maskedFormat(flags, bytes.u32(88, true), masks);
  const caps = bytes.u32(112, true);
  const faces = (caps & CUBE_MAP) === 0 ? 1 : countBits(caps & CUBE_FACES) || 6;
  return {
    width,
    height,
    depth: (caps & VOLUME) === 0 ? 1 : bytes.u32(24, true) || 1,
    layers: faces,
    levels: readLevels(bytes),
    format,
    isOpaque: false,
    at: HEADER_BYTES + (format?.model === 'indexed' ? PALETTE_BYTES : 0),
  };
}

/** DXGI format, dimension, flags, array elements, alpha mode. */
function readDx10(bytes: Bytes, width: number, height: number): Texture {
  const at = HEADER_BYTES;
  const isVolume = bytes.u32(at + 4, true) === DX10_VOLUME;
  const faces = (bytes.u32(at + 8, true) & DX10_CUBE) === 0 ? 1 : 6;
  return {
    width,
    height,
    depth: isVolume ? bytes.u32(24, true) || 1 : 1,
    layers: (bytes.u32(at + 12, true) || 1) * faces,
    levels: readLevels(bytes),
    format: dxgiFormat(bytes.u32(at, true)),
    isOpaque: (bytes.u32(at + 16, true) & 0x7) === DX10_OPAQUE,
    at: at + DX10_BYTES,
  };
}

function readLevels(bytes: Bytes): number {
  return Math.min(bytes.u32(28, true) || 1, MAX_LEVELS);
}

function countBits(flags: number): number {
  return [...flags.toString(2)].filter((bit) => bit === '1').length;
}

function describeFormat(format: PixelFormat, isOpaque: boolean, header: Header): void {
  const { method, bitDepth, channels, model, isSrgb, chromaSubsampling, hasAlpha } = format;
  Object.assign(header.compression, { method, lossless: method === 'none' });
  Object.assign(header.image, { bitDepth, channels, hasAlpha: isOpaque ? false : hasAlpha });
  if (model !== undefined) header.color.model = model;
  if (model === 'indexed') header.color.palette = { size: 256 };
  if (isSrgb) Object.assign(header.color, { space: 'srgb', transfer: 'srgb' });
  if (chromaSubsampling !== undefined) header.encoding.chromaSubsampling = chromaSubsampling;
}

/** Every level has half the width, height and slices of the one before, and of each at least one. */
function describeEnd(bytes: Bytes, texture: Texture, format: PixelFormat, header: Header): void {
  if (header.image.storedWidth === undefined || format.bitsPerPixel === 0) return;
  let stored = 0;
  for (let level = 0; level < texture.levels; level += 1) {
    const half = (size: number) => Math.max(1, Math.floor(size / 2 ** level));
    stored += surfaceBytes(half(texture.width), half(texture.height), format) * half(texture.depth);
  }
  endAt(header, bytes, texture.at + stored * texture.layers);
}

function surfaceBytes(
  width: number,
  height: number,
  { blockBytes, bitsPerPixel, chromaSubsampling }: PixelFormat,
): number {
  if (blockBytes !== undefined) return Math.ceil(width / 4) * Math.ceil(height / 4) * blockBytes;
  if (chromaSubsampling !== undefined) return Math.ceil(width / 2) * 4 * height;
  return Math.ceil((width * bitsPerPixel) / 8) * height;
}
