// The header of a JPEG XL frame and how long the frame is, so that frames can be counted without being decoded
// (ISO/IEC 18181-1, Annexes F and G).
import { type JxlBits, skipExtensions } from './jxl-bits.ts';
import { readEntropyCode } from './jxl-entropy.ts';
import { type JxlMetadata, type JxlSize, skipName } from './jxl-metadata.ts';

export interface JxlFrame {
  /** regular: shown, or a layer of what is shown; coarse: an eighth of another, to build upon; reference: to copy from. */
  kind: 'regular' | 'coarse' | 'reference';
  isModular: boolean;
  isLast: boolean;
  durationTicks: number;
  passes: number;
  /** Factors of Cb, Y and Cr, where the frame is stored as YCbCr: 0: 1×1, 1: 2×2, 2: 2×1, 3: 1×2. */
  sampling?: readonly number[];
  sections: number;
}

const REGULAR = 0;
const COARSE = 1;
const REFERENCE_ONLY = 2;
const USES_COARSE_FRAME = 0x20;
const KINDS = ['regular', 'coarse', 'reference', 'regular'] as const;
const MAX_SECTIONS = 65536;

/** Reads a frame's header and steps behind the frame. @throws EndOfBytes where the frame is not all there */
export function readFrame(bits: JxlBits, image: JxlMetadata, isPreview: boolean): JxlFrame {
  const size = isPreview ? (image.previewSize ?? image.size) : image.size;
  const { frame, stored, groupSize } = readFrameHeader(bits, image, size);
  const groups = tiles(stored, groupSize);
  const sections =
    groups === 1 && frame.passes === 1 ? 1 : 2 + tiles(stored, 8 * groupSize) + groups * frame.passes;
  if (sections > MAX_SECTIONS) throw new Error('a frame of too many sections');
  bits.skipBytes(readFrameLength(bits, sections));
  return { ...frame, sections };
}

function tiles({ width, height }: JxlSize, side: number): number {
  return Math.ceil(width / side) * Math.ceil(height / side);
}

interface FrameHeader {
  frame: Omit<JxlFrame, 'sections'>;
  /** Size that is really stored, and the side of the squares it is stored in. */
  stored: JxlSize;
  groupSize: number;
}

function readFrameHeader(bits: JxlBits, image: JxlMetadata, imageSize: JxlSize): FrameHeader {
  if (bits.flag()) {
    const frame = { kind: 'regular', isModular: false, isLast: true, durationTicks: 0, passes: 1 } as const;
    return { frame, stored: imageSize, groupSize: 256 };
  }
  const type = bits.read(2);
  const kind = KINDS[type] ?? 'regular';
  const isRegular = kind === 'regular';
  const isModular = bits.flag();
  const usesCoarse = Math.floor(bits.u64() / USES_COARSE_FRAME) % 2 === 1;
  const isYcbcr = !image.isXyb && bits.flag();
  const sampling = isYcbcr && !usesCoarse ? [bits.read(2), bits.read(2), bits.read(2)] : undefined;
  const upsampling = usesCoarse ? 1 : readUpsampling(bits, image.extraChannels.length);
  const groupSize = isModular ? 128 << bits.read(2) : 256;
  if (image.isXyb && !isModular) bits.skip(6);
  const passes = type === REFERENCE_ONLY ? 1 : readPasses(bits);
  const shrink = upsampling * (type === COARSE ? 8 ** (1 + bits.read(2)) : 1);
  const crop = type === COARSE ? { size: imageSize, isPartial: false } : readCrop(bits, isRegular, imageSize);
  const shown = isRegular ? readShown(bits, image, crop.isPartial) : NOT_SHOWN;
  const isLast = shown.isLast && type === REGULAR;
  skipReferences(bits, type, isLast, shown, crop.isPartial);
  skipName(bits);
  skipFilters(bits, isModular);
  skipExtensions(bits);
  const stored = { width: Math.ceil(crop.size.width / shrink), height: Math.ceil(crop.size.height / shrink) };
  const frame = { kind, isModular, isLast, durationTicks: shown.durationTicks, passes };
  return { frame: sampling === undefined ? frame : { ...frame, sampling }, stored, groupSize };
}

function readUpsampling(bits: JxlBits, extraChannels: number): number {
  const upsampling = bits.u32([1], [2], [4], [8]);
  // One more choice for each extra channel.
  bits.skip(2 * extraChannels);
  return upsampling;
}

