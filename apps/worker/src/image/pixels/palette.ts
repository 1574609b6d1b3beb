// The colours that a picture is made of, the commonest first.
import { distance, type Lab, oklabOf } from './oklab.ts';
import type { Raster } from './raster.ts';

const MAX_COLOURS = 6;
/** Bits of each channel that tell two bins apart. */
const BIN_BITS = 4;
/** Colours nearer than this in OKLab are one; black and white are 1 apart. */
const NEAR = 0.1;
/** Rarer colours are specks, or the blend that shrinking makes along an edge. */
const MIN_SHARE = 0.02;

/** Colours that were joined: sums of red, green and blue, weighted by alpha. */
interface Cluster {
  weight: number;
  red: number;
  green: number;
  blue: number;
  /** Of the commonest bin: a cluster does not wander. */
  lab: Lab;
}

/**
 * #rrggbb, at most six; none where all is transparent. Pixels are counted by their alpha in a histogram of 4 bits a channel; from the
 * commonest bin on, each joins the nearest colour found so far, or becomes one if none is near. A colour is the mean of its pixels.
 */
export function paletteOf(raster: Raster): string[] {
  const clusters: Cluster[] = [];
  let total = 0;
  for (const bin of binsOf(raster)) {
    total += bin.weight;
    const near = nearest(clusters, bin.lab);
    if (near === undefined) clusters.push({ ...bin });
    else join(near, bin);
  }
  return clusters
    .filter(({ weight }) => weight >= total * MIN_SHARE)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_COLOURS)
    .map(hexOf);
}

function nearest(clusters: readonly Cluster[], lab: Lab): Cluster | undefined {
  let found: Cluster | undefined;
  let least = NEAR;
  for (const cluster of clusters) {
    const away = distance(cluster.lab, lab);
    if (away < least) [found, least] = [cluster, away];
  }
  return found;
}

function join(cluster: Cluster, bin: Cluster): void {
  cluster.weight += bin.weight;
  cluster.red += bin.red;
  cluster.green += bin.green;
  cluster.blue += bin.blue;
}

/** Commonest first. */
function binsOf(raster: Raster): Cluster[] {
  const sums = sumsOf(raster);
  const bins: Cluster[] = [];
  for (let bin = 0; bin < sums.length; bin += 4) {
    const weight = sums[bin] ?? 0;
    if (weight > 0) bins.push(clusterOf(weight, sums[bin + 1] ?? 0, sums[bin + 2] ?? 0, sums[bin + 3] ?? 0));
  }
  return bins.sort((a, b) => b.weight - a.weight);
}

/** Four numbers a bin: weight, red, green, blue. */
function sumsOf({ rgba }: Raster): Float64Array {
  const shift = 8 - BIN_BITS;
  const sums = new Float64Array(4 << (3 * BIN_BITS));
  const add = (at: number, amount: number) => {
    sums[at] = (sums[at] ?? 0) + amount;
  };
  for (let at = 0; at < rgba.length; at += 4) {
    const red = rgba[at] ?? 0;
    const green = rgba[at + 1] ?? 0;
    const blue = rgba[at + 2] ?? 0;
    const weight = (rgba[at + 3] ?? 0) / 255;
    const bin = 4 * (((((red >> shift) << BIN_BITS) | (green >> shift)) << BIN_BITS) | (blue >> shift));
    add(bin, weight);
    add(bin + 1, weight * red);
    add(bin + 2, weight * green);
    add(bin + 3, weight * blue);
  }
  return sums;
}

function clusterOf(weight: number, red: number, green: number, blue: number): Cluster {
  return { weight, red, green, blue, lab: oklabOf(red / weight, green / weight, blue / weight) };
}

function hexOf({ weight, red, green, blue }: Cluster): string {
  const hex = (sum: number) =>
    Math.round(sum / weight)
      .toString(16)
      .padStart(2, '0');
  return `#${hex(red)}${hex(green)}${hex(blue)}`;
}
