// Small pictures by formula, and what compares hashes.
import type { Raster } from '../../../src/image/pixels/raster.ts';

type Colour = readonly [red: number, green: number, blue: number, alpha?: number];

export function picture(width: number, height: number, at: (x: number, y: number) => Colour): Raster {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [red, green, blue, alpha = 255] = at(x, y);
      rgba.set([red, green, blue, alpha], (y * width + x) * 4);
    }
  }
  return { width, height, rgba };
}

export function gray(width: number, height: number, at: (x: number, y: number) => number): Raster {
  return picture(width, height, (x, y) => [at(x, y), at(x, y), at(x, y)]);
}

/** Light and dark spots on a gradient, different for each seed, the same at any size. */
export function scene(seed: number, width: number, height: number): Raster {
  let state = seed * 2_654_435_761;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const spots = Array.from({ length: 14 }, (_, index) => {
    const [u, v, radius] = [random(), random(), 0.06 + 0.12 * random()];
    return { u, v, radius, light: index % 2 === 0 ? 110 : -110 };
  });
  return picture(width, height, (x, y) => {
    const [u, v] = [(x + 0.5) / width, (y + 0.5) / height];
    let shade = 100 + 50 * v;
    for (const spot of spots) {
      if ((u - spot.u) ** 2 + (v - spot.v) ** 2 < spot.radius ** 2) shade += spot.light;
    }
    const bounded = Math.min(250, Math.max(5, shade));
    return [bounded, 0.8 * bounded + 50 * u, 255 - bounded];
  });
}

export function bitsApart(one: string, other: string): number {
  const differing = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  return differing.toString(2).replaceAll('0', '').length;
}
