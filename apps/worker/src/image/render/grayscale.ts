// Without colours.
import type { Step } from './plan.ts';

export const grayscale: Step = (image, { transform }) =>
  transform.grayscale === true ? image.grayscale() : image;
