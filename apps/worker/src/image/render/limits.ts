// How large a picture may be, and become. Headers and requests promise sizes: they are checked before any pixel is decoded.
import { AppError, type OutputFormat } from '@tintype/core/contract';
import { pixelsOf, type Size, type Sizes } from './geometry.ts';

export interface RenderLimits {
  /** Of what is read: width times height, of all frames that are made. */
  maxInputPixels: number;
  /** The same of what is made. */
  maxPixels: number;
  /** Longest side of what is made. */
  maxSide: number;
  /** For one picture, in bytes. */
  maxMemoryBytes: number;
}

/** Measured: to shrink a column of 60 million pixels takes libvips over ten seconds, and a row of as many, 500 MB. */
const MAX_SOURCE_SIDE = 65_535;

/** Of the formats themselves; of AVIF, of its encoder. */
const FORMAT_SIDES: Record<OutputFormat, number> = {
  jpeg: 65_535,
  png: 65_535,
  webp: 16_383,
  avif: 16_384,
  gif: 65_535,
};

/** The smallest frame takes as long as one of so many pixels. */
const MIN_FRAME_PIXELS = 4096;

/** @throws AppError PICTURE_TOO_LARGE */
export function refuseSource(size: Size, frames: number, { maxInputPixels }: RenderLimits): void {
  const pixels = frames === 1 ? pixelsOf(size) : Math.max(pixelsOf(size), MIN_FRAME_PIXELS) * frames;
  if (pixels > maxInputPixels)
    throw tooLarge(`The picture has ${pixels} pixels, more than the ${maxInputPixels} that are rendered.`);
  const side = longer(size);
  if (side > MAX_SOURCE_SIDE)
    throw tooLarge(`The picture has a side of ${side} pixels, longer than the ${MAX_SOURCE_SIDE} rendered.`);
}

/** What is cut away has been made as well. @throws AppError PICTURE_TOO_LARGE */
export function refuseSizes(
  { scaled, final }: Sizes,
  { frames, format }: { frames: number; format: OutputFormat },
  { maxPixels, maxSide }: RenderLimits,
): void {
  const pixels = Math.max(pixelsOf(scaled), pixelsOf(final)) * frames;
  if (pixels > maxPixels)
    throw tooLarge(`The picture would have ${pixels} pixels, more than the ${maxPixels} that are made.`);
  const side = longer(final);
  const longest = Math.min(maxSide, FORMAT_SIDES[format]);
  if (side > longest)
    throw tooLarge(
      `The picture would have a side of ${side} pixels, longer than the ${longest} made as ${format}.`,
    );
}

/** @throws AppError PICTURE_TOO_LARGE */
export function refuseMemory(bytes: number, { maxMemoryBytes }: RenderLimits): void {
  if (bytes > maxMemoryBytes)
    throw tooLarge(
      `The picture takes ${bytes} bytes of memory, more than the ${maxMemoryBytes} that it may.`,
    );
}

function longer({ width, height }: Size): number {
  return Math.max(width, height);
}

export function tooLarge(message: string): AppError {
  return new AppError('PICTURE_TOO_LARGE', { message });
}
