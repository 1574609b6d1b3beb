// Sharpening of what was fitted.
import type { Step } from './plan.ts';

export const sharpen: Step = (image, { transform: { sharpen: sigma } }) =>
  sigma === undefined ? image : image.sharpen({ sigma });
