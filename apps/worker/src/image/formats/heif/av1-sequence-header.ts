// The sequence header of an AV1 stream: size, depth, subsampling and colour (AV1, 5.5). Nothing of frames.

import type { Cicp } from '../../cicp.ts';
import { Bits } from './heif-bits.ts';
import { type Coding, channelsOf } from './heif-coding.ts';

/** AV1, 6.4.1 and annex A.2. */
export const AV1_PROFILES = ['Main', 'High', 'Professional'];

const SEQUENCE_HEADER = 1;
/** A sequence header is the first unit, or the second behind a temporal delimiter; padding may stand between. */
const MAX_UNITS = 8;

/** Undefined where no sequence header is among the first units. @throws EndOfBytes where it is cut */
export function readAv1SequenceHeader(units: Uint8Array): Coding | undefined {
  let at = 0;
  for (let step = 0; step < MAX_UNITS && at < units.length; step += 1) {
    const first = units[at] ?? 0;
    const head = (first & 0x04) === 0 ? 1 : 2;
    const { size, length } =
      (first & 0x02) === 0 ? { size: units.length - at - head, length: 0 } : leb128(units, at + head);
    const body = at + head + length;
    if (((first >> 3) & 0x0f) === SEQUENCE_HEADER)
      return readSequence(new Bits(units.subarray(body, body + size)));
    at = body + size;
  }
  return undefined;
}

/** Little-endian in groups of seven bits (4.10.5). */
function leb128(bytes: Uint8Array, at: number): { size: number; length: number } {
  let size = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[at + index] ?? 0;
    size += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) === 0) return { size, length: index + 1 };
  }
  return { size, length: 8 };
}

/** sequence_header_obu(), 5.5.1. */
function readSequence(bits: Bits): Coding {
  const profile = bits.read(3);
  bits.skip(1); // still_picture
  const isReduced = bits.flag();
  const levelIndex = isReduced ? bits.read(5) : skipOperatingPoints(bits);
  const widthBits = bits.read(4) + 1;
  const heightBits = bits.read(4) + 1;
  const width = bits.read(widthBits) + 1;
  const height = bits.read(heightBits) + 1;
  if (!isReduced && bits.flag()) bits.skip(7); // frame ids
  bits.skip(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
  if (!isReduced) skipTools(bits);
  bits.skip(3); // enable_superres, enable_cdef, enable_restoration
  return {
    ...readColor(bits, profile),
    profile: AV1_PROFILES[profile],
    level: av1Level(levelIndex),
    width,
    height,
  };
}

/** “Maximum parameters” is no level at all (annex A.3). */
const NO_LEVEL = 31;

export function av1Level(index: number): string | undefined {
  return index === NO_LEVEL ? undefined : `${2 + (index >> 2)}.${index & 3}`;
}

/** Timing, decoder model and operating points; the level of the first point. */
function skipOperatingPoints(bits: Bits): number {
  const delayBits = bits.flag() ? skipTiming(bits) : 0;
  const hasDisplayDelay = bits.flag();
  const count = bits.read(5) + 1;
  let first = 0;
  for (let point = 0; point < count; point += 1) {
    bits.skip(12);
    const level = bits.read(5);
    if (point === 0) first = level;
    if (level > 7) bits.skip(1); // seq_tier
    if (delayBits > 0 && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.flag()) bits.skip(4);
  }
  return first;
}

/** timing_info() and decoder_model_info(); bits of a buffer delay, 0 without a model. */
function skipTiming(bits: Bits): number {
  bits.skip(64);
  if (bits.flag()) bits.golomb();
  if (!bits.flag()) return 0;
  const delayBits = bits.read(5) + 1;
  bits.skip(42);
  return delayBits;
}

/** From enable_interintra_compound to order_hint_bits_minus_1. */
function skipTools(bits: Bits): void {
  bits.skip(4);
  const hasOrderHint = bits.flag();
  if (hasOrderHint) bits.skip(2);
  const choosesScreenTools = bits.flag();
  const hasScreenTools = choosesScreenTools || bits.flag();
  if (hasScreenTools && !bits.flag()) bits.skip(1); // seq_force_integer_mv
  if (hasOrderHint) bits.skip(3);
}

/** color_config(), 5.5.2. */
function readColor(bits: Bits, profile: number): Coding {
  const isHigh = bits.flag();
  const bitDepth = profile === 2 && isHigh ? (bits.flag() ? 12 : 10) : isHigh ? 10 : 8;
  const isMonochrome = profile !== 1 && bits.flag();
  const cicp: Cicp = bits.flag()
    ? { primaries: bits.read(8), transfer: bits.read(8), matrix: bits.read(8) }
    : { primaries: 2, transfer: 2, matrix: 2 };
  // sRGB as RGB is full and 4:4:4 by definition: no bits tell it.
  const isRgb = !isMonochrome && cicp.primaries === 1 && cicp.transfer === 13 && cicp.matrix === 0;
  cicp.isFullRange = isRgb || bits.flag();
  const chromaSubsampling = isMonochrome ? '4:0:0' : isRgb ? '4:4:4' : readChroma(bits, profile, bitDepth);
  return { bitDepth, chromaSubsampling, channels: channelsOf(chromaSubsampling), cicp };
}

function readChroma(bits: Bits, profile: number, bitDepth: number): string {
  if (profile === 0) return av1Chroma(false, true, true);
  if (profile === 1) return av1Chroma(false, false, false);
  if (bitDepth < 12) return av1Chroma(false, true, false);
  const isHalfWidth = bits.flag();
  return av1Chroma(false, isHalfWidth, isHalfWidth && bits.flag());
}

export function av1Chroma(isMonochrome: boolean, isHalfWidth: boolean, isHalfHeight: boolean): string {
  if (isMonochrome) return '4:0:0';
  if (!isHalfWidth) return '4:4:4';
  return isHalfHeight ? '4:2:0' : '4:2:2';
}
