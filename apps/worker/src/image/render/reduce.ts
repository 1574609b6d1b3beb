// A smaller copy to begin with, where sharp would work on the whole: its rotations don't shrink while they load, and it converts colours
// before it shrinks. The copy has 8 bits and keeps its profile: 16 bits with one would come out in Display P3 instead of sRGB.
import { pixelsOf, type Size } from './geometry.ts';
import { open } from './open.ts';
import type { Plan } from './plan.ts';
import { shrinksOnLoad } from './source.ts';
import { isOdd, isOnSide } from './turn.ts';

/** Of the size that is wanted: what is left to shrink decides how it looks. */
const SPARE = 2;

/** Below, a copy saves nothing. */
const MIN_PIXELS = 1_000_000;

type Facts = Omit<Plan, 'exactly'>;

/** Upright; undefined where the picture itself does. */
export function reducedSize(plan: Facts): Size | undefined {
  const { source, sizes } = plan;
  if (plan.isAnimated) return;
  const isTooDeep = source.header.hasProfile && source.header.depth === 'ushort';
  const isLarge = pixelsOf(source) >= MIN_PIXELS && sizes.shrink >= SPARE * 1.5;
  const isWorth = isLarge && (isRotated(plan) || convertsEarly(plan));
  if (!isTooDeep && !isWorth) return;
  const shrink = Math.max(1, sizes.shrink / SPARE);
  return { width: Math.ceil(source.width / shrink), height: Math.ceil(source.height / shrink) };
}

function isRotated({ turn }: Facts): boolean {
  return isOnSide(turn) || isOdd(turn);
}

function convertsEarly({ source }: Facts): boolean {
  return source.header.hasProfile && !shrinksOnLoad(source);
}

export async function reduce(bytes: Uint8Array, plan: Plan): Promise<[bytes: Uint8Array, plan: Plan]> {
  const size = reducedSize(plan);
  if (size === undefined) return [bytes, plan];
  const { data } = await open(bytes, plan)
    .resize({ ...size, fit: 'fill' })
    .keepIccProfile()
    .png({ compressionLevel: 0 })
    .toBuffer({ resolveWithObject: true });
  const isSmaller = pixelsOf(size) < pixelsOf(plan.source);
  return [data, isSmaller ? { ...plan, exactly: plan.sizes.scaled } : plan];
}
