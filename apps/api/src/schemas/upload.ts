// Uploads that go past the API, as their clients see them.
import { type Static, Type } from 'typebox';
import { Id, Time } from './types.ts';

export const NewUpload = Type.Object(
  {
    bytes: Type.Integer({
      minimum: 1,
      maximum: 5_000_000_000,
      description: 'The exact size of the file.',
      examples: [52_431],
    }),
    contentType: Type.String({
      maxLength: 127,
      pattern: '^[Ii][Mm][Aa][Gg][Ee]/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$',
      description: 'Of the file; it is sent with the very same.',
      examples: ['image/jpeg'],
    }),
    fileName: Type.Optional(Type.String({ minLength: 1, maxLength: 255, examples: ['harbour.jpg'] })),
  },
  { additionalProperties: false },
);

export const Upload = Type.Object(
  {
    id: Id('What `POST /v1/jobs` takes as `uploadId` when the file has arrived.'),
    method: Type.Literal('PUT'),
    url: Type.String({
      description:
        'Where to send the file: an address of the object store, or one of this service, which may begin with a slash. It needs no key.',
    }),
    headers: Type.Record(Type.String(), Type.String(), {
      description: 'To be sent along exactly so; anything else is refused.',
    }),
    expiresAt: Time('Until when the file may be sent.'),
  },
  { $id: 'Upload', description: 'Leave to send one file past the API.' },
);

export const UPLOAD_SCHEMAS = [Upload];

export type NewUpload = Static<typeof NewUpload>;
export type Upload = Static<typeof Upload>;
