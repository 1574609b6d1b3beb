// The colours of a JPEG XL image (ISO/IEC 18181-1, Annex E): by name, or that an ICC profile follows.

import { describeCicp, gammaWord } from '../../cicp.ts';
import type { Header } from '../../header.ts';
import type { JxlBits } from './jxl-bits.ts';

/** Code points are those of CICP but for P3, which is one number with two whites. */
export interface JxlColor {
  hasIcc: boolean;
  /** Absent: unknown. */
  space?: 'rgb' | 'gray' | 'xyb' | undefined;
  whitePoint: number;
  primaries: number;
  transfer: number;
  /** The exponent of the encoding times ten million, where the transfer is nothing else. */
  gamma?: number;
}

const SPACES = ['rgb', 'gray', 'xyb'] as const;
const D65 = 1;
/** A white or primaries by their coordinates; a transfer that is not known. */
const UNNAMED = 2;
const P3 = 11;
const CICP_DISPLAY_P3 = 12;
const GAMMA_ONE = 10_000_000;

/** sRGB. */
export const DEFAULT_COLOR: JxlColor = {
  hasIcc: false,
  space: 'rgb',
  whitePoint: D65,
  primaries: 1,
  transfer: 13,
};

export function readColorEncoding(bits: JxlBits): JxlColor {
  if (bits.flag()) return DEFAULT_COLOR;
  const hasIcc = bits.flag();
  const space = SPACES[bits.enumeration()];
  const color: JxlColor = { hasIcc, space, whitePoint: UNNAMED, primaries: UNNAMED, transfer: UNNAMED };
  if (hasIcc) return color;
  if (space !== 'xyb') {
    color.whitePoint = readChromaticities(bits, 1);
    if (space !== 'gray') color.primaries = readChromaticities(bits, 3);
    readTransfer(bits, color);
  }
  // The rendering intent.
  bits.enumeration();
  return color;
}

function readChromaticities(bits: JxlBits, points: number): number {
  const value = bits.enumeration();
  for (let coordinate = 0; value === UNNAMED && coordinate < 2 * points; coordinate += 1) {
    bits.u32([0, 19], [0x80000, 19], [0x100000, 20], [0x200000, 21]);
  }
  return value;
}

function readTransfer(bits: JxlBits, color: JxlColor): void {
  const isGamma = bits.flag();
  if (isGamma) color.gamma = bits.read(24);
  else color.transfer = bits.enumeration();
}

/** The same in the words of the document. */
export function describeColor(color: JxlColor, hasBlack: boolean, header: Header): void {
  const { space, whitePoint, transfer, gamma } = color;
  const primaries = color.primaries === P3 && whitePoint === D65 ? CICP_DISPLAY_P3 : color.primaries;
  describeCicp({ primaries, transfer, matrix: UNNAMED, isFullRange: true }, header);
  header.color.model = space === 'rgb' && hasBlack ? 'cmyk' : space;
  if (gamma !== undefined && gamma > 0) header.color.transfer = gammaWord(GAMMA_ONE / gamma);
}
