// An answer may be ready before the request has wholly arrived. Then the rest is read and dropped for a while, so that the
// client gets to see the answer instead of a reset connection.
import type { FastifyInstance } from 'fastify';

const LINGER_MS = 5000;

export function addUnreadBody(app: FastifyInstance): void {
  app.addHook('onSend', async ({ raw }, reply) => {
    if (raw.complete || raw.destroyed) return;
    reply.header('connection', 'close');
    raw.unpipe();
    raw.resume();
    const timer = setTimeout(() => raw.socket.destroy(), LINGER_MS);
    raw.once('close', () => clearTimeout(timer));
  });
}
