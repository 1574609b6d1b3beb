// Knows when nobody is there any more to read an answer.
import type { ServerResponse } from 'node:http';

/** Aborts when the client hangs up. Fastify's own `request.signal` hears nothing of it once the body has been read. */
export function clientGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  response.once('close', () => gone.abort());
  return gone.signal;
}
