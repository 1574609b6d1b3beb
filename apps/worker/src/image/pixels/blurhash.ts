// BlurHash (github.com/woltapp/blurhash, Algorithm.md): a few cosines of the picture's light, in printable characters.
import type { Plane } from './raster.ts';
import { lightOf, srgbOf } from './srgb.ts';

const COLUMNS = 4;
const ROWS = 3;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';

/**
 * 4 × 3 components. Cosines are taken at the middle of each pixel: the reference encoder takes them at its left edge, which on small
 * pictures shifts all colours; of large ones both make the same hash.
 */
export function blurhashOf(planes: readonly [red: Plane, green: Plane, blue: Plane]): string {
  const [red, green, blue] = planes.map(componentsOf) as [Float64Array, Float64Array, Float64Array];
  const largest = Math.max(
    ...[red, green, blue].flatMap((components) => [...components.subarray(1)].map(Math.abs)),
  );
  const scale = Math.floor(Math.max(0, Math.min(82, Math.floor(largest * 166 - 0.5))));
  const [r = 0, g = 0, b = 0] = [red, green, blue].map(([average = 0]) => srgbOf(average));
  let hash = digits(COLUMNS - 1 + (ROWS - 1) * 9, 1) + digits(scale, 1) + digits(r * 65_536 + g * 256 + b, 4);
  for (let index = 1; index < COLUMNS * ROWS; index += 1) {
    const step = (components: Float64Array) => stepOf((components[index] ?? 0) / ((scale + 1) / 166));
    hash += digits((step(red) * 19 + step(green)) * 19 + step(blue), 2);
  }
  return hash;
}

/** Rows of columns of cosines, the constant one first. */
function componentsOf({ width, height, values }: Plane): Float64Array {
  const light = new Float64Array(values.length);
  for (let pixel = 0; pixel < light.length; pixel += 1) light[pixel] = lightOf(values[pixel] ?? 0);
  const across = cosinesOfRows(light, width, COLUMNS);
  const components = cosinesOfRows(across, height, ROWS);
  return components.map((component, index) => (index === 0 ? component : 2 * component));
}

/** Mean of each row times each of the lowest cosines; rows become columns. */
function cosinesOfRows(values: Float64Array, width: number, count: number): Float64Array {
  const rows = values.length / width;
  const out = new Float64Array(count * rows);
  for (let component = 0; component < count; component += 1) {
    const cosines = Float64Array.from(
      { length: width },
      (_, x) => Math.cos((Math.PI * component * (x + 0.5)) / width) / width,
    );
    for (let row = 0; row < rows; row += 1) {
      let sum = 0;
      for (let x = 0; x < width; x += 1) sum += (values[row * width + x] ?? 0) * (cosines[x] ?? 0);
      out[component * rows + row] = sum;
    }
  }
  return out;
}

/** One of 19 steps from -1 to 1, finer near 0. */
function stepOf(share: number): number {
  const root = Math.sign(share) * Math.sqrt(Math.abs(share));
  return Math.max(0, Math.min(18, Math.floor(root * 9 + 9.5)));
}

function digits(value: number, count: number): string {
  let text = '';
  for (let rest = value; text.length < count; rest = Math.floor(rest / 83))
    text = `${DIGITS[rest % 83]}${text}`;
  return text;
}
