// How large a picture becomes on its way: what sharp works out too, but only once it decodes.
import type { CanonicalTransform } from '@tintype/core/contract';
import { isOdd, isOnSide, type Turn } from './turn.ts';

export interface Size {
  width: number;
  height: number;
}

export interface Sizes {
  /** Rotated, with its corners. */
  turned: Size;
  /** Scaled, before it is cut or gets bars. */
  scaled: Size;
  final: Size;
  /** How many times it becomes smaller, along the side that shrinks less; below 1 it grows. */
  shrink: number;
}

type Wishes = Pick<CanonicalTransform, 'width' | 'height' | 'fit' | 'enlarge'>;

export function sizesOf(upright: Size, turn: Turn, wishes: Wishes): Sizes {
  const turned = turnedSize(upright, turn);
  const [across, down] = shrinksOf(turned, wishes);
  const scaled = {
    width: Math.max(1, Math.round(turned.width / across)),
    height: Math.max(1, Math.round(turned.height / down)),
  };
  return { turned, scaled, final: framed(scaled, wishes), shrink: Math.min(across, down) };
}

function turnedSize({ width, height }: Size, turn: Turn): Size {
  if (isOnSide(turn)) return { width: height, height: width };
  if (!isOdd(turn)) return { width, height };
  const radians = (turn.angle * Math.PI) / 180;
  const [cosine, sine] = [Math.abs(Math.cos(radians)), Math.abs(Math.sin(radians))];
  return {
    width: Math.round(width * cosine + height * sine),
    height: Math.round(width * sine + height * cosine),
  };
}

/** As ResolveShrink of sharp's common.cc. */
function shrinksOf(size: Size, wishes: Wishes): [number, number] {
  const shrinks = wantedShrinks(size, wishes);
  const bounded = wishes.enlarge === true ? shrinks : shrinks.map((shrink) => Math.max(1, shrink));
  const [across = 1, down = 1] = bounded;
  return [Math.min(across, size.width), Math.min(down, size.height)];
}

function wantedShrinks(size: Size, { width, height, fit = 'cover' }: Wishes): number[] {
  const across = width === undefined ? undefined : size.width / width;
  const down = height === undefined ? undefined : size.height / height;
  if (fit === 'fill') return [across ?? 1, down ?? 1];
  if (across === undefined || down === undefined) {
    const both = across ?? down ?? 1;
    return [both, both];
  }
  const both = fit === 'cover' || fit === 'outside' ? Math.min(across, down) : Math.max(across, down);
  return [both, both];
}

function framed(scaled: Size, { width, height, fit = 'cover' }: Wishes): Size {
  if (width === undefined || height === undefined) return scaled;
  if (fit === 'cover')
    return { width: Math.min(width, scaled.width), height: Math.min(height, scaled.height) };
  if (fit === 'contain')
    return { width: Math.max(width, scaled.width), height: Math.max(height, scaled.height) };
  return scaled;
}

export function pixelsOf({ width, height }: Size): number {
  return width * height;
}
