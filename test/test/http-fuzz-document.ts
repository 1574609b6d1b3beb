// A small API's description, to try the fuzzer of the HTTP API with, and what its requests become when they are sent as they are.
import type { Attempt } from '../src/http-fuzz/attempt.ts';
import type { Sent } from '../src/http-fuzz/check-answer.ts';
import { readDocument } from '../src/http-fuzz/document.ts';

const Problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    code: { type: 'string', enum: ['NOT_FOUND', 'INVALID_REQUEST', 'UNAUTHENTICATED', 'OVERLOADED'] },
  },
};
const Thing = {
  type: 'object',
  required: ['id', 'size'],
  properties: { id: { type: 'string', format: 'uuid' }, size: { type: 'integer', minimum: 0 } },
};
const problem = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const thing = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } };
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } };
const secured = { security: [{ apiKey: [] }] };

export const DOCUMENT = readDocument({
  openapi: '3.1.0',
  paths: {
    '/v1/things': {
      get: {
        operationId: 'listThings',
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } }],
        responses: { 200: thing, 503: problem },
      },
      post: {
        operationId: 'makeThing',
        ...secured,
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['name'],
                properties: { name: { type: 'string', maxLength: 20 } },
              },
            },
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['image'],
                properties: { image: { type: 'string', format: 'binary' } },
              },
            },
          },
        },
        responses: { 201: thing, 400: problem, 401: problem },
      },
    },
    '/v1/things/{id}': {
      get: {
        operationId: 'getThing',
        ...secured,
        parameters: [id],
        responses: { 200: thing, 401: problem, 404: problem },
      },
      delete: { parameters: [id], responses: { 204: { description: 'Gone.' }, 404: problem } },
    },
  },
  components: { schemas: { Problem, Thing } },
});

export function sentBy({ method, target, headers, body, wire, isBent, who }: Attempt): Sent {
  return { ...{ method, target, headers, body, wire, isBent, who }, isForeign: false };
}
