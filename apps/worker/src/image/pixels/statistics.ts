// Numbers about the values of the reduced picture: range, mean, spread, entropy, sharpness.
import type { Metadata } from '@tintype/core/contract';
import type { Plane, Raster } from './raster.ts';

type Stats = NonNullable<Metadata['stats']>;

/** @param names of the channels that the file has; gray stands in red, green and blue alike */
export function statsOf({ width, height, rgba }: Raster, luma: Plane, names: readonly ChannelName[]): Stats {
  return {
    channels: names.map((name) => ({ name, ...rangeOf(rgba, OFFSETS[name]) })),
    entropy: round(entropyOf(luma)),
    sharpness: round(sharpnessOf(luma)),
    sampleWidth: width,
    sampleHeight: height,
  };
}

const OFFSETS = { red: 0, green: 1, blue: 2, alpha: 3, gray: 0 } as const;
export type ChannelName = keyof typeof OFFSETS;

/** Spread of all pixels about their mean (divided by their number). */
function rangeOf(rgba: Uint8Array, offset: number): Omit<Stats['channels'][number], 'name'> {
  let [min, max, sum, squares] = [255, 0, 0, 0];
  for (let at = offset; at < rgba.length; at += 4) {
    const value = rgba[at] ?? 0;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    squares += value * value;
  }
  const count = rgba.length / 4;
  const mean = sum / count;
  return { min, max, mean: round(mean), stdev: round(Math.sqrt(Math.max(0, squares / count - mean * mean))) };
}

/** Shannon's, of luma rounded to 0…255: 0 for one value, 8 if all are equally common. */
function entropyOf({ values }: Plane): number {
  const counts = new Uint32Array(256);
  for (const value of values) {
    const level = Math.round(value);
    counts[level] = (counts[level] ?? 0) + 1;
  }
  let entropy = 0;
  for (const count of counts) {
    const share = count / values.length;
    if (share > 0) entropy -= share * Math.log2(share);
  }
  return entropy;
}

/** Spread of 4·p − left − right − above − below over the pixels that have four neighbours; 0 if none has. */
function sharpnessOf({ width, height, values }: Plane): number {
  let [count, sum, squares] = [0, 0, 0];
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const around =
        (values[at - 1] ?? 0) + (values[at + 1] ?? 0) + (values[at - width] ?? 0) + (values[at + width] ?? 0);
      const edge = 4 * (values[at] ?? 0) - around;
      count += 1;
      sum += edge;
      squares += edge * edge;
    }
  }
  return count === 0 ? 0 : Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
