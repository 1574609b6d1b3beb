// As a worker has them by default.
import type { RenderLimits } from '../../../src/image/render/limits.ts';

export const LIMITS: RenderLimits = {
  maxInputPixels: 64_000_000,
  maxPixels: 64_000_000,
  maxSide: 16_384,
  maxMemoryBytes: 600_000_000,
};
