// Errors on the wire: RFC 9457 problem documents with a stable code.
import { ERROR_CODES, type ErrorCode } from '@tintype/core';
import { type Static, Type } from 'typebox';

export const ProblemDocument = Type.Object(
  {
    type: Type.String({ description: 'urn:tintype:error:CODE' }),
    title: Type.String({ description: 'What kind of error this is; the same for every occurrence.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'What went wrong this time, and what to do.' }),
    code: Type.Unsafe<ErrorCode>({
      type: 'string',
      enum: ERROR_CODES,
      description: 'Stable; branch on this.',
    }),
    requestId: Type.String({ description: 'Names the request in the logs; also in X-Request-Id.' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String(), message: Type.String() }), {
        description: 'Which parts are wrong.',
      }),
    ),
  },
  { $id: 'Problem' },
);

export type ProblemDocument = Static<typeof ProblemDocument>;

const DESCRIPTIONS: Record<number, string> = {
  400: 'The request is wrong; code and errors say where.',
  401: 'The key is missing, unknown, expired or revoked.',
  403: 'The key is valid and may not do this.',
  404: 'Not here, or another tenant’s.',
  408: 'The request took too long to arrive.',
  409: 'Not in this state, or the same request is still under way.',
  411: 'Content-Length is missing.',
  413: 'Too large.',
  415: 'Not an image, or not the content type that is wanted here.',
  416: 'The range lies outside the file.',
  422: 'Understood, and impossible.',
  429: 'Too much at once of yours: try again after Retry-After seconds.',
  500: 'Our fault.',
  503: 'Passing: try again after Retry-After seconds.',
};

const HEADERS: Record<number, object> = {
  409: {
    'retry-after': { type: 'integer', description: 'Seconds; where trying again makes sense.' },
  },
  416: { 'content-range': { type: 'string', description: '`bytes */` and the size of the file.' } },
  429: { 'retry-after': { type: 'integer', description: 'Seconds.' } },
  503: { 'retry-after': { type: 'integer', description: 'Seconds.' } },
};

/** The answers of an operation that are problem documents. */
export function problems(...statuses: number[]): Record<number, object> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: DESCRIPTIONS[status] ?? 'Error.',
        ...(HEADERS[status] === undefined ? {} : { headers: HEADERS[status] }),
        content: { 'application/problem+json': { schema: Type.Ref('Problem#') } },
      },
    ]),
  );
}
