// Colour specification boxes of JPEG 2000: spaces by number, by profile, by CICP (ISO/IEC 15444-1, I.5.3.3; 15444-2, M.11.7.3).
import type { Bytes } from '../../bytes.ts';
import { describeCicp } from '../../cicp.ts';
import type { Header } from '../../header.ts';

const ENUMERATED = 1;
const RESTRICTED_ICC = 2;
const ANY_ICC = 3;
const PARAMETERIZED = 5;

interface Space {
  model: string;
  space?: string;
  /** How many channels are colours. */
  colors: number;
}

const SPACES: Readonly<Record<number, Space>> = {
  0: { model: 'gray', colors: 1 },
  1: { model: 'ycbcr', space: 'bt709', colors: 3 },
  3: { model: 'ycbcr', space: 'bt601', colors: 3 },
  4: { model: 'ycbcr', space: 'bt601', colors: 3 },
  9: { model: 'ycbcr', space: 'photo-ycc', colors: 3 },
  11: { model: 'cmy', colors: 3 },
  12: { model: 'cmyk', colors: 4 },
  13: { model: 'ycck', colors: 4 },
  14: { model: 'lab', colors: 3 },
  15: { model: 'gray', colors: 1 },
  16: { model: 'rgb', space: 'srgb', colors: 3 },
  17: { model: 'gray', colors: 1 },
  18: { model: 'ycbcr', space: 'srgb', colors: 3 },
  19: { model: 'jab', colors: 3 },
  20: { model: 'rgb', space: 'e-srgb', colors: 3 },
  21: { model: 'rgb', space: 'prophoto-rgb', colors: 3 },
  22: { model: 'ycbcr', space: 'bt709', colors: 3 },
  23: { model: 'ycbcr', colors: 3 },
  24: { model: 'ycbcr', space: 'e-srgb', colors: 3 },
};

/** Reads the content of a colr box. Undefined: it does not tell how many channels are colours. */
export function readColor(content: Bytes, header: Header): number | undefined {
  const method = content.u8(0);
  // Behind the method stand precedence and approximation.
  const rest = content.window(3, content.length - 3);
  if (method === ENUMERATED) return describeSpace(rest.u32(0), header);
  if (method === RESTRICTED_ICC || method === ANY_ICC) return describeProfile(rest, header);
  if (method === PARAMETERIZED) describeParameters(rest, header);
  return undefined;
}

function describeSpace(number: number, header: Header): number | undefined {
  const found = SPACES[number];
  header.color.model = found?.model;
  header.color.space = found?.space;
  return found?.colors;
}

const PROFILE_MODELS: Readonly<Record<string, Space>> = {
  'RGB ': { model: 'rgb', colors: 3 },
  GRAY: { model: 'gray', colors: 1 },
  CMYK: { model: 'cmyk', colors: 4 },
  'Lab ': { model: 'lab', colors: 3 },
  YCbr: { model: 'ycbcr', colors: 3 },
};
/** Where a profile names its colour space (ICC.1:2022, 7.2.6). */
const PROFILE_SPACE_OFFSET = 16;

function describeProfile(profile: Bytes, header: Header): number | undefined {
  header.blocks.icc = profile.all;
  if (!profile.has(PROFILE_SPACE_OFFSET, 4)) return undefined;
  const found = PROFILE_MODELS[profile.latin1(PROFILE_SPACE_OFFSET, 4)];
  header.color.model = found?.model;
  return found?.colors;
}

function describeParameters(content: Bytes, header: Header): void {
  const [primaries, transfer, matrix] = [content.u16(0), content.u16(2), content.u16(4)];
  const isFullRange = (content.u8(6) & 0x80) !== 0;
  describeCicp({ primaries, transfer, matrix, isFullRange }, header);
}
