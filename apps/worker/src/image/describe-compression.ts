// How much smaller than its pixels the file is.
import type { Metadata } from '@tintype/core/contract';
import type { Header } from './header.ts';
import { known } from './known.ts';
import { round } from './round.ts';

export function describeCompression({ compression, image }: Header, bytes: number): Metadata['compression'] {
  const { storedWidth = 0, storedHeight = 0, channels = 0, bitDepth = 0, pages = 1 } = image;
  const pixels = storedWidth * storedHeight * Math.max(1, pages);
  const bits = pixels * channels * bitDepth;
  return known({
    ...compression,
    ratio: bits > 0 ? round(bits / 8 / bytes, 3) : undefined,
    bitsPerPixel: pixels > 0 ? round((bytes * 8) / pixels, 3) : undefined,
  });
}
