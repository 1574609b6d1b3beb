// What a client may ask for: a form with the file, or JSON with the address of one.
import { JobOptions } from '@tintype/core';
import { type Static, Type } from 'typebox';
import { MAX_URL_CHARACTERS } from '../job-fields.ts';

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
  webhookUrl,
  duplicate: Type.Optional(
    Type.Enum(['reuse', 'allow'], {
      description:
        'reuse: the same bytes with the same title, tags and options are answered with the image that is there. allow: they become a new one. Default: as the service is configured, `reuse` if nobody changed it. With a `webhookUrl` it is always a new one.',
    }),
  ),
  ...JobOptions.properties,
});

export const UrlJob = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      maxLength: MAX_URL_CHARACTERS,
      description:
        'Where the image is: http or https, a public address, port 80, 443, 8080 or 8443, no user name. A worker fetches it.',
      examples: ['https://example.com/photo.jpg'],
    }),
    title,
    tags: Type.Optional(tagList),
    webhookUrl,
    ...JobOptions.properties,
  },
  { additionalProperties: false },
);

export type UrlJob = Static<typeof UrlJob>;
