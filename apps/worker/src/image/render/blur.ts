// Gaussian blur of what was fitted.
import type { Step } from './plan.ts';

export const blur: Step = (image, { transform: { blur: sigma } }) =>
  sigma === undefined ? image : image.blur(sigma);
