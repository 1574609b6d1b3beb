// The one writing of a transform. It knows what a parameter changes, and leaves out what changes nothing; it knows no picture.
import type { Accepted, CanonicalTransform, OutputFormat, Transform } from './transform.ts';

/** Of encoders where a transform does not say, 1 to 100. */
export const DEFAULT_QUALITY: Partial<Record<OutputFormat, number>> = { jpeg: 80, webp: 80, avif: 50 };

const WHITE = 'ffffffff';

/**
 * Equal ones have equal JSON: defaults and what has no effect left out, `dpr` multiplied in, keys in order. Doing it twice changes nothing.
 * @param accepted what the client shows; counts for `format=auto` alone, where nothing else is `plain`
 */
export function canonicalTransform(
  transform: Transform | CanonicalTransform,
  accepted?: Accepted,
): CanonicalTransform {
  const size = sizeOf(transform);
  const turn = turnOf(transform);
  return inOrder({
    ...size,
    ...turn,
    ...placeOf(transform, size),
    ...formatOf(transform, accepted),
    quality: qualityOf(transform),
    blur: hundredths(transform.blur),
    sharpen: hundredths(transform.sharpen),
    grayscale: transform.grayscale === true ? true : undefined,
    background: backgroundOf(transform, hasBars(transform, turn)),
  });
}

/**
 * What stands for a colour where nothing can be transparent: itself over white.
 * @param background `rrggbbaa` @returns `rrggbbff`
 */
export function opaqueBackground(background: string): string {
  const bytes = Buffer.from(background, 'hex');
  const alpha = (bytes[3] ?? 255) / 255;
  const over = [...bytes.subarray(0, 3)].map((value) => Math.round(value * alpha + 255 * (1 - alpha)));
  return Buffer.from([...over, 255]).toString('hex');
}

type Wishes = { [Key in keyof CanonicalTransform]: CanonicalTransform[Key] | undefined };

function inOrder(wishes: Wishes): CanonicalTransform {
  const known = Object.entries(wishes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sizeOf(transform: Transform): Pick<Wishes, 'width' | 'height'> {
  const dpr = transform.dpr ?? 1;
  const times = (side: number | undefined) =>
    side === undefined ? undefined : Math.max(1, Math.round(side * dpr));
  return { width: times(transform.width), height: times(transform.height) };
}

/** Where one side is free, all fits but `fill` are the same, and nothing is cut. */
function placeOf(
  { fit, gravity, enlarge }: Transform,
  { width, height }: Pick<Wishes, 'width' | 'height'>,
): Pick<Wishes, 'fit' | 'gravity' | 'enlarge'> {
  const isBound = width !== undefined && height !== undefined;
  const isSized = width !== undefined || height !== undefined;
  return {
    fit: (isBound && fit !== 'cover') || (isSized && fit === 'fill') ? fit : undefined,
    gravity: isBound && isPlaced(fit, gravity) ? gravity : undefined,
    enlarge: isSized && enlarge === true ? true : undefined,
  };
}

/** Only what is cut, or has bars, stands somewhere; bars are not looked for. */
function isPlaced(fit: Transform['fit'], gravity: Transform['gravity']): boolean {
  if (gravity === 'center') return false;
  if (fit === 'contain') return gravity !== 'attention' && gravity !== 'entropy';
  return fit === undefined || fit === 'cover';
}

/** Right angles and flips are eight things that can be written in sixteen ways. Of other angles sharp makes two rounded ones. */
function turnOf(transform: Transform): Pick<Wishes, 'rotate' | 'flip'> {
  const rotate = modulo(transform.rotate ?? 0, 360);
  const { flip } = transform;
  if (rotate % 90 !== 0 || flip === undefined) return { rotate: rotate || undefined, flip };
  if (flip === 'both') return { rotate: modulo(rotate + 180, 360) || undefined, flip: undefined };
  if (rotate < 180) return { rotate: rotate || undefined, flip };
  return { rotate: rotate - 180 || undefined, flip: flip === 'horizontal' ? 'vertical' : 'horizontal' };
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function formatOf(
  transform: Transform | CanonicalTransform,
  accepted: Accepted | undefined,
): Pick<Wishes, 'format' | 'accepted'> {
  const { format } = transform;
  if (format !== 'auto') return { format, accepted: undefined };
  const before = 'accepted' in transform ? transform.accepted : undefined;
  return { format, accepted: accepted ?? before ?? 'plain' };
}

function qualityOf({ format, quality }: Transform): number | undefined {
  if (format === undefined || format === 'auto') return quality;
  const byDefault = DEFAULT_QUALITY[format];
  return byDefault === undefined || quality === byDefault ? undefined : quality;
}

function hundredths(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 100) / 100;
}

/** Something beside the picture, between it and its frame. */
function hasBars({ width, height, fit }: Transform, { rotate = 0 }: Pick<Wishes, 'rotate'>): boolean {
  return rotate % 90 !== 0 || (fit === 'contain' && width !== undefined && height !== undefined);
}

/** Without bars it shows in JPEG alone, under what was transparent. What is wholly transparent is the default everywhere. */
function backgroundOf({ background, format }: Transform, bars: boolean): string | undefined {
  if (background === undefined) return;
  const colour = rrggbbaa(background);
  if (colour.endsWith('00')) return;
  if (bars && format !== 'jpeg') return colour;
  if (format !== undefined && format !== 'auto' && format !== 'jpeg') return;
  const opaque = opaqueBackground(colour);
  return opaque === WHITE ? undefined : opaque;
}

function rrggbbaa(background: string): string {
  const digits = background.replace('#', '').toLowerCase();
  const long = digits.length <= 4 ? digits.replaceAll(/./g, '$&$&') : digits;
  return long.padEnd(8, 'f');
}
