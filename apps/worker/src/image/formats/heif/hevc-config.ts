// hvcC: profile, level, depth and subsampling of HEVC, and where its sequence parameter set is (ISO/IEC 14496-15, 8.3.3).
import type { Bytes } from '../../bytes.ts';
import { type Box, type Fields, fieldsOf } from '../boxes.ts';
import { CHROMA_FORMATS, type Coding, channelsOf, unlessCut } from './heif-coding.ts';
import { readHevcSequence } from './hevc-sequence.ts';

/** By general_profile_idc (H.265, annexes A, G, H and I). 4, the range extensions, has many names. */
const PROFILES: Partial<Record<number, string>> = {
  1: 'Main',
  2: 'Main 10',
  3: 'Main Still Picture',
  5: 'High Throughput',
  6: 'Multiview Main',
  7: 'Scalable Main',
  8: '3D Main',
  9: 'Screen-Extended',
  10: 'Scalable Range Extensions',
  11: 'High Throughput Screen-Extended',
};
const RANGE_EXTENSIONS = 4;

const SEQUENCE_PARAMETER_SET = 33;
const MAX_UNITS = 64;

/** @param wantsSequence whether size or colour, which the container may tell as well, are still to be found */
export function readHevc(bytes: Bytes, box: Box | undefined, wantsSequence: boolean): Coding {
  if (box === undefined) return {};
  const fields = fieldsOf(bytes, box);
  fields.skip(1);
  const profile = fields.u8() & 0x1f;
  fields.skip(4); // compatibility flags
  const constraints = fields.u16();
  fields.skip(4);
  const level = fields.u8();
  fields.skip(3); // spatial segmentation, parallelism
  const chromaSubsampling = CHROMA_FORMATS[fields.u8() & 3];
  const bitDepth = (fields.u8() & 7) + 8;
  const coding: Coding = {
    profile: profile === RANGE_EXTENSIONS ? rangeExtension(constraints) : PROFILES[profile],
    level: hevcLevel(level),
    bitDepth,
    chromaSubsampling,
    channels: channelsOf(chromaSubsampling),
  };
  if (!wantsSequence) return coding;
  const sequence = unlessCut(() => {
    fields.skip(4); // depth of chroma, frame rate, layers
    const unit = findSequence(bytes, fields);
    return unit && readHevcSequence(unit);
  });
  return { ...sequence, ...coding };
}

/** general_level_idc is thirty times the level: 123 is 4.1. */
function hevcLevel(idc: number): string | undefined {
  return idc === 0
    ? undefined
    : `${Math.floor(idc / 30)}${idc % 30 === 0 ? '' : `.${Math.floor((idc % 30) / 3)}`}`;
}

/** The name follows from the constraint flags (H.265, table A.2): depth, chroma, intra only, one picture only. */
function rangeExtension(constraints: number): string {
  const [max12, max10, max8, max422, max420, isMonochrome, isIntra, isStill] = [11, 10, 9, 8, 7, 6, 5, 4].map(
    (bit) => ((constraints >> bit) & 1) === 1,
  );
  const chroma = isMonochrome ? 'Monochrome' : max420 ? 'Main' : max422 ? 'Main 4:2:2' : 'Main 4:4:4';
  const depth = max8 ? '' : max10 ? ' 10' : max12 ? ' 12' : ' 16';
  return `${chroma}${depth}${isStill ? ' Still Picture' : isIntra ? ' Intra' : ''}`;
}

/** The first sequence parameter set among the arrays of NAL units. */
function findSequence(bytes: Bytes, fields: Fields): Uint8Array | undefined {
  const arrays = fields.u8();
  let units = 0;
  for (let array = 0; array < arrays; array += 1) {
    const type = fields.u8() & 0x3f;
    const count = fields.u16();
    for (let unit = 0; unit < count && units < MAX_UNITS; unit += 1, units += 1) {
      const length = fields.u16();
      const at = fields.skip(length);
      if (type === SEQUENCE_PARAMETER_SET) return bytes.slice(at, length);
    }
    if (units === MAX_UNITS) return undefined;
  }
  return undefined;
}
