// What is going to be done to one picture, settled before any of its pixels is decoded.
import type { CanonicalTransform, OutputFormat } from '@tintype/core/contract';
import type { Sharp } from 'sharp';
import { type Sizes, sizesOf } from './geometry.ts';
import { type RenderLimits, refuseMemory, refuseSizes, refuseSource } from './limits.ts';
import { memoryOf } from './memory.ts';
import { animates, candidatesOf } from './output-format.ts';
import type { Source } from './source.ts';
import { type Turn, turnOf } from './turn.ts';

export interface Plan {
  source: Source;
  transform: CanonicalTransform;
  format: OutputFormat;
  /** All frames are made; else the first, or the only one. */
  isAnimated: boolean;
  turn: Turn;
  sizes: Sizes;
  /** A copy was made that has at least twice the wanted size: where `fit` only scales, it scales to exactly this. */
  exactly?: { width: number; height: number };
}

/** Adds one thing to what sharp is to do. */
export type Step = (image: Sharp, plan: Plan) => Sharp;

/**
 * Of several formats that would do, the first that is possible.
 * @throws AppError PICTURE_TOO_LARGE
 */
export function planOf(source: Source, transform: CanonicalTransform, limits: RenderLimits): Plan {
  let refusal: unknown;
  for (const format of candidatesOf(source, transform)) {
    try {
      return planFor(format, source, transform, limits);
    } catch (error) {
      refusal ??= error;
    }
  }
  throw refusal;
}

function planFor(
  format: OutputFormat,
  source: Source,
  transform: CanonicalTransform,
  limits: RenderLimits,
): Plan {
  const isAnimated = source.frames > 1 && animates(format);
  const frames = isAnimated ? source.frames : 1;
  refuseSource(source, frames, limits);
  const turn = turnOf(transform);
  const sizes = sizesOf(source, turn, transform);
  refuseSizes(sizes, { frames, format }, limits);
  const plan = { source, transform, format, isAnimated, turn, sizes };
  refuseMemory(memoryOf(plan), limits);
  return plan;
}
