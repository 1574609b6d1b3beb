// How every rendering begins: upright, all frames or one, and nothing that is damaged.
import type { Sharp } from 'sharp';
import { sharp } from '../harden.ts';
import type { Plan } from './plan.ts';

/** Sizes have been checked by then: sharp's own limit would only come later. */
export function open(bytes: Uint8Array, { isAnimated }: Plan): Sharp {
  const image = sharp(bytes, { failOn: 'error', limitInputPixels: false, animated: isAnimated });
  return isAnimated ? image : image.autoOrient();
}
