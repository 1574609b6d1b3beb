// The image header of a JPEG XL codestream: size, samples, extra channels, animation (ISO/IEC 18181-1, Annex D).
import { type JxlBits, skipExtensions } from './jxl-bits.ts';
import { DEFAULT_COLOR, type JxlColor, readColorEncoding } from './jxl-color.ts';

export interface JxlSize {
  width: number;
  height: number;
}

export interface JxlAnimation {
  millisecondsPerTick: number;
  /** 0 is for ever. */
  loops: number;
  hasTimecodes: boolean;
}

export interface JxlMetadata {
  size: JxlSize;
  /** As in EXIF, 1 to 8. */
  orientation: number;
  /** What it is recommended to be shown at. */
  intrinsicSize?: JxlSize | undefined;
  previewSize?: JxlSize | undefined;
  animation?: JxlAnimation | undefined;
  bitDepth: number;
  /** Types of the channels beside the colours. */
  extraChannels: readonly number[];
  isXyb: boolean;
  color: JxlColor;
}

export const ALPHA = 0;
export const BLACK = 4;
const SPOT_COLOR = 2;
const COLOR_FILTER_ARRAY = 5;
/** Of levels 5 and 10 (Annex M); a file with more is none of today's. */
const MAX_EXTRA_CHANNELS = 256;

/** Everything up to the profile or the first frame. The two bytes of the signature are read already. */
export function readMetadata(bits: JxlBits, onSize: (size: JxlSize) => void): JxlMetadata {
  const size = readSize(bits);
  onSize(size);
  const isDefault = bits.flag();
  const hasMore = !isDefault && bits.flag();
  const more = hasMore ? readMore(bits) : { orientation: 1 };
  const bitDepth = isDefault ? 8 : readBitDepth(bits);
  // Whether 16 bits are enough to decode with.
  if (!isDefault) bits.skip(1);
  const extraChannels = isDefault ? [] : readExtraChannels(bits);
  const isXyb = isDefault || bits.flag();
  const color = isDefault ? DEFAULT_COLOR : readColorEncoding(bits);
  if (hasMore) skipToneMapping(bits);
  if (!isDefault) skipExtensions(bits);
  skipTransformData(bits, isXyb);
  return { size, ...more, bitDepth, extraChannels, isXyb, color };
}

type More = Pick<JxlMetadata, 'orientation' | 'intrinsicSize' | 'previewSize' | 'animation'>;

function readMore(bits: JxlBits): More {
  const orientation = 1 + bits.read(3);
  const intrinsicSize = bits.flag() ? readSize(bits) : undefined;
  const previewSize = bits.flag() ? readPreviewSize(bits) : undefined;
  const animation = bits.flag() ? readAnimation(bits) : undefined;
  return { orientation, intrinsicSize, previewSize, animation };
}

/** Width over height for the sizes that are not written out (Annex D). */
const RATIOS = [
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
] as const;

function widthFrom(height: number, ratio: number): number {
  const [width, over] = RATIOS[ratio - 1] ?? [1, 1];
  return Math.floor((height * width) / over);
}

function readSize(bits: JxlBits): JxlSize {
  const isSmall = bits.flag();
  const side = () => (isSmall ? 8 * (1 + bits.read(5)) : bits.u32([1, 9], [1, 13], [1, 18], [1, 30]));
  const height = side();
  const ratio = bits.read(3);
  return { width: ratio === 0 ? side() : widthFrom(height, ratio), height };
}

function readPreviewSize(bits: JxlBits): JxlSize {
  const isSmall = bits.flag();
  const side = () =>
    isSmall ? 8 * bits.u32([16], [32], [1, 5], [33, 9]) : bits.u32([1, 6], [65, 8], [321, 10], [1345, 12]);
  const height = side();
  const ratio = bits.read(3);
  return { width: ratio === 0 ? side() : widthFrom(height, ratio), height };
}

function readAnimation(bits: JxlBits): JxlAnimation {
  const ticks = bits.u32([100], [1000], [1, 10], [1, 30]);
  const seconds = bits.u32([1], [1001], [1, 8], [1, 10]);
  const loops = bits.u32([0], [0, 3], [0, 16], [0, 32]);
  return { millisecondsPerTick: (1000 * seconds) / ticks, loops, hasTimecodes: bits.flag() };
}

function readBitDepth(bits: JxlBits): number {
  const isFloat = bits.flag();
  if (!isFloat) return bits.u32([8], [10], [12], [1, 6]);
  const depth = bits.u32([32], [16], [24], [1, 6]);
  // Bits of the exponent.
  bits.skip(4);
  return depth;
}

function readExtraChannels(bits: JxlBits): number[] {
  const count = bits.u32([0], [1], [2, 4], [1, 12]);
  if (count > MAX_EXTRA_CHANNELS) throw new Error('more extra channels than any level allows');
  return Array.from({ length: count }, () => readExtraChannel(bits));
}

/** The type of a channel (Annex D); the rest is skipped. */
function readExtraChannel(bits: JxlBits): number {
  if (bits.flag()) return ALPHA;
  const type = bits.enumeration();
  readBitDepth(bits);
  bits.u32([0], [3], [4], [1, 3]);
  skipName(bits);
  if (type === ALPHA) bits.skip(1);
  if (type === SPOT_COLOR) bits.skip(4 * 16);
  if (type === COLOR_FILTER_ARRAY) bits.u32([1], [0, 2], [3, 4], [19, 8]);
  return type;
}

export function skipName(bits: JxlBits): void {
  bits.skip(8 * bits.u32([0], [0, 4], [16, 5], [48, 10]));
}

const TONE_MAPPING_BITS = 16 + 16 + 1 + 16;

function skipToneMapping(bits: JxlBits): void {
  if (!bits.flag()) bits.skip(TONE_MAPPING_BITS);
}

const OPSIN_MATRIX_BITS = 16 * 16;
/** How many weights there are to enlarge by 2, 4 and 8. */
const UPSAMPLING_WEIGHTS = [15, 55, 210] as const;

function skipTransformData(bits: JxlBits, isXyb: boolean): void {
  if (bits.flag()) return;
  if (isXyb && !bits.flag()) bits.skip(OPSIN_MATRIX_BITS);
  const custom = bits.read(3);
  UPSAMPLING_WEIGHTS.forEach((count, index) => {
    if ((custom >> index) & 1) bits.skip(16 * count);
  });
}
