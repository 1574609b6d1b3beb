// The header of a device-independent bitmap, which BMP files and icons share: OS/2's two, and Windows' from 40 to 124 bytes
// (Microsoft, "Bitmap Header Types"; OS/2 Presentation Manager, BITMAPINFOHEADER2). Little-endian throughout.
import type { Bytes } from '../bytes.ts';
import { type Header, malformed } from '../header.ts';
import { maskBits } from './mask-bits.ts';

/** Names of the headers by the size that they state. */
export const DIB_HEADERS: Readonly<Record<number, string>> = {
  12: 'BITMAPCOREHEADER',
  16: 'OS22XBITMAPHEADER',
  64: 'OS22XBITMAPHEADER',
  40: 'BITMAPINFOHEADER',
  52: 'BITMAPV2INFOHEADER',
  56: 'BITMAPV3INFOHEADER',
  108: 'BITMAPV4HEADER',
  124: 'BITMAPV5HEADER',
};

export interface DibSize {
  /** Where the header begins. */
  at: number;
  headerBytes: number;
  width: number;
  /** Negative: rows from top to bottom. In an icon, twice the picture's. */
  height: number;
  planes: number;
  bitsPerPixel: number;
}

export interface DibCoding {
  compression: number;
  /** Bytes of the pixels as stated; 0 where the header says nothing. */
  imageBytes: number;
  xPixelsPerMeter: number;
  yPixelsPerMeter: number;
  /** Colours of the palette as stated; 0 for as many as there can be. */
  colorsUsed: number;
  /** Red, green, blue and alpha, where the header or the words behind it have them. */
  masks: readonly number[];
}

export const BI_RGB = 0;
export const BI_BITFIELDS = 3;
export const BI_ALPHABITFIELDS = 6;

/** OS/2 counts its compressions differently from 3 on. */
export function isOs2(headerBytes: number): boolean {
  return headerBytes === 12 || headerBytes === 16 || headerBytes === 64;
}

/** @throws EndOfBytes */
export function readDibSize(bytes: Bytes, at: number): DibSize {
  const headerBytes = bytes.u32(at, true);
  const isCore = headerBytes === 12;
  return {
    at,
    headerBytes,
    width: isCore ? bytes.u16(at + 4, true) : bytes.i32(at + 4, true),
    height: isCore ? bytes.u16(at + 6, true) : bytes.i32(at + 8, true),
    planes: bytes.u16(at + (isCore ? 8 : 12), true),
    bitsPerPixel: bytes.u16(at + (isCore ? 10 : 14), true),
  };
}

/** @throws EndOfBytes */
export function readDibCoding(bytes: Bytes, { at, headerBytes }: DibSize): DibCoding {
  // OS/2's 16 bytes are the beginning of its 64: what is left out counts as 0.
  const field = (offset: number) => (offset < headerBytes ? bytes.u32(at + offset, true) : 0);
  const compression = field(16);
  return {
    compression,
    imageBytes: field(20),
    xPixelsPerMeter: field(24) | 0,
    yPixelsPerMeter: field(28) | 0,
    colorsUsed: field(32),
    masks: readMasks(bytes, at, headerBytes, compression),
  };
}

/** In the header since version 2; before that three or four words behind it (BI_BITFIELDS, BI_ALPHABITFIELDS). */
function readMasks(bytes: Bytes, at: number, headerBytes: number, compression: number): readonly number[] {
  if (isOs2(headerBytes)) return [];
  const isMasked = compression === BI_BITFIELDS || compression === BI_ALPHABITFIELDS;
  const count = headerBytes >= 56 || compression === BI_ALPHABITFIELDS ? 4 : isMasked ? 3 : 0;
  const masks = Array.from({ length: count }, (_, index) => bytes.u32(at + 40 + 4 * index, true));
  // Red, green and blue count for BI_BITFIELDS only; the mask of alpha has no such condition.
  return isMasked ? masks : masks.map((mask, index) => (index === 3 ? mask : 0));
}

/** Depth, samples, alpha and colour model, as far as they stand in the header. */
export function describeDibSamples(
  { bitsPerPixel }: DibSize,
  { masks }: Pick<DibCoding, 'masks'>,
  header: Header,
): void {
  const { image, color } = header;
  if (bitsPerPixel >= 1 && bitsPerPixel <= 8) {
    Object.assign(image, { bitDepth: bitsPerPixel, channels: 1, hasAlpha: false });
    color.model = 'indexed';
    return;
  }
  // 0: as the JPEG or PNG inside says.
  if (bitsPerPixel === 0) return;
  const depth = sampleBits(bitsPerPixel, masks);
  if (depth === undefined) {
    header.warnings.push(malformed(`A bitmap can not have ${bitsPerPixel} bits a pixel.`, 'image.bitDepth'));
    return;
  }
  const hasAlpha = (masks[3] ?? 0) !== 0;
  Object.assign(image, { bitDepth: depth, channels: hasAlpha ? 4 : 3, hasAlpha });
  color.model = 'rgb';
}

/** The widest mask; without masks 5 bits of 16, 8 of 24 and of 32, the rest unused. */
function sampleBits(bitsPerPixel: number, masks: readonly number[]): number | undefined {
  const widest = Math.max(0, ...masks.slice(0, 3).map(maskBits));
  if (bitsPerPixel === 24) return 8;
  if (bitsPerPixel === 16) return widest || 5;
  return bitsPerPixel === 32 ? widest || 8 : undefined;
}

/** Rows are filled up to four bytes. */
export function dibPixelBytes(width: number, height: number, bitsPerPixel: number): number {
  return Math.floor((width * bitsPerPixel + 31) / 32) * 4 * height;
}
