// An image as its owner sees it.
import { mimeTypeOf } from '@tintype/core';
import type { ImageSummaryRow } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { Id, Nullable, Time } from './types.ts';

const summary = {
  id: Id('Names the image.'),
  title: Nullable(Type.String()),
  tags: Type.Array(Type.String()),
  fileName: Nullable(
    Type.String({ description: 'Name given at upload, or by the server it was fetched from.' }),
  ),
  sourceUrl: Type.Optional(
    Type.String({ description: 'Where a worker fetches it, without its query; absent for an upload.' }),
  ),
  bytes: Nullable(Type.Integer({ description: 'Size of the file; null until fetched.' })),
  sha256: Nullable(Type.String({ description: 'Of the file, hexadecimal; null until fetched.' })),
  format: Nullable(Type.String({ description: 'By content: jpeg, png, webp, …; null until fetched.' })),
  mimeType: Nullable(Type.String({ description: 'Null until fetched.' })),
  width: Nullable(Type.Integer({ description: 'As displayed, pixels; null until inspected.' })),
  height: Nullable(Type.Integer({ description: 'As displayed, pixels; null until inspected.' })),
  createdAt: Time('When it was accepted.'),
  links: Type.Object({ self: Type.String(), metadata: Type.String(), original: Type.String() }),
};

export const Image = Type.Object(summary, { $id: 'Image' });

export const ImageWithMetadata = Type.Object(
  { ...summary, metadata: Type.Ref('Metadata#') },
  { $id: 'ImageWithMetadata', description: 'A finished image with all that was found out.' },
);

export type Image = Static<typeof Image>;

export function presentImage(row: ImageSummaryRow): Image {
  const self = `/v1/images/${row.id}`;
  return {
    id: row.id,
    title: row.title,
    tags: row.tags,
    fileName: row.fileName,
    ...(row.sourceUrl === null ? {} : { sourceUrl: withoutQuery(row.sourceUrl) }),
    bytes: row.bytes === null ? null : Number(row.bytes),
    sha256: row.sha256 === null ? null : Buffer.from(row.sha256).toString('hex'),
    format: row.format,
    mimeType: row.format === null ? null : mimeTypeOf(row.format),
    width: row.width,
    height: row.height,
    createdAt: row.createdAt.toISOString(),
    links: { self, metadata: `${self}/metadata`, original: `${self}/original` },
  };
}

/** Queries may hold secrets: signatures of stores, tokens. */
function withoutQuery(address: string): string {
  const url = new URL(address);
  return `${url.origin}${url.pathname}`;
}
