// How a process stops without failing a request: it says on every answer that the connection ends here, then lets nobody new in,
// then waits for those who are in.
import { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { isForOperators } from './back-pressure.ts';

export interface Drain {
  readonly isDraining: boolean;
  /** From now on /readyz says no, and every answer ends its connection. */
  begin(): void;
  /** From now on nothing new is begun either: this process can't be trusted any more. */
  refuse(): void;
}

/** How long a connection that is silent may still bring a request that was on its way. */
const LAST_REQUEST_MS = 500;
const LOOK_EVERY_MS = 20;

export function addDrain(app: FastifyInstance): Drain {
  let isDraining = false;
  let isRefusing = false;

  app.addHook('onRequest', async (request) => {
    if (isRefusing && !isForOperators(request)) throw new AppError('SHUTTING_DOWN');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isDraining) reply.header('connection', 'close');
  });
  app.addHook('preClose', async () => {
    isDraining = true;
    // node:http would hang up on every silent connection in the same moment, and on the request that has just been sent over it.
    Server.prototype.close.call(app.server);
    const deadline = performance.now() + LAST_REQUEST_MS;
    while (performance.now() < deadline && (await connections(app)) > 0) await sleep(LOOK_EVERY_MS);
    // Those that fall silent later would hold a stopping process for all of keepAliveMs.
    const timer = setInterval(() => app.server.closeIdleConnections(), 100).unref();
    app.server.once('close', () => clearInterval(timer));
  });

  return {
    get isDraining() {
      return isDraining;
    },
    begin: () => {
      isDraining = true;
    },
    refuse: () => {
      isDraining = true;
      isRefusing = true;
    },
  };
}

function connections({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
