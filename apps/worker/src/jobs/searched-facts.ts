// The facts of a document that stand in columns of their own, because images are searched by them.
import type { Metadata } from '@tintype/core';

export function searchedFacts({ file, image, exif, gps, hashes, dominantColor }: Metadata) {
  return {
    format: file.format,
    width: storableSize(image.width),
    height: storableSize(image.height),
    takenAt: storableTime(exif?.takenAt),
    latitude: gps?.latitude ?? null,
    longitude: gps?.longitude ?? null,
    phash: hashes.phash ?? null,
    dominantColor: dominantColor ?? null,
  };
}

const MAX_INTEGER = 2 ** 31 - 1;

/** Headers can promise more than a column holds; SVG sizes need not be whole. The document tells them as they are. */
function storableSize(pixels: number | undefined): number | null {
  const whole = Math.round(pixels ?? Number.NaN);
  return whole >= 0 && whole <= MAX_INTEGER ? whole : null;
}

/** As the camera's clock showed it; a day that no calendar has is not stored. */
function storableTime(text: string | undefined): string | null {
  const local = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?/.exec(text ?? '')?.[0];
  if (local === undefined) return null;
  const date = new Date(`${local}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(local.slice(0, 19)) ? local : null;
}
