// Pixels per inch, from whatever unit a file counts in.
import { round } from './round.ts';

/** How many of the unit are an inch. 300 pixels to the inch are written as 11,811 to the metre: that many decimals come back. */
const UNITS = {
  inch: { perInch: 1, decimals: 3 },
  centimetre: { perInch: 2.54, decimals: 3 },
  metre: { perInch: 0.0254, decimals: 2 },
} as const;

/** Undefined where the numbers are none that a picture can have: 0, or a fraction without a value. */
export function densityIn(
  unit: keyof typeof UNITS,
  x: number,
  y: number,
): { x: number; y: number } | undefined {
  const { perInch, decimals } = UNITS[unit];
  const density = { x: round(x * perInch, decimals), y: round(y * perInch, decimals) };
  return isLength(density.x) && isLength(density.y) ? density : undefined;
}

function isLength(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}
