// The colour beside a picture, and under it where the format knows nothing transparent.
import { opaqueBackground } from '@tintype/core/contract';
import type { Plan } from './plan.ts';

export interface Colour {
  r: number;
  g: number;
  b: number;
  /** 0 to 1. */
  alpha: number;
}

const TRANSPARENT = '00000000';

export function colourOf({ transform, format }: Pick<Plan, 'transform' | 'format'>): Colour {
  const { background = TRANSPARENT } = transform;
  const [r = 0, g = 0, b = 0, alpha = 0] = Buffer.from(
    format === 'jpeg' ? opaqueBackground(background) : background,
    'hex',
  );
  return { r, g, b, alpha: alpha / 255 };
}