function readPasses(bits: JxlBits): number {
  const passes = bits.u32([1], [2], [3], [4, 3]);
  if (passes === 1) return passes;
  const downsamplings = bits.u32([0], [1], [2], [3, 1]);
  bits.skip(2 * (passes - 1) + 2 * downsamplings);
  for (let index = 0; index < downsamplings; index += 1) bits.u32([0], [1], [2], [0, 3]);
  return passes;
}

interface Crop {
  size: JxlSize;
  /** Leaves something of the canvas uncovered. */
  isPartial: boolean;
}

function readCrop(bits: JxlBits, isRegular: boolean, image: JxlSize): Crop {
  if (!bits.flag()) return { size: image, isPartial: false };
  const number = () => bits.u32([0, 8], [256, 11], [2304, 14], [18688, 30]);
  const left = isRegular ? signed(number()) : 0;
  const top = isRegular ? signed(number()) : 0;
  const size = { width: number(), height: number() };
  const covers =
    left <= 0 && top <= 0 && left + size.width >= image.width && top + size.height >= image.height;
  return { size, isPartial: isRegular && !covers };
}

/** Even numbers are positive, odd ones negative. */
function signed(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

interface Shown {
  isLast: boolean;
  durationTicks: number;
  replaces: boolean;
}

const NOT_SHOWN: Shown = { isLast: false, durationTicks: 0, replaces: false };

function readShown(bits: JxlBits, image: JxlMetadata, isPartial: boolean): Shown {
  const extra = image.extraChannels.length;
  const replaces = readBlending(bits, extra > 0, isPartial) === 0;
  for (let index = 0; index < extra; index += 1) readBlending(bits, true, isPartial);
  const durationTicks = image.animation === undefined ? 0 : bits.u32([0], [1], [0, 8], [0, 32]);
  if (image.animation?.hasTimecodes) bits.skip(32);
  return { isLast: bits.flag(), durationTicks, replaces };
}

/** 0: replace, 1: add, 2: blend, 3: add weighted by alpha, 4: multiply. */
function readBlending(bits: JxlBits, hasExtra: boolean, isPartial: boolean): number {
  const mode = bits.u32([0], [1], [2], [3, 2]);
  const usesAlpha = hasExtra && (mode === 2 || mode === 3);
  if (usesAlpha) bits.u32([0], [1], [2], [3, 3]);
  if (usesAlpha || mode === 4) bits.skip(1);
  if (mode !== 0 || isPartial) bits.skip(2);
  return mode;
}

function skipReferences(
  bits: JxlBits,
  type: number,
  isLast: boolean,
  shown: Shown,
  isPartial: boolean,
): void {
  if (type === COARSE) return;
  const slot = isLast ? 0 : bits.read(2);
  const isReferable = !isLast && (shown.durationTicks === 0 || slot !== 0);
  if (type === REFERENCE_ONLY || (isReferable && shown.replaces && !isPartial)) bits.skip(1);
}

/** Smoothing of blocks and edges (Annex J): only how long its parameters are. */
function skipFilters(bits: JxlBits, isModular: boolean): void {
  if (bits.flag()) return;
  if (bits.flag()) skipCustom(bits, 6);
  if (bits.read(2) > 0) {
    if (!isModular) skipCustom(bits, 8);
    skipCustom(bits, 5);
    skipCustom(bits, isModular ? 3 : 4);
    if (isModular) bits.skip(16);
  }
  skipExtensions(bits);
}

/** Numbers of 16 bits that are there only where they are not the usual ones. */
function skipCustom(bits: JxlBits, numbers: number): void {
  if (bits.flag()) bits.skip(16 * numbers);
}

const PERMUTATION_CONTEXTS = 8;

/** The sum over the table of contents (Annex F). */
function readFrameLength(bits: JxlBits, sections: number): number {
  if (bits.flag()) skipPermutation(bits, sections);
  bits.toByte();
  let bytes = 0;
  for (let index = 0; index < sections; index += 1) {
    bytes += bits.u32([0, 10], [1024, 14], [17408, 22], [4211712, 30]);
  }
  bits.toByte();
  return bytes;
}

/** The order of sections does not change their sum, but its coded length is known only by decoding it. */
function skipPermutation(bits: JxlBits, sections: number): void {
  const read = readEntropyCode(bits, PERMUTATION_CONTEXTS);
  const context = (value: number) => Math.min(7, value === 0 ? 0 : 32 - Math.clz32(value));
  const count = read(context(sections));
  if (count > sections) throw new Error('a permutation longer than the table of contents');
  let previous = 0;
  for (let index = 0; index < count; index += 1) previous = read(context(previous));
}
