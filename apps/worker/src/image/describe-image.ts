// Size as stored and as displayed, depth, channels, alpha, pages.
import type { Metadata } from '@tintype/core/contract';
import { known } from './known.ts';
import type { SharpHeader } from './read-header.ts';
import type { TagReading } from './read-tags.ts';

const DEPTH_BITS: Partial<Record<string, number>> = { uchar: 8, ushort: 16, float: 32 };

export function describeImage(
  header: SharpHeader | undefined,
  density: TagReading['density'],
): Metadata['image'] {
  if (header === undefined) return known({ density });
  const { width, height } = header.autoOrient;
  return known({
    width,
    height,
    storedWidth: header.width,
    storedHeight: header.height,
    orientation: orientationOf(header.orientation),
    aspectRatio: height > 0 ? round(width / height) : undefined,
    megapixels: round((width * height) / 1e6),
    bitDepth: header.bitsPerSample ?? DEPTH_BITS[header.depth],
    channels: header.channels,
    hasAlpha: header.hasAlpha,
    density,
    pages: header.pages ?? 1,
  });
}

function orientationOf(value: number | undefined): number | undefined {
  return value !== undefined && value >= 1 && value <= 8 ? value : undefined;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
