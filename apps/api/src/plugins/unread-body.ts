// An answer may be ready before the request has wholly arrived. Then the rest is read and dropped for a while, so that the
// client gets to see the answer instead of a reset connection.
import type { FastifyInstance } from 'fastify';

const LINGER_MS = 30_000;

export function addUnreadBody(app: FastifyInstance): void {
  app.addHook('onSend', async ({ raw }, reply) => {
    if (raw.complete || raw.destroyed) return;
    const { socket } = raw;
    reply.header('connection', 'close');

    // Node destroys the socket behind its last answer, and what has arrived unread then makes the kernel reset the
    // connection, answer and all. So the last byte is followed by our half of the farewell (FIN) alone.
    const destroySoon = socket.destroySoon.bind(socket);
    socket.destroySoon = () => void socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    const settle = () => {
      clearTimeout(timer);
      socket.destroySoon = destroySoon;
      if (socket.writableEnded) destroySoon();
    };
    raw.once('end', settle).once('close', settle);
    raw.unpipe();
    raw.resume();
  });
}
