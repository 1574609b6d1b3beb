// What can be done to a picture on its way out: one schema for queries, for wishes at upload and for the worker that does it.
import { type Static, Type } from 'typebox';
import { flag, integer, opt } from './metadata/field.ts';

export const FITS = ['cover', 'contain', 'fill', 'inside', 'outside'] as const;
export const GRAVITIES = [
  'center',
  'north',
  'northeast',
  'east',
  'southeast',
  'south',
  'southwest',
  'west',
  'northwest',
  'attention',
  'entropy',
] as const;
export const OUTPUT_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Longest side that may be asked for, before `dpr`; the worker's own limits come on top. */
export const MAX_SIDE = 16_384;

/** Its static type has the words themselves. */
const oneOf = <const Words extends readonly string[]>(words: Words, description: string) =>
  Type.Enum<[...Words]>(words, { description });

/** As a client writes it. Nothing is required: without anything the picture is made anew as it is, upright, in sRGB, without its private tags. */
export const Transform = Type.Object(
  {
    width: opt(integer('Pixels.', { minimum: 1, maximum: MAX_SIDE })),
    height: opt(integer('Pixels.', { minimum: 1, maximum: MAX_SIDE })),
    fit: opt(
      oneOf(
        FITS,
        'How the picture is fitted to width and height: cover (cut, the default), contain (with bars), fill (stretched), inside, outside.',
      ),
    ),
    gravity: opt(
      oneOf(
        GRAVITIES,
        'What stays when it is cut, or where it stands between bars. attention and entropy look for what matters.',
      ),
    ),
    enlarge: opt(flag('Whether it may become larger than it is. Default: false.')),
    dpr: opt(Type.Number({ minimum: 0.1, maximum: 5, description: 'Multiplies width and height.' })),
    rotate: opt(
      integer(
        'Degrees clockwise, before it is fitted. What is not a multiple of 90 leaves corners in the background.',
        {
          minimum: -360,
          maximum: 360,
        },
      ),
    ),
    flip: opt(oneOf(['horizontal', 'vertical', 'both'], 'Mirrors it, before it is fitted.')),
    format: opt(
      oneOf(
        ['auto', ...OUTPUT_FORMATS],
        'auto: the best that `Accept` names. Default: as it is, or JPEG or PNG where browsers do not show that.',
      ),
    ),
    quality: opt(integer('Of JPEG, WebP and AVIF.', { minimum: 1, maximum: 100 })),
    blur: opt(Type.Number({ minimum: 0.3, maximum: 100, description: 'Sigma of the blur, pixels.' })),
    sharpen: opt(Type.Number({ minimum: 0.1, maximum: 10, description: 'Sigma of the sharpening, pixels.' })),
    grayscale: opt(flag('Without colours.')),
    background: opt(
      Type.String({
        pattern: '^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$',
        description: 'Under what is transparent, and beside the picture: rgb, rgba, rrggbb or rrggbbaa.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type Transform = Static<typeof Transform>;

/** What the client of `format=auto` shows, best first; decided by Accept. */
export type Accepted = 'avif' | 'webp' | 'plain';

/**
 * A transform with one writing: defaults left out, numbers rounded, dpr multiplied in, angles 0 to 359, colours `rrggbbaa`, keys in order.
 * `accepted` is there for `auto` alone. Equal ones have equal JSON; nothing else may be sent to the worker or digested.
 */
export interface CanonicalTransform extends Omit<Transform, 'dpr'> {
  accepted?: Accepted;
}

/** Named transforms of the service: name → transform. */
export const Presets = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }), Transform);
export type Presets = Static<typeof Presets>;
