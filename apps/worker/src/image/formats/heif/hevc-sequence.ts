// The sequence parameter set of HEVC: size without padding, and colour in its usability information (H.265, 7.3.2.2, E.2.1).
import { Bits } from './heif-bits.ts';
import type { Coding } from './heif-coding.ts';

/** Longer parameter sets hold extensions behind what is wanted. */
const MAX_BYTES = 1024;

/** @param unit a NAL unit with its header of two bytes @throws EndOfBytes */
export function readHevcSequence(unit: Uint8Array): Coding {
  const bits = new Bits(withoutEmulation(unit.subarray(2, MAX_BYTES)));
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.read(3);
  bits.skip(1);
  skipProfileTierLevel(bits, subLayers);
  bits.golomb(); // sps_seq_parameter_set_id
  const chromaFormat = bits.golomb();
  if (chromaFormat === 3) bits.skip(1); // separate_colour_plane_flag
  const size = readSize(bits, chromaFormat);
  try {
    return { ...size, cicp: readColor(bits, subLayers) };
  } catch {
    // The size stands before, and is right whatever follows.
    return size;
  }
}

/** 00 00 03 stands for 00 00: an encoder keeps start codes out of the data so (7.4.2). */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    plain[length] = byte;
    length += 1;
  }
  return plain.subarray(0, length);
}

/** 7.3.3. */
function skipProfileTierLevel(bits: Bits, subLayers: number): void {
  bits.skip(96);
  if (subLayers === 0) return;
  let inLayers = 0;
  for (let layer = 0; layer < 8; layer += 1) {
    const hasProfile = bits.flag();
    const hasLevel = bits.flag();
    if (layer < subLayers) inLayers += (hasProfile ? 88 : 0) + (hasLevel ? 8 : 0);
  }
  bits.skip(inLayers);
}

/** Samples of luma that one unit of the conformance window stands for, by chroma_format_idc. */
const WINDOW_UNITS = [
  [1, 1],
  [2, 2],
  [2, 1],
  [1, 1],
] as const;

function readSize(bits: Bits, chromaFormat: number): { width: number; height: number } {
  const width = bits.golomb();
  const height = bits.golomb();
  if (!bits.flag()) return { width, height };
  const [left, right, top, bottom] = [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()];
  const [unitWidth, unitHeight] = WINDOW_UNITS[chromaFormat] ?? [1, 1];
  return { width: width - unitWidth * (left + right), height: height - unitHeight * (top + bottom) };
}

/** From the depths to the colours; undefined where the parameter set does not tell them. */
function readColor(bits: Bits, subLayers: number): Coding['cicp'] {
  bits.golomb(); // depth of luma
  bits.golomb(); // depth of chroma
  const orderBits = bits.golomb() + 4;
  const layers = bits.flag() ? subLayers + 1 : 1;
  skipGolombs(bits, 3 * layers + 6);
  if (bits.flag() && bits.flag()) skipScalingLists(bits);
  bits.skip(2); // amp, sample adaptive offset
  if (bits.flag()) {
    bits.skip(8); // depths of PCM samples
    skipGolombs(bits, 2);
    bits.skip(1);
  }
  skipReferenceSets(bits);
  if (bits.flag()) bits.skip(bits.golomb() * (orderBits + 1)); // long-term reference pictures
  bits.skip(2); // temporal motion vectors, intra smoothing
  return bits.flag() ? readUsability(bits) : undefined;
}

function skipGolombs(bits: Bits, count: number): void {
  for (let index = 0; index < count; index += 1) bits.golomb();
}

/** 7.3.4. */
function skipScalingLists(bits: Bits): void {
  for (let size = 0; size < 4; size += 1) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (bits.flag()) skipGolombs(bits, (size > 1 ? 1 : 0) + Math.min(64, 16 << (2 * size)));
      else bits.golomb();
    }
  }
}

/** 7.3.7: sets of reference pictures, each of which may be told by its difference to the one before. */
function skipReferenceSets(bits: Bits): void {
  const sets = bits.golomb();
  let pictures = 0;
  for (let set = 0; set < Math.min(sets, 64); set += 1) {
    if (set > 0 && bits.flag()) {
      pictures = skipPredictedSet(bits, pictures);
    } else {
      pictures = Math.min(bits.golomb() + bits.golomb(), 32);
      for (let picture = 0; picture < pictures; picture += 1) {
        bits.golomb();
        bits.skip(1);
      }
    }
  }
}

function skipPredictedSet(bits: Bits, before: number): number {
  bits.skip(1);
  bits.golomb();
  let pictures = 0;
  for (let picture = 0; picture <= before; picture += 1) {
    // used_by_curr_pic_flag; where it is 0, use_delta_flag follows.
    if (bits.flag() || bits.flag()) pictures += 1;
  }
  return pictures;
}

const EXTENDED_ASPECT_RATIO = 255;

/** E.2.1, as far as the colours. */
function readUsability(bits: Bits): Coding['cicp'] {
  if (bits.flag() && bits.read(8) === EXTENDED_ASPECT_RATIO) bits.skip(32);
  if (bits.flag()) bits.skip(1); // overscan
  if (!bits.flag()) return undefined;
  bits.skip(3); // video_format
  const isFullRange = bits.flag();
  if (!bits.flag()) return { primaries: 2, transfer: 2, matrix: 2, isFullRange };
  return { primaries: bits.read(8), transfer: bits.read(8), matrix: bits.read(8), isFullRange };
}
