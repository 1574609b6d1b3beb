// To the size that is wanted.
import type { ResizeOptions } from 'sharp';
import { colourOf } from './background.ts';
import type { Plan, Step } from './plan.ts';

export const fit: Step = (image, plan) => {
  const { width, height, fit: wanted = 'cover', enlarge = false } = plan.transform;
  if (width === undefined && height === undefined) return image;
  if (plan.exactly !== undefined && !isFramed(plan)) return image.resize({ ...plan.exactly, fit: 'fill' });
  return image.resize({
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    fit: wanted,
    position: positionIn(plan),
    withoutEnlargement: !enlarge,
    background: colourOf(plan),
  });
};

/** Cut, or with bars: where sharp knows the size that comes out. */
function isFramed({ transform: { width, height, fit: wanted = 'cover' } }: Plan): boolean {
  return width !== undefined && height !== undefined && (wanted === 'cover' || wanted === 'contain');
}

/** Each frame would find something else worth looking at. */
function positionIn({
  transform: { gravity = 'center' },
  isAnimated,
}: Plan): NonNullable<ResizeOptions['position']> {
  const isSought = gravity === 'attention' || gravity === 'entropy';
  return isSought && isAnimated ? 'center' : gravity;
}
