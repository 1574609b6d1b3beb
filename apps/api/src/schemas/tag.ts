// Tags: those of an image, and all that a tenant has.
import type { TagRow } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { Nullable } from './types.ts';

export const ImageTags = Type.Object(
  { tags: Type.Array(Type.String(), { description: 'All that the image has now.' }) },
  { $id: 'ImageTags' },
);

export const Tag = Type.Object(
  {
    tag: Type.String(),
    images: Type.Integer({ description: 'How many of your images have it.' }),
    links: Type.Object({ images: Type.String({ description: 'Those images.' }) }),
  },
  { $id: 'Tag' },
);

export const TagPage = Type.Object(
  {
    items: Type.Array(Type.Ref('Tag#'), { description: 'In the order of their letters’ numbers.' }),
    nextCursor: Nullable(Type.String({ description: 'Null on the last page.' })),
    links: Type.Object({ next: Type.Optional(Type.String()) }),
  },
  { $id: 'TagPage' },
);

export const TAG_SCHEMAS = [ImageTags, Tag, TagPage];

export type Tag = Static<typeof Tag>;

export function presentTag({ tag, images }: TagRow): Tag {
  return { tag, images, links: { images: `/v1/images?${new URLSearchParams({ tag })}` } };
}
