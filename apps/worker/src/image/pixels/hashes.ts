// Hashes of what a picture looks like: few bits differ between copies that were resized or coded anew. Both are defined as in the
// Python package ImageHash (phash and dhash, hash_size 8), so that they can be compared with those of other programs.
import type { Plane } from './raster.ts';
import { resample } from './resample.ts';

const SIDE = 32;
const LOW = 8;

/** COSINES[u * SIDE + x] = cos(π / SIDE · (x + ½) · u) */
const COSINES = Float64Array.from({ length: LOW * SIDE }, (_, index) =>
  Math.cos((Math.PI / SIDE) * ((index % SIDE) + 0.5) * Math.floor(index / SIDE)),
);

/**
 * Luma resampled (Lanczos) to 32 × 32 and rounded, DCT-II without scaling (so that the first row and column count as in ImageHash), the 8 × 8
 * lowest frequencies with the constant one. A bit is 1 where the coefficient is above the median of the 64. Rows from the top, the
 * most significant bit first: 16 hexadecimal digits.
 */
export function phashOf(luma: Plane): string {
  const low = lowFrequencies(resample(luma, SIDE, SIDE).values.map(Math.round));
  const sorted = Float64Array.from(low).sort();
  const median = ((sorted[31] ?? 0) + (sorted[32] ?? 0)) / 2;
  return hexOf(LOW * LOW, (index) => (low[index] ?? 0) > median);
}

/** Luma resampled to 9 × 8 and rounded. A bit is 1 where a pixel is brighter than the one left of it; order as above. */
export function dhashOf(luma: Plane): string {
  const small = resample(luma, LOW + 1, LOW).values.map(Math.round);
  return hexOf(LOW * LOW, (index) => {
    const left = Math.floor(index / LOW) * (LOW + 1) + (index % LOW);
    return (small[left + 1] ?? 0) > (small[left] ?? 0);
  });
}

/** What ought to be zero is some 1e-12: in plain pictures such dust must not decide bits. */
function lowFrequencies(values: Float32Array): Float64Array {
  return cosinesOfRows(cosinesOfRows(values)).map((value) => Math.round(value * 1e6) / 1e6);
}

/** The eight lowest frequencies of each row of 32; rows become columns. */
function cosinesOfRows(values: ArrayLike<number>): Float64Array {
  const rows = values.length / SIDE;
  const out = new Float64Array(LOW * rows);
  for (let row = 0; row < rows; row += 1) {
    for (let u = 0; u < LOW; u += 1) {
      let sum = 0;
      for (let x = 0; x < SIDE; x += 1) sum += (values[row * SIDE + x] ?? 0) * (COSINES[u * SIDE + x] ?? 0);
      out[u * rows + row] = sum;
    }
  }
  return out;
}

function hexOf(bits: number, isSet: (index: number) => boolean): string {
  let hex = '';
  for (let at = 0; at < bits; at += 4) {
    let digit = 0;
    for (let bit = 0; bit < 4; bit += 1) digit = digit * 2 + Number(isSet(at + bit));
    hex += digit.toString(16);
  }
  return hex;
}
