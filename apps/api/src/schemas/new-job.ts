// What a client may ask for: a form with the file, or JSON with the address of one.
import { JobOptions, Transform } from '@tintype/core';
import { type Static, Type } from 'typebox';
import { invalid, MAX_PATH_BYTES } from '../image-fields.ts';
import { MAX_URL_CHARACTERS } from '../job-fields.ts';
import { DERIVATIVE_NAME } from '../wanted-derivatives.ts';
import { Id } from './types.ts';

const title = Type.Optional(Type.String({ maxLength: 500 }));
const tagList = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 100 });
const webhookUrl = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: MAX_URL_CHARACTERS,
    description:
      'Is POSTed the event when the job has ended, beside your webhook endpoints; signed with your webhook secret, see `POST /v1/webhook-secret/rotate`.',
  }),
);

const path = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: MAX_PATH_BYTES,
    description:
      'Where `/v1/files/{path}` delivers it: names between slashes, which no other image of yours has.',
    examples: ['holidays/harbour.jpg'],
  }),
);
const isPublic = Type.Optional(
  Type.Boolean({ description: 'Whether anybody may have its named derivatives. Default: false.' }),
);
const { derivatives: _presets, ...jobOptions } = JobOptions.properties;

const derivativeName = Type.String({ pattern: DERIVATIVE_NAME });
const derivatives = Type.Optional(
  Type.Union(
    [
      Type.Array(derivativeName, { maxItems: 50 }),
      Type.Record(derivativeName, Type.Union([Type.Literal(true), Transform]), { maxProperties: 50 }),
    ],
    {
      description:
        'Pictures to make of it at once: names of presets, or names with transforms of their own; `true` is the preset of that name.',
      examples: [
        ['thumb', 'web'],
        { thumb: true, square: { width: 400, height: 400, gravity: 'attention' } },
      ],
    },
  ),
);

export const UploadForm = Type.Object({
  image: Type.String({
    format: 'binary',
    contentMediaType: 'application/octet-stream',
    description: 'The file. Exactly one.',
  }),
  title,
  tags: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      maxItems: 100,
      description: 'Repeat the part, or send one JSON array.',
    }),
  ),
  path,
  public: isPublic,
  derivatives: Type.Optional(
    Type.String({
      description:
        'Pictures to make of it at once: names of presets with commas between them, or as in JSON: an array of names, or an object of transforms.',
      examples: ['thumb,web', '["thumb"]', '{"square":{"width":400,"height":400,"gravity":"attention"}}'],
    }),
  ),
  webhookUrl,
  duplicate: Type.Optional(
    Type.Enum(['reuse', 'allow'], {
      description:
        'reuse: the same bytes with the same title, tags and options are answered with the image that is there. allow: they become a new one. Default: as the service is configured, `reuse` if nobody changed it. With a `webhookUrl` it is always a new one.',
    }),
  ),
  ...jobOptions,
});

/** One schema for both, so that what is wrong with either is told as it is. Exactly one of the first two: see {@link readJsonJob}. */
export const JsonJob = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_URL_CHARACTERS,
        description:
          'Where the image is: http or https, a public address, port 80, 443, 8080 or 8443, no user name. A worker fetches it.',
        examples: ['https://example.com/photo.jpg'],
      }),
    ),
    uploadId: Type.Optional(
      Id('Instead of `url`: the `id` of an upload by `POST /v1/uploads` whose file has arrived.'),
    ),
    title,
    tags: Type.Optional(tagList),
    path,
    public: isPublic,
    derivatives,
    webhookUrl,
    duplicate: Type.Optional(
      Type.Enum(['reuse', 'allow'], { description: 'With `uploadId` alone: as in a form.' }),
    ),
    ...jobOptions,
  },
  { additionalProperties: false },
);

export type JsonJob = Static<typeof JsonJob>;
export type UrlJob = Omit<JsonJob, 'url' | 'uploadId' | 'duplicate'> & { url: string };
export type UploadJob = Omit<JsonJob, 'url' | 'uploadId'> & { uploadId: string };

/** @throws AppError INVALID_REQUEST */
export function readJsonJob({ url, uploadId, ...job }: JsonJob): UrlJob | UploadJob {
  if (uploadId !== undefined && url === undefined) return { uploadId: uploadId.toLowerCase(), ...job };
  if (url === undefined || uploadId !== undefined)
    throw invalid('url', 'or uploadId must be given, and not both');
  const { duplicate, ...rest } = job;
  if (duplicate === undefined) return { url, ...rest };
  throw invalid('duplicate', 'is about files that are sent, and not about an url');
}
