// What a list of images may be asked for.
import { FORMATS } from '@tintype/core';
import { IMAGE_SORTS } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { MAX_TAG_CHARACTERS } from '../image-fields.ts';
import { CURSOR_PATTERN, MAX_CURSOR_CHARACTERS } from '../page-cursor.ts';
import { Time } from './types.ts';

/** PostgreSQL's integer. */
const MOST_PIXELS = 2_147_483_647;
const LOCAL_TIME = '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?)?$';

const words = (description: string, maxLength = 200) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));
const tags = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: MAX_TAG_CHARACTERS }), { maxItems: 20, description }),
  );
const amount = (maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum, description }));
const localTime = (description: string) =>
  Type.Optional(
    Type.String({ pattern: LOCAL_TIME, description, examples: ['2026-07-01', '2026-07-01T12:30:00'] }),
  );

export const ImageFilter = Type.Object(
  {
    q: words(
      'Words that all stand in title, tags, camera, caption or keywords; the beginning of a word is enough. `"a phrase"`, `-without`, `or`.',
      500,
    ),
    title: words('Part of the title, whatever its capitals.', 500),
    tag: tags('Only images with this tag; repeated: with all of them.'),
    tagAny: tags('Only images with one of these tags at least; may be repeated.'),
    format: Type.Optional(Type.Enum(Object.keys(FORMATS), { description: 'Only images of this format.' })),
    camera: words('Part of maker and model, whatever its capitals.'),
    hasGps: Type.Optional(Type.Boolean({ description: 'Whether the file says where it was taken.' })),
    public: Type.Optional(Type.Boolean({ description: 'Whether it was marked public.' })),
    uploadedAfter: Type.Optional(Time('Only images accepted at or after this time.')),
    uploadedBefore: Type.Optional(Time('Only images accepted before this time.')),
    takenAfter: localTime('Only images taken at or after this time, by the camera’s clock: no zone.'),
    takenBefore: localTime('Only images taken before this time, by the camera’s clock: no zone.'),
    minWidth: amount(MOST_PIXELS, 'Pixels, as displayed.'),
    maxWidth: amount(MOST_PIXELS, 'Pixels, as displayed.'),
    minHeight: amount(MOST_PIXELS, 'Pixels, as displayed.'),
    maxHeight: amount(MOST_PIXELS, 'Pixels, as displayed.'),
    minBytes: amount(Number.MAX_SAFE_INTEGER, 'Size of the file.'),
    maxBytes: amount(Number.MAX_SAFE_INTEGER, 'Size of the file.'),
    sort: Type.Enum([...IMAGE_SORTS], {
      default: '-createdAt',
      description:
        'A minus is the other way round: newest, largest or last first. What has no takenAt stands where it was uploaded.',
    }),
    cursor: Type.Optional(
      Type.String({
        maxLength: MAX_CURSOR_CHARACTERS,
        pattern: CURSOR_PATTERN,
        description: '`nextCursor` of the page before, in the same order.',
      }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  },
  // A filter with a typing error in its name would show everything.
  { additionalProperties: false },
);

export type ImageFilter = Static<typeof ImageFilter>;
