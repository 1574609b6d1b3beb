// Between the numbers of an sRGB picture and amounts of light (IEC 61966-2-1, 5.2).

const LINEAR = Float64Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

/** Light, 0 to 1, of a value from 0 to 255. */
export function lightOf(value: number): number {
  return LINEAR[Math.round(value)] ?? 0;
}

/** The value from 0 to 255 for light from 0 to 1. */
export function srgbOf(light: number): number {
  const share = light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(Math.min(1, Math.max(0, share)) * 255);
}
