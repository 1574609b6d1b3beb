// The colour space that a PNG declares. Of several declarations one counts: cICP, then iCCP, sRGB, and last gAMA with cHRM
// (PNG 3rd ed., 4.3).
import { describeCicp, gammaWord } from '../../cicp.ts';
import { malformed, warnOnce } from '../../header.ts';
import { MAX_PROFILE_BYTES } from '../decompress.ts';
import type { ChunkReader, Png } from './png-chunk.ts';
import { inflate } from './png-inflate.ts';

/** x and y of white, red, green and blue, times 100,000, as cHRM has them. */
const CHROMATICITIES: Readonly<Record<string, readonly number[]>> = {
  bt709: [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000],
  'display-p3': [31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000],
  'adobe-rgb': [31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000],
  bt2020: [31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600],
};

/** Writers round, and some give the white of their profile's connection space. */
const CHROMATICITY_TOLERANCE = 200;

/** cICP (11.3.2.6). */
export const readCodePoints: ChunkReader = (data, png) => {
  const [primaries, transfer, matrix, range] = [data.u8(0), data.u8(1), data.u8(2), data.u8(3)];
  if (matrix !== 0 || range > 1) {
    warnOnce(png.header, malformed('cICP names a matrix or a range that a PNG can not have.', 'color'));
  }
  png.colors.codePoints = { primaries, transfer, matrix, isFullRange: range === 1 };
};

/** iCCP (11.3.2.3): a name, a NUL, the method, the compressed profile. */
export const readProfile: ChunkReader = (data, png) => {
  const nul = data.find(0, 0);
  const method = data.u8(nul + 1);
  if (nul < 0 || method !== 0) {
    warnOnce(png.header, malformed('iCCP has no name, or an unknown method.', 'icc'));
    return;
  }
  const profile = inflate(data.all.subarray(nul + 2), 'icc', png, MAX_PROFILE_BYTES);
  if (profile !== undefined) png.header.blocks.icc = profile;
};

/** sRGB (11.3.2.5): the rendering intent, which the space does not hang on. */
export const readSrgb: ChunkReader = (_, { colors }) => {
  colors.isSrgb = true;
};

/** gAMA (11.3.2.2). */
export const readGamma: ChunkReader = (data, { colors }) => {
  const gamma = data.u32(0);
  if (gamma > 0) colors.gamma = gamma;
};

/** cHRM (11.3.2.1). */
export const readChromaticities: ChunkReader = (data, { colors }) => {
  colors.chromaticities = [0, 4, 8, 12, 16, 20, 24, 28].map((at) => data.u32(at));
};

/** With a profile in force nothing is said here: what it says is read from the profile. */
export function finishColor({ header, colors }: Png): void {
  const { color, blocks } = header;
  const { codePoints, gamma, chromaticities } = colors;
  if (codePoints !== undefined) {
    describeCicp(codePoints, header);
    return;
  }
  if (blocks.icc !== undefined) return;
  if (colors.isSrgb === true) {
    Object.assign(color, { space: 'srgb', transfer: 'srgb', primaries: 'bt709' });
    return;
  }
  if (gamma !== undefined) color.transfer = gammaWord(100_000 / gamma);
  if (chromaticities !== undefined) color.primaries = primariesOf(chromaticities);
}

function primariesOf(found: readonly number[]): string | undefined {
  const isNear = (values: readonly number[]) =>
    values.every((value, index) => Math.abs(value - (found[index] ?? 0)) <= CHROMATICITY_TOLERANCE);
  return Object.keys(CHROMATICITIES).find((name) => isNear(CHROMATICITIES[name] ?? []));
}
