// What an operation that takes an Idempotency-Key says more of itself.
import type { FastifySchema } from 'fastify';
import { Type } from 'typebox';
import { problems } from './problem.ts';

const key = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 255,
    description:
      'Makes it safe to send the request again: the same key with the same request does nothing twice and is given the first answer, for seven days unless configured otherwise. While the first is under way: 409. With another request: 422. An answer that is an error is not kept; one that holds a secret is given again to the credential alone that asked first. Any printable ASCII, a UUID for example; it is your own, other tenants’ keys are others.',
    examples: ['8e03978e-40d5-43dd-bc93-6894a57f9324'],
  }),
);

const replayed = {
  'idempotent-replayed': {
    type: 'string',
    enum: ['true'],
    description: 'This is the answer to an earlier request with the same Idempotency-Key.',
  },
};

type Response = { headers?: object };

export function describeIdempotency(schema: FastifySchema): FastifySchema {
  const headers = schema.headers as { properties?: object } | undefined;
  const responses = Object.entries((schema.response ?? {}) as Record<string, Response>);
  const described = responses.map(([status, response]) => [
    status,
    status.startsWith('2') ? { ...response, headers: { ...response.headers, ...replayed } } : response,
  ]);
  return {
    headers: Type.Object({ ...headers?.properties, 'idempotency-key': key }),
    response: { ...problems(400, 409, 422), ...Object.fromEntries(described) },
  };
}
