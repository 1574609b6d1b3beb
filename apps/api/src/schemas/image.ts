// An image as its owner sees it.
import { mimeTypeOf } from '@tintype/core';
import { DERIVATIVE_STATUSES, type ImageSummaryRow } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { Id, Nullable, Time } from './types.ts';

export const ImageDerivative = Type.Object(
  {
    name: Type.String(),
    url: Type.String({ description: 'Where it is; it is made there, if it is not ready yet.' }),
    status: Type.Enum([...DERIVATIVE_STATUSES], { description: 'waiting → making → ready | failed' }),
    format: Type.Optional(
      Type.String({ description: 'Of one that is ready: jpeg, png, webp, avif or gif.' }),
    ),
    width: Type.Optional(Type.Integer({ description: 'Pixels.' })),
    height: Type.Optional(Type.Integer({ description: 'Pixels.' })),
    bytes: Type.Optional(Type.Integer({ description: 'Size of the file.' })),
    error: Type.Optional(
      Type.Object(
        { code: Type.String({ description: 'Stable.' }), message: Type.String() },
        { description: 'Of one that failed.' },
      ),
    ),
  },
  { $id: 'ImageDerivative', description: 'A picture that was made of the image.' },
);

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
  camera: Nullable(
    Type.String({ description: 'Maker and model; null until inspected, or where it does not say.' }),
  ),
  takenAt: Nullable(
    Type.String({
      description:
        'By the camera’s clock, ISO 8601 without a zone; null until inspected, or where it does not say.',
    }),
  ),
  path: Nullable(Type.String({ description: 'Where `/v1/files/{path}` delivers it.' })),
  public: Type.Boolean({ description: 'Anybody may have its named derivatives.' }),
  duplicateOf: Type.Optional(
    Id('The image that it nearly is; there where duplicates were to be flagged or rejected.'),
  ),
  rejectedAt: Type.Optional(
    Time('When it was rejected as a duplicate. It is in no list any more, and its file is gone.'),
  ),
  derivatives: Type.Optional(
    Type.Array(Type.Ref('ImageDerivative#'), { description: 'Those that were asked for at upload.' }),
  ),
  createdAt: Time('When it was accepted.'),
  links: Type.Object({
    self: Type.String(),
    metadata: Type.String(),
    original: Type.String(),
    render: Type.String(),
    derivatives: Type.String(),
  }),
};

export const Image = Type.Object(summary, { $id: 'Image' });

export const ImageWithMetadata = Type.Object(
  { ...summary, metadata: Type.Ref('Metadata#') },
  { $id: 'ImageWithMetadata', description: 'A finished image with all that was found out.' },
);

export const ImagePage = Type.Object(
  {
    items: Type.Array(Type.Ref('Image#')),
    nextCursor: Nullable(Type.String({ description: 'Null on the last page.' })),
    links: Type.Object({ next: Type.Optional(Type.String()) }),
  },
  { $id: 'ImagePage' },
);

export const SimilarImages = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        distance: Type.Integer({
          description: 'Bits of the perceptual hash, of 64, that differ. 0: they look the same.',
        }),
        image: Type.Ref('Image#'),
      }),
      { description: 'Nearest first, without the image itself.' },
    ),
  },
  { $id: 'SimilarImages' },
);

export const IMAGE_SCHEMAS = [ImageDerivative, Image, ImageWithMetadata, ImagePage, SimilarImages];

export type ImageDerivative = Static<typeof ImageDerivative>;
export type Image = Omit<Static<typeof Image>, 'derivatives'> & { derivatives?: ImageDerivative[] };

/** @param derivatives those that were asked for, where they were looked up */
export function presentImage(row: ImageSummaryRow, derivatives?: ImageDerivative[]): Image {
  const self = `/v1/images/${row.id}`;
  return {
    id: row.id,
    title: row.title,
    tags: row.tags,
    fileName: row.fileName,
    ...(row.sourceUrl === null ? {} : { sourceUrl: withoutQuery(row.sourceUrl) }),
    ...presentFile(row),
    width: row.width,
    height: row.height,
    camera: row.camera,
    takenAt: row.takenAt?.toISOString().slice(0, -1) ?? null,
    path: row.path,
    public: row.isPublic,
    ...(row.duplicateOf === null ? {} : { duplicateOf: row.duplicateOf }),
    ...(row.rejectedAt === null ? {} : { rejectedAt: row.rejectedAt.toISOString() }),
    ...(derivatives === undefined ? {} : { derivatives }),
    createdAt: row.createdAt.toISOString(),
    links: {
      self,
      metadata: `${self}/metadata`,
      original: `${self}/original`,
      render: `${self}/render`,
      derivatives: `${self}/derivatives`,
    },
  };
}

function presentFile({ bytes, sha256, format }: ImageSummaryRow) {
  return {
    bytes: bytes === null ? null : Number(bytes),
    sha256: sha256 === null ? null : Buffer.from(sha256).toString('hex'),
    format,
    mimeType: format === null ? null : mimeTypeOf(format),
  };
}

/** Queries may hold secrets: signatures of stores, tokens. */
function withoutQuery(address: string): string {
  const url = new URL(address);
  return `${url.origin}${url.pathname}`;
}
