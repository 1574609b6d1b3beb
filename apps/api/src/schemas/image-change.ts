// What can be changed of images: of one, and of many at once.
import { type Static, Type } from 'typebox';
import { MAX_PATH_BYTES, MAX_TAG_CHARACTERS, MAX_TAGS, MAX_TITLE_CHARACTERS } from '../image-fields.ts';
import { Id } from './types.ts';

/** Most images that one request may change. */
export const MAX_BULK = 500;

export const TagList = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: MAX_TAG_CHARACTERS }), {
    maxItems: MAX_TAGS,
    description,
  });

// Not unions: their first branch would turn null into text.
const nullable = (maxLength: number, description: string) =>
  Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength, description }));

export const ImageChange = Type.Object(
  {
    title: nullable(MAX_TITLE_CHARACTERS, 'Null: it has none any more.'),
    tags: Type.Optional(TagList('All that it has from now on.')),
    path: nullable(
      MAX_PATH_BYTES,
      'Where `/v1/files/{path}` delivers it: names between slashes, nobody else’s of yours. Null: nowhere.',
    ),
    public: Type.Optional(Type.Boolean({ description: 'Whether anybody may have its named derivatives.' })),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    examples: [{ title: 'Harbour at dawn', tags: ['harbour', 'dawn'] }],
  },
);
export type ImageChange = Static<typeof ImageChange>;

const ids = Type.Array(Id('An image.'), { minItems: 1, maxItems: MAX_BULK });

export const BulkTagging = Type.Object(
  {
    ids,
    add: Type.Optional(TagList('That they have from now on.')),
    remove: Type.Optional(TagList('That they have no more.')),
  },
  { additionalProperties: false, minProperties: 2 },
);
export const BulkDeletion = Type.Object({ ids }, { additionalProperties: false });

const told = (description: string) => Type.Array(Id('An image.'), { description });
const missing = told('There are none of these, or they are not yours.');

export const BulkTagged = Type.Object(
  {
    changed: told('Are as you wanted them now.'),
    missing,
    tooMany: told(`Would have had more than ${MAX_TAGS} tags, and were left as they are.`),
  },
  { $id: 'BulkTagged' },
);
export const BulkDeleted = Type.Object({ deleted: told('Are gone.'), missing }, { $id: 'BulkDeleted' });

export const BULK_SCHEMAS = [BulkTagged, BulkDeleted];
