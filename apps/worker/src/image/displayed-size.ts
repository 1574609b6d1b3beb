// How large a picture is shown, when it is turned as its orientation asks.
import type { Metadata } from '@tintype/core/contract';
import { known } from './known.ts';
import { round } from './round.ts';

export interface Sides<Side = number | undefined> {
  width: Side;
  height: Side;
}

/** EXIF orientations from 5 on change width and height (Exif 3.0, 4.6.5, Orientation). */
export function turned<Side>({ width, height }: Sides<Side>, orientation = 1): Sides<Side> {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** All that the document says about it. */
export function describeSize({ width, height }: Sides): Metadata['image'] {
  return known({
    width,
    height,
    displayWidth: width,
    displayHeight: height,
    aspectRatio: width !== undefined && height ? round(width / height, 4) : undefined,
    megapixels: width !== undefined && height !== undefined ? round((width * height) / 1e6, 4) : undefined,
  });
}
