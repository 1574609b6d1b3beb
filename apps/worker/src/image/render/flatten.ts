// JPEG knows nothing transparent.
import { colourOf } from './background.ts';
import type { Step } from './plan.ts';

export const flatten: Step = (image, plan) =>
  plan.format === 'jpeg' ? image.flatten({ background: colourOf(plan) }) : image;
