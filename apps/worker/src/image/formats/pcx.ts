// PCX: a header of 128 bytes; the palette of 256 colours is the last thing in the file (ZSoft PCX File Format Technical Reference
// Manual, revision 5). Little-endian.
import type { Bytes } from '../bytes.ts';
import { endAt, type Header, type HeaderReader, malformed } from '../header.ts';

const HEADER_BYTES = 128;
/** A mark and 256 colours. */
const PALETTE_BYTES = 769;
const PALETTE_MARK = 0x0c;
const GRAYSCALE = 2;
const MAX_PLANES = 4;
const PLANE_BITS: readonly number[] = [1, 2, 4, 8];

const VERSIONS: Readonly<Record<number, string>> = { 0: '2.5', 2: '2.8', 3: '2.8', 4: 'Windows', 5: '3.0' };

export const readPcx: HeaderReader = (bytes, header) => {
  header.encoding.codec = 'pcx';
  header.image.pages = 1;
  const version = bytes.u8(1);
  const name = VERSIONS[version];
  if (name !== undefined) header.formatVersion = name;
  Object.assign(header.compression, { method: bytes.u8(2) === 1 ? 'rle' : 'none', lossless: true });
  const bits = bytes.u8(3);
  describeSize(bytes, header);
  describeDensity(bytes.u16(12, true), bytes.u16(14, true), header);
  const planes = bytes.u8(65);
  const rowBytes = bytes.u16(66, true) * planes;
  const palette = bytes.length - PALETTE_BYTES;
  const hasPalette =
    version === 5 &&
    bits === 8 &&
    planes === 1 &&
    palette >= HEADER_BYTES &&
    bytes.u8(palette) === PALETTE_MARK;
  describeSamples({ bits, planes, hasPalette, isGray: bytes.u16(68, true) === GRAYSCALE }, header);
  describeEnd(bytes, rowBytes, hasPalette, header);
};

/** The window is given by its first and last pixels. */
function describeSize(bytes: Bytes, header: Header): void {
  const [left, top, right, bottom] = [4, 6, 8, 10].map((at) => bytes.u16(at, true)) as [
    number,
    number,
    number,
    number,
  ];
  if (right < left || bottom < top) {
    header.warnings.push(malformed('The window ends before it begins.', 'image'));
    return;
  }
  header.image.storedWidth = right - left + 1;
  header.image.storedHeight = bottom - top + 1;
}

/** Dots per inch; but old programs wrote the size of their screen, which is not the same both ways. */
function describeDensity(x: number, y: number, header: Header): void {
  const isSize = x === header.image.storedWidth && y === header.image.storedHeight;
  if (x === y && x > 0 && !isSize) header.image.density = { x, y, unit: 'inch', source: 'pcx' };
}

interface Samples {
  /** Of one pixel in one plane. */
  bits: number;
  planes: number;
  hasPalette: boolean;
  isGray: boolean;
}

/** Three and four planes of 8 bits are colours; all else are numbers of colours, whose bits may be spread over planes. */
function describeSamples({ bits, planes, hasPalette, isGray }: Samples, header: Header): void {
  if (!PLANE_BITS.includes(bits) || planes < 1 || planes > MAX_PLANES) {
    header.warnings.push(malformed(`There are no pixels of ${bits} bits in ${planes} planes.`, 'image'));
    return;
  }
  const isColors = bits === 8 && planes >= 3;
  const bitDepth = isColors ? 8 : bits * planes;
  const hasAlpha = isColors && planes === 4;
  Object.assign(header.image, { bitDepth, channels: isColors ? planes : 1, hasAlpha });
  const isIndexed = bitDepth === 8 ? hasPalette : bitDepth > 1;
  header.color.model = isColors ? 'rgb' : isIndexed && !isGray ? 'indexed' : 'gray';
  if (header.color.model === 'indexed') header.color.palette = { size: 2 ** bitDepth };
}

/** Where runs end only their walk would tell; but the palette of 256 colours is the end of the file. */
function describeEnd(bytes: Bytes, rowBytes: number, hasPalette: boolean, header: Header): void {
  const { storedHeight } = header.image;
  if (hasPalette) header.end = bytes.length;
  else if (header.compression.method === 'none' && storedHeight !== undefined)
    endAt(header, bytes, HEADER_BYTES + rowBytes * storedHeight);
}
