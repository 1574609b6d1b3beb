// Server-sent events as they go over the wire: WHATWG HTML, section 9.2. Knows nothing of what they say.
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

export interface ServerSentEvent {
  /** What a client sends back as `Last-Event-ID`. Like the name, without line breaks. */
  id: string;
  event: string;
  /** Sent as JSON. */
  data: unknown;
}

/** A line that clients ignore, and that keeps the connection open. */
export const HEARTBEAT = Symbol('heartbeat');

/**
 * Begins the answer; from here on errors can only break it off. A client that does not read makes the source wait, and one that
 * goes ends it.
 */
export function sendEvents(
  reply: FastifyReply,
  source: AsyncIterable<ServerSentEvent | typeof HEARTBEAT>,
  { retryMs }: { retryMs: number },
): FastifyReply {
  reply.headers({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // nginx would gather events until its buffer is full.
    'x-accel-buffering': 'no',
  });
  return reply.send(Readable.from(write(source, retryMs), { objectMode: false }));
}

async function* write(
  source: AsyncIterable<ServerSentEvent | typeof HEARTBEAT>,
  retryMs: number,
): AsyncGenerator<string> {
  yield `retry: ${retryMs}\n\n`;
  for await (const one of source) yield one === HEARTBEAT ? ':\n\n' : format(one);
}

/** JSON has no line breaks: one line of data is enough. */
function format({ id, event, data }: ServerSentEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
