// What is shown until the picture has loaded: a ThumbHash (with alpha and aspect ratio) and a BlurHash (without).
import type { Metadata } from '@tintype/core/contract';
import { rgbaToThumbHash } from 'thumbhash';
import { blurhashOf } from './blurhash.ts';
import type { Plane, Raster } from './raster.ts';

/** @param onWhite red, green and blue: BlurHash knows no alpha */
export function placeholderOf(
  { width, height, rgba }: Raster,
  onWhite: readonly [Plane, Plane, Plane],
): NonNullable<Metadata['placeholder']> {
  const thumbhash = Buffer.from(rgbaToThumbHash(width, height, rgba)).toString('base64');
  return { thumbhash, blurhash: blurhashOf(onWhite) };
}
