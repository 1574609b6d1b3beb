// What a name means for an image: what was asked for under it at upload, or else the service's preset.
import { AppError, type Presets, type Transform } from '@tintype/core';
import type { Source } from './source.ts';

export interface NamedTransform {
  transform: Transform;
  /** It is the image's own, and stays as it is. */
  isKept: boolean;
}

/** @throws AppError DERIVATIVE_NOT_FOUND */
export function transformOfName(
  name: string,
  { derivatives }: Pick<Source, 'derivatives'>,
  presets: Presets,
): NamedTransform {
  const own = Object.hasOwn(derivatives, name) ? derivatives[name] : undefined;
  if (own !== undefined) return { transform: own, isKept: true };
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset !== undefined) return { transform: preset, isKept: false };
  throw new AppError('DERIVATIVE_NOT_FOUND');
}
