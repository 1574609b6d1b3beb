// sRGB to begin with, where sharp would draw in the picture's own colours: the corners that an odd angle leaves, and bars in colour
// beside a picture without.
import { colourOf } from './background.ts';
import { open } from './open.ts';
import type { Plan } from './plan.ts';
import { isPlainRgb } from './source.ts';
import { isOdd } from './turn.ts';

export async function straighten(bytes: Uint8Array, plan: Plan): Promise<[bytes: Uint8Array, plan: Plan]> {
  if (!needsRgb(plan)) return [bytes, plan];
  return [await open(bytes, plan).png({ compressionLevel: 0 }).toBuffer(), plan];
}

export function needsRgb(plan: Omit<Plan, 'exactly'>): boolean {
  if (isOdd(plan.turn) && !isPlainRgb(plan.source)) return true;
  const { space } = plan.source.header;
  const hasBars = isOdd(plan.turn) || plan.transform.fit === 'contain';
  const { r, g, b } = colourOf(plan);
  return hasBars && (space === 'b-w' || space === 'grey16') && (r !== g || g !== b);
}
