// How much memory rendering holds at once, over what any picture takes: measured for each decoder and encoder, and rounded up.
import type { OutputFormat } from '@tintype/core/contract';
import { isHeif } from '../pixels/limits.ts';
import { decodingMemory } from '../pixels/memory.ts';
import { pixelsOf } from './geometry.ts';
import { inFrames } from './in-frames.ts';
import type { Plan } from './plan.ts';
import { reducedSize } from './reduce.ts';
import { shrinksOnLoad } from './source.ts';
import { needsRgb } from './straighten.ts';
import { isOdd, isOnSide } from './turn.ts';

/** Bytes a pixel that an encoder holds: without and with alpha. */
const ENCODERS: Record<OutputFormat, readonly [opaque: number, alpha: number]> = {
  jpeg: [9, 9],
  png: [7, 10],
  webp: [9, 21],
  avif: [45, 63],
  gif: [22, 22],
};

/** WebP that is not scaled while it is decoded: planes, the whole picture, and libvips' copy of it. */
const WHOLE_WEBP = 14;

/** An uncompressed PNG, its buffer while it grows, and the picture that is read of it. */
const COPY = 12;

/** What comes out of an odd angle, without and with alpha in what went in. */
const ODD_ROTATION: readonly [opaque: number, alpha: number] = [4, 10];

/** What is left of a HEIF's decoder when the encoder of AVIF begins: that one waits for the whole picture. */
const HEIF_REST = 3;

/** What all frames hold while one is made, and all that were made. */
const FRAMES = 8;
/** Canvases of one frame, and what was encoded of the others. */
const CANVAS = 30;

type Facts = Omit<Plan, 'exactly'>;

/** In bytes. */
export function memoryOf(plan: Facts): number {
  const { source, format } = plan;
  const [before, after] = [decoding(plan), encoding(plan)];
  const oneByOne = isHeif(source.format) && format === 'avif';
  const coding = oneByOne ? Math.max(before, after + pixelsOf(source) * HEIF_REST) : before + after;
  return source.bytes + coding + working(plan);
}

function decoding({ source, sizes, isAnimated }: Facts): number {
  const { header, how, format } = source;
  const isScaled = !isAnimated && shrinksOnLoad(source) && sizes.shrink > 1;
  if (format === 'webp' && !isScaled) return pixelsOf(header) * WHOLE_WEBP;
  return decodingMemory(format, header, how);
}

/** What must be there as a whole, being turned or looked through. */
function working(plan: Facts): number {
  const { source, sizes, turn, transform } = plan;
  if (inFrames(plan)) return (pixelsOf(source) + pixelsOf(sizes.final)) * source.frames * FRAMES;
  const reduced = reducedSize(plan);
  const isSmall = reduced !== undefined;
  const copied = (isSmall ? pixelsOf(reduced) : needsRgb(plan) ? pixelsOf(source) : 0) * COPY;
  const share = isSmall ? pixelsOf(reduced) / pixelsOf(source) : 1;
  const turned = pixelsOf(sizes.turned) * share;
  const sampleBytes = source.header.channels * (source.header.depth === 'uchar' ? 1 : 2);
  if (isOdd(turn)) return copied + turned * (oneOf(ODD_ROTATION, source.header.hasAlpha) + sampleBytes);
  if (isOnSide(turn)) return copied + turned * sampleBytes;
  const isHeld = turn.angle !== 0 || source.orientation > 1 || transform.gravity !== undefined;
  return copied + (isHeld ? pixelsOf(sizes.scaled) * sampleBytes : 0);
}

function encoding(plan: Facts): number {
  const { source, sizes, format, isAnimated } = plan;
  const pixels = pixelsOf(sizes.final);
  if (isAnimated) return pixels * (CANVAS + source.frames);
  // Bars in a JPEG are opaque, and cost nothing more there.
  const hasBars = isOdd(plan.turn) || plan.transform.fit === 'contain';
  return pixels * oneOf(ENCODERS[format], source.header.hasAlpha || hasBars);
}

function oneOf([opaque, alpha]: readonly [number, number], hasAlpha: boolean): number {
  return hasAlpha ? alpha : opaque;
}
