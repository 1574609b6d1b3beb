// Pictures on their way out, and addresses that let somebody have one.
import { Transform } from '@tintype/core';
import { type Static, Type } from 'typebox';
import { bytesContent, bytesHeaders } from '../answer-bytes.ts';
import { DERIVATIVE_NAME } from '../wanted-derivatives.ts';
import { problems } from './problem.ts';
import { Id, Nullable, Time } from './types.ts';

export const DerivativeName = Type.String({
  pattern: DERIVATIVE_NAME,
  description: 'Of the image, or of a preset.',
});

export const DerivativeList = Type.Object(
  {
    items: Type.Array(Type.Ref('ImageDerivative#'), { description: 'Those that were asked for at upload.' }),
    presets: Type.Array(Type.Ref('ImageDerivative#'), {
      description: 'Those that any image has, made when they are first asked for.',
    }),
  },
  { $id: 'DerivativeList' },
);

const Lifetime = Type.Integer({
  minimum: 1,
  maximum: 315_360_000,
  description: 'How long the address counts, within what the service allows.',
});

export const NewSignedUrl = Type.Object(
  {
    expiresInSeconds: Lifetime,
    transform: Type.Optional(Transform),
    derivative: Type.Optional(DerivativeName),
  },
  {
    additionalProperties: false,
    description: 'With a transform, or with the name of a derivative; with neither the picture as it is.',
    examples: [{ expiresInSeconds: 3600, transform: { width: 320, format: 'auto' } }],
  },
);
export type NewSignedUrl = Static<typeof NewSignedUrl>;

export const NewSignedFileUrl = Type.Object(
  {
    path: Type.String({
      minLength: 1,
      maxLength: 1024,
      description: 'As in `/v1/files/{path}`, not encoded.',
    }),
    expiresInSeconds: Lifetime,
    transform: Type.Optional(Transform),
  },
  {
    additionalProperties: false,
    examples: [{ path: 'holidays/harbour.jpg', expiresInSeconds: 3600, transform: { width: 320 } }],
  },
);

export const SignedUrl = Type.Object(
  {
    url: Type.String({ description: 'For anybody who has it. Whatever is altered makes it worthless.' }),
    expiresAt: Time('When it stops to count.'),
  },
  { $id: 'SignedUrl' },
);

export const DeliveryKeyRotation = Nullable(
  Type.Object(
    {
      overlapSeconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 2_592_000,
          description:
            'How long addresses that were signed before still count. Default: 0, they end at once.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
);

export const DeliveryKey = Type.Object(
  {
    id: Type.String({ description: 'Stands as `key` in the addresses that are signed from now on.' }),
    previousUntil: Time('Until when those before it count.'),
  },
  { $id: 'DeliveryKey' },
);

export const DELIVERY_SCHEMAS = [DerivativeList, SignedUrl, DeliveryKey];

export const imageParams = Type.Object({ id: Id('The image.') });

const told = {
  ...bytesHeaders,
  etag: { type: 'string', description: 'The SHA-256 of the bytes, quoted.' },
  'cache-control': {
    type: 'string',
    description:
      'private for callers with a credential; public for signed addresses, as long as they count, and for public images.',
  },
  vary: { type: 'string', description: 'Accept, where the format is chosen by it.' },
};

/** Of routes that answer with a picture. */
export const pictureRequestHeaders = Type.Object({
  accept: Type.Optional(Type.String({ description: 'Chooses the format, where that is auto.' })),
  range: Type.Optional(Type.String({ description: 'One range: `bytes=0-499`.' })),
  'if-range': Type.Optional(Type.String()),
  'if-none-match': Type.Optional(Type.String()),
});

export const pictureAnswers = {
  200: { description: 'The picture.', headers: told, ...bytesContent },
  206: {
    description: 'The range.',
    headers: { ...told, 'content-range': { type: 'string' } },
    ...bytesContent,
  },
  304: { description: 'You have it already.', type: 'null', headers: { etag: told.etag } },
  307: {
    description:
      'It is ready, and CloudFront delivers it: where the service has a distribution. The address counts for some minutes.',
    type: 'null',
    headers: {
      location: { type: 'string', description: 'Of the bytes, signed; no credential is to be sent there.' },
      'cache-control': { ...told['cache-control'], description: 'No longer than the address counts.' },
      vary: told.vary,
    },
  },
  ...problems(400, 401, 403, 404, 409, 416, 422, 429, 500, 503),
};
