// Requests that are odd by their head alone, answered as all others are and before a byte of the body is read: to nowhere, to no host, and with
// expectations. Node.js and Fastify would answer by themselves, without a problem document, or look at the body first.
import { AppError } from '@tintype/core';
import type { FastifyInstance } from 'fastify';

/** To be added after those who note every request. Node.js must be told to leave requests without a host to us: `requireHostHeader: false`. */
export function addOddRequests(app: FastifyInstance): void {
  // RFC 9110, section 10.1.1: what is expected beyond 100-continue may be ignored.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', async (request) => {
    const { httpVersion, headers } = request.raw;
    // RFC 9112, section 3.2
    if (httpVersion === '1.1' && headers.host === undefined)
      throw new AppError('INVALID_REQUEST', { message: 'A request of HTTP/1.1 has a Host header.' });
    if (request.is404) throw new AppError('NOT_FOUND');
  });
}
