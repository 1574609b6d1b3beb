// How different two colours look: OKLab (B. Ottosson, "A perceptual color space for image processing", 2020) of sRGB.
import { lightOf } from './srgb.ts';

/** Lightness 0 to 1, green to red, blue to yellow. */
export type Lab = readonly [lightness: number, a: number, b: number];

/** @param red 0 to 255, sRGB, as are green and blue */
export function oklabOf(red: number, green: number, blue: number): Lab {
  const r = lightOf(red);
  const g = lightOf(green);
  const b = lightOf(blue);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function distance(one: Lab, other: Lab): number {
  const [lightness, a, b] = [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
  // Math.hypot guards against overflows that can not happen here, and takes ten times as long.
  return Math.sqrt(lightness * lightness + a * a + b * b);
}
