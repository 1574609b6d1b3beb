// Which animations are made frame by frame. sharp does the others as one tall picture; what it would do to that as a whole, turning its
// frames' order or letting one run into the next, is done to each frame alone.
import type { Plan } from './plan.ts';

export function inFrames({ isAnimated, source, turn, transform }: Omit<Plan, 'exactly'>): boolean {
  if (!isAnimated) return false;
  const isTurned = turn.angle !== 0 || source.orientation > 1;
  return isTurned || transform.blur !== undefined || transform.sharpen !== undefined;
}
