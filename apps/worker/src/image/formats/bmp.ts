// BMP: the file header of 14 bytes, and around the bitmap's own header what only a file has: palette, profile, and where it ends
// (Microsoft, "Bitmap Storage", BITMAPFILEHEADER, BITMAPV5HEADER).
import type { Bytes } from '../bytes.ts';
import { gammaWord } from '../cicp.ts';
import { decodeText, untilNul } from '../decode-text.ts';
import { densityIn } from '../density.ts';
import { type Header, type HeaderReader, malformed } from '../header.ts';
import {
  BI_ALPHABITFIELDS,
  BI_BITFIELDS,
  BI_RGB,
  DIB_HEADERS,
  type DibCoding,
  type DibSize,
  describeDibSamples,
  dibPixelBytes,
  isOs2,
  readDibCoding,
  readDibSize,
} from './bmp-header.ts';

const FILE_HEADER_BYTES = 14;

interface Method {
  method: string;
  lossless: boolean;
  codec?: string;
}

const NONE: Method = { method: 'none', lossless: true };
const METHODS: Readonly<Record<number, Method>> = {
  [BI_RGB]: NONE,
  1: { method: 'rle8', lossless: true },
  2: { method: 'rle4', lossless: true },
  [BI_BITFIELDS]: NONE,
  4: { method: 'jpeg', lossless: false, codec: 'jpeg' },
  5: { method: 'png', lossless: true, codec: 'png' },
  [BI_ALPHABITFIELDS]: NONE,
};
/** OS/2: one-dimensional Huffman of bilevel pictures, and runs of 24-bit pixels. */
const OS2_METHODS: Readonly<Record<number, Method>> = {
  3: { method: 'ccitt-t4', lossless: true },
  4: { method: 'rle24', lossless: true },
};

export const readBmp: HeaderReader = (bytes, header) => {
  header.image.pages = 1;
  const size = readDibSize(bytes, FILE_HEADER_BYTES);
  const version = DIB_HEADERS[size.headerBytes];
  if (version !== undefined) header.formatVersion = version;
  describeSize(size, header);
  const coding = readDibCoding(bytes, size);
  describeDibSamples(size, coding, header);
  describeCompression(size, coding, header);
  describeDensity(coding, header);
  describePalette(bytes, size, coding, header);
  const profileEnd = readColorSpace(bytes, size, header);
  describeEnd(bytes, { size, coding, profileEnd }, header);
};

function describeSize({ width, height, planes }: DibSize, header: Header): void {
  if (width > 0 && height !== 0) {
    header.image.storedWidth = width;
    header.image.storedHeight = Math.abs(height);
  } else header.warnings.push(malformed(`A bitmap can not be ${width} × ${height} pixels.`, 'image'));
  if (planes !== 1) header.warnings.push(malformed(`A bitmap has 1 plane, and this header says ${planes}.`));
}

/** The two systems' numbers mean different things from 3 on, and OS/2 also wrote them into headers of 40 bytes. */
function methodOf({ headerBytes, bitsPerPixel }: DibSize, { compression }: DibCoding): Method | undefined {
  const isHuffman = compression === 3 && bitsPerPixel === 1;
  const isRle24 = compression === 4 && bitsPerPixel === 24;
  if (isOs2(headerBytes) || isHuffman || isRle24) return OS2_METHODS[compression] ?? METHODS[compression];
  return METHODS[compression];
}

function describeCompression(size: DibSize, coding: DibCoding, header: Header): void {
  const found = methodOf(size, coding);
  header.encoding.codec = found?.codec ?? 'bmp';
  if (found === undefined) {
    header.warnings.push(
      malformed(`No compression has the number ${coding.compression}.`, 'compression.method'),
    );
    return;
  }
  Object.assign(header.compression, { method: found.method, lossless: found.lossless });
}

function describeDensity({ xPixelsPerMeter, yPixelsPerMeter }: DibCoding, header: Header): void {
  const density = densityIn('metre', xPixelsPerMeter, yPixelsPerMeter);
  if (density !== undefined) header.image.density = { ...density, unit: 'inch', source: 'bmp' };
}

/** No more colours than there is room for between the header and the pixels. */
function describePalette(
  bytes: Bytes,
  { headerBytes, bitsPerPixel }: DibSize,
  { colorsUsed }: DibCoding,
  header: Header,
): void {
  if (bitsPerPixel < 1 || bitsPerPixel > 8) return;
  const stated = colorsUsed || 2 ** bitsPerPixel;
  const room = pixelsAt(bytes, headerBytes) - FILE_HEADER_BYTES - headerBytes;
  const fitting = Math.floor(room / (headerBytes === 12 ? 3 : 4));
  const size = fitting > 0 ? Math.min(stated, fitting) : stated;
  if (size <= 2 ** bitsPerPixel || fitting > 0) header.color.palette = { size };
}

function pixelsAt(bytes: Bytes, headerBytes: number): number {
  return Math.max(bytes.u32(10, true), FILE_HEADER_BYTES + headerBytes);
}

/** Since version 4 a colour space, since version 5 a profile or the name of one. Returns where the profile ends, 0 without. */
function readColorSpace(bytes: Bytes, { at, headerBytes }: DibSize, header: Header): number {
  if (headerBytes < 108) return 0;
  // Four letters in a number, so that they stand backwards. Windows' own colour space is sRGB too (MS-WMF, 2.2.2.11).
  const kind = bytes.latin1(at + 56, 4);
  if (kind === 'BGRs' || kind === ' niW') header.color.space = 'srgb';
  if (kind === '\0\0\0\0') describeGamma(bytes.u32(at + 96, true), header);
  if (headerBytes < 124 || (kind !== 'DEBM' && kind !== 'KNIL')) return 0;
  const [begin, size] = [at + bytes.u32(at + 112, true), bytes.u32(at + 116, true)];
  if (size === 0 || !bytes.has(begin, size)) {
    header.warnings.push(malformed('The colour profile lies outside of the file.', 'icc'));
    return 0;
  }
  if (kind === 'DEBM') header.blocks.icc = bytes.slice(begin, size);
  else
    header.blocks.texts = [['LinkedProfile', decodeText(untilNul(bytes.upTo(begin, Math.min(size, 1024))))]];
  return begin + size;
}

/** Of calibrated red, a fixed-point number with 16 bits behind the point; 0 where nothing was calibrated. */
function describeGamma(gamma: number, header: Header): void {
  if (gamma !== 0) header.color.transfer = gammaWord(gamma / 0x1_0000);
}

interface Extent {
  size: DibSize;
  coding: DibCoding;
  profileEnd: number;
}

/** The file's stated size is often wrong: it counts where it has room for the pixels and for the profile. */
function describeEnd(bytes: Bytes, { size, coding, profileEnd }: Extent, header: Header): void {
  const { storedWidth, storedHeight } = header.image;
  if (storedWidth === undefined || storedHeight === undefined) return;
  const isPlain = header.compression.method === 'none';
  if (isPlain && header.image.bitDepth === undefined) return;
  const stored = isPlain ? dibPixelBytes(storedWidth, storedHeight, size.bitsPerPixel) : coding.imageBytes;
  const least = Math.max(pixelsAt(bytes, size.headerBytes) + stored, profileEnd);
  if (least > bytes.length) {
    header.truncated = true;
    return;
  }
  const stated = bytes.u32(2, true);
  if (stated >= least && stated <= bytes.length) header.end = stated;
  else if (isPlain || stored > 0) header.end = least;
}
