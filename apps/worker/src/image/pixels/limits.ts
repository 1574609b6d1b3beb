// How much may be decoded for pixel facts. Headers promise sizes: what they promise is checked before any pixel is asked for.
import type { ImageFormat, MetadataWarning } from '@tintype/core/contract';

export interface PixelLimits {
  /** Width times height as stored, of the first page or frame. */
  maxPixels: number;
  /** The same for AVIF and HEIC, whose decoders hold several whole copies. */
  maxHeifPixels: number;
  /** Of the file and of what its decoder holds at once: all of a picture that can't be decoded a few rows at a time. */
  maxDecodedBytes: number;
}

export const DEFAULT_PIXEL_LIMITS: PixelLimits = {
  maxPixels: 64_000_000,
  maxHeifPixels: 24_000_000,
  maxDecodedBytes: 150_000_000,
};

/** Measured: to shrink a column of 60 million pixels takes libvips over ten seconds, and a row of as many, 500 MB. */
const MAX_SIDE_PIXELS = 65_535;

/** The warning that tells which limit the picture is over; undefined if it is within all, or its size is not known. */
export function overLimit(
  format: ImageFormat,
  { width, height }: { width?: number | undefined; height?: number | undefined },
  limits: PixelLimits,
): MetadataWarning | undefined {
  if (width === undefined || height === undefined) return;
  const pixels = width * height;
  const maxPixels = pixelLimit(format, limits);
  if (pixels > maxPixels) return skipped(`${pixels} pixels are more than the ${maxPixels} that are decoded.`);
  const side = Math.max(width, height);
  if (side > MAX_SIDE_PIXELS)
    return skipped(`A side of ${side} pixels is longer than the ${MAX_SIDE_PIXELS} that are decoded.`);
  return;
}

/** @param bytes the file and {@link decodingMemory} */
export function overMemory(bytes: number, { maxDecodedBytes }: PixelLimits): MetadataWarning | undefined {
  if (bytes <= maxDecodedBytes) return;
  return skipped(`Decoding takes ${bytes} bytes of memory, more than the ${maxDecodedBytes} that it may.`);
}

/** Width times height. */
export function pixelLimit(format: ImageFormat, { maxPixels, maxHeifPixels }: PixelLimits): number {
  return isHeif(format) ? Math.min(maxPixels, maxHeifPixels) : maxPixels;
}

export function isHeif(format: ImageFormat): boolean {
  return format === 'avif' || format === 'heic';
}

export function skipped(message: string): MetadataWarning {
  return { code: 'PIXELS_SKIPPED_LIMIT', message, field: 'placeholder' };
}
