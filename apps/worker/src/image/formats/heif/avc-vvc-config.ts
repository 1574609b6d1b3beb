// avcC and vvcC: profile, level, depth and subsampling of AVC and VVC (ISO/IEC 14496-15, 5.3.3 and 11.2.4).
import type { Bytes } from '../../bytes.ts';
import { type Box, fieldsOf } from '../boxes.ts';
import { CHROMA_FORMATS, type Coding, channelsOf } from './heif-coding.ts';

/** By profile_idc (H.264, annex A.2). */
const AVC_PROFILES: Partial<Record<number, string>> = {
  44: 'CAVLC 4:4:4 Intra',
  66: 'Baseline',
  77: 'Main',
  88: 'Extended',
  100: 'High',
  110: 'High 10',
  122: 'High 4:2:2',
  244: 'High 4:4:4 Predictive',
};

/** These know 8 bits and 4:2:0 only, and their configuration tells neither. */
const AVC_PLAIN_PROFILES = [66, 77, 88];

export function readAvc(bytes: Bytes, box: Box | undefined): Coding {
  if (box === undefined) return {};
  const fields = fieldsOf(bytes, box);
  fields.skip(1);
  const profile = fields.u8();
  fields.skip(1);
  const level = fields.u8();
  const coding: Coding = { profile: AVC_PROFILES[profile], level: (level / 10).toFixed(1) };
  if (AVC_PLAIN_PROFILES.includes(profile))
    return { ...coding, bitDepth: 8, chromaSubsampling: '4:2:0', channels: 3 };
  fields.skip(1);
  for (let left = fields.u8() & 0x1f; left > 0; left -= 1) fields.skip(fields.u16()); // sequence parameter sets
  for (let left = fields.u8(); left > 0; left -= 1) fields.skip(fields.u16()); // picture parameter sets
  if (fields.at + 2 > fields.end) return coding;
  const chromaSubsampling = CHROMA_FORMATS[fields.u8() & 3];
  return {
    ...coding,
    chromaSubsampling,
    bitDepth: (fields.u8() & 7) + 8,
    channels: channelsOf(chromaSubsampling),
  };
}

/** By general_profile_idc (H.266, annex A.3). */
const VVC_PROFILES: Partial<Record<number, string>> = {
  1: 'Main 10',
  2: 'Main 12',
  10: 'Main 12 Intra',
  17: 'Multilayer Main 10',
  33: 'Main 10 4:4:4',
  49: 'Multilayer Main 10 4:4:4',
  65: 'Main 10 Still Picture',
  66: 'Main 12 Still Picture',
  97: 'Main 10 4:4:4 Still Picture',
};

export function readVvc(bytes: Bytes, box: Box | undefined): Coding {
  if (box === undefined) return {};
  const fields = fieldsOf(bytes, box);
  fields.versionAndFlags();
  const hasProfile = (fields.u8() & 1) === 1;
  if (!hasProfile) return {};
  const chromaSubsampling = CHROMA_FORMATS[fields.u16() & 3];
  const bitDepth = (fields.u8() >> 5) + 8;
  fields.skip(1);
  const profile = VVC_PROFILES[fields.u8() >> 1];
  const level = fields.u8();
  // general_level_idc is 16 times the major number and 3 times the minor one (A.4.1).
  const levelText = `${level >> 4}.${Math.floor((level & 0x0f) / 3)}`;
  return { profile, level: levelText, bitDepth, chromaSubsampling, channels: channelsOf(chromaSubsampling) };
}
