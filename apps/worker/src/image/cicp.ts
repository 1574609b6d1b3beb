// The words for colours: primaries, transfer, matrix, range, by the code points of ITU-T H.273 (CICP).
import type { Header } from './header.ts';
import { round } from './round.ts';

export interface Cicp {
  primaries: number;
  transfer: number;
  matrix: number;
  /** Undefined where the source does not tell it. */
  isFullRange?: boolean | undefined;
}

/** H.273, table 2. 2 is “unspecified”, and has no word. */
const PRIMARIES: Partial<Record<number, string>> = {
  1: 'bt709',
  4: 'bt470m',
  5: 'bt470bg',
  6: 'bt601',
  7: 'smpte240m',
  8: 'film',
  9: 'bt2020',
  10: 'xyz',
  11: 'dci-p3',
  12: 'display-p3',
  22: 'ebu3213',
};

/** Table 3. */
const TRANSFERS: Partial<Record<number, string>> = {
  1: 'bt709',
  4: 'gamma-2.2',
  5: 'gamma-2.8',
  6: 'bt601',
  7: 'smpte240m',
  8: 'linear',
  9: 'log-100',
  10: 'log-316',
  11: 'xvycc',
  12: 'bt1361',
  13: 'srgb',
  14: 'bt2020-10',
  15: 'bt2020-12',
  16: 'pq',
  17: 'smpte428',
  18: 'hlg',
};

/** Table 4. 5 and 6 are the same matrix. */
const MATRICES: Partial<Record<number, string>> = {
  0: 'identity',
  1: 'bt709',
  4: 'fcc',
  5: 'bt601',
  6: 'bt601',
  7: 'smpte240m',
  8: 'ycgco',
  9: 'bt2020-ncl',
  10: 'bt2020-cl',
  11: 'smpte2085',
  12: 'chroma-derived-ncl',
  13: 'chroma-derived-cl',
  14: 'ictcp',
  15: 'ipt-c2',
  16: 'ycgco-re',
  17: 'ycgco-ro',
};

type CicpColor = Pick<Header['color'], 'primaries' | 'transfer' | 'matrix' | 'range' | 'space'>;

export function cicpWords(cicp: Cicp): CicpColor {
  const primaries = PRIMARIES[cicp.primaries];
  const transfer = TRANSFERS[cicp.transfer];
  const range = cicp.isFullRange === undefined ? undefined : cicp.isFullRange ? 'full' : 'limited';
  return { primaries, transfer, matrix: MATRICES[cicp.matrix], range, space: spaceOf(primaries, transfer) };
}

/** The same in the header, and what shows more than white as it is mostly made. */
export function describeCicp(cicp: Cicp, { color }: Header): void {
  Object.assign(color, cicpWords(cicp));
  if (color.transfer === 'pq' || color.transfer === 'hlg') color.hdr = { standard: color.transfer };
}

/** @param exponent of what is shown: 2.2, where an encoder raises to 1/2.2 */
export function gammaWord(exponent: number): string | undefined {
  const rounded = round(exponent, 1);
  if (rounded === 1) return 'linear';
  return rounded > 0 ? `gamma-${rounded}` : undefined;
}

/** A colour space is primaries and transfer together; only pairs that have a name of their own. */
function spaceOf(primaries: string | undefined, transfer: string | undefined): string | undefined {
  if (transfer === undefined) return undefined;
  if (primaries === 'bt2020') return 'bt2020';
  if (transfer === 'srgb')
    return primaries === 'bt709' ? 'srgb' : primaries === 'display-p3' ? 'display-p3' : undefined;
  return primaries === 'bt709' && transfer === 'bt709' ? 'bt709' : undefined;
}

/** Code points of the second source where the first leaves them unspecified (2). */
export function mergeCicp(first: Cicp | undefined, second: Cicp | undefined): Cicp | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    primaries: first.primaries === 2 ? second.primaries : first.primaries,
    transfer: first.transfer === 2 ? second.transfer : first.transfer,
    matrix: first.matrix === 2 ? second.matrix : first.matrix,
    isFullRange: first.isFullRange ?? second.isFullRange,
  };
}
