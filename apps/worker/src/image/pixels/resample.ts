// Makes a plane of values smaller or larger, as Pillow's LANCZOS does it: hashes of other programs begin with the same step.
import type { Plane } from './raster.ts';

/** Half the width of the kernel, in pixels of the coarser of the two grids. */
const LOBES = 3;

/** Values stay within 0 to 255. */
export function resample(plane: Plane, width: number, height: number): Plane {
  return resampleRows(resampleRows(plane, width), height);
}

/** Every row to the new width; rows become columns. */
function resampleRows({ width, height, values }: Plane, toWidth: number): Plane {
  const out = new Float32Array(toWidth * height);
  const scale = width / toWidth;
  const spread = Math.max(1, scale);
  for (let column = 0; column < toWidth; column += 1) {
    const center = (column + 0.5) * scale;
    const first = Math.max(0, Math.floor(center - LOBES * spread + 0.5));
    const end = Math.min(width, Math.floor(center + LOBES * spread + 0.5));
    const weights = weightsOf(first, end, center, spread);
    for (let row = 0; row < height; row += 1) {
      let sum = 0;
      for (let x = first; x < end; x += 1) sum += (weights[x - first] ?? 0) * (values[row * width + x] ?? 0);
      out[column * height + row] = Math.min(255, Math.max(0, sum));
    }
  }
  return { width: height, height: toWidth, values: out };
}

/** Of the pixels from `first` to before `end`; they add up to one. */
function weightsOf(first: number, end: number, center: number, spread: number): Float64Array {
  const weights = new Float64Array(end - first);
  let sum = 0;
  for (let index = 0; index < weights.length; index += 1) {
    const weight = lanczos((first + index + 0.5 - center) / spread);
    weights[index] = weight;
    sum += weight;
  }
  return weights.map((weight) => weight / sum);
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}
