// A server that is sent webhooks, and behaves as it is told.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface Received {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** By `performance.now()`, and by the clock on the wall. */
  at: number;
  wall: number;
}

export type Behave = (response: ServerResponse, request: IncomingMessage, received: Received) => void;

export interface WebhookReceiver {
  url: string;
  port: number;
  received: Received[];
  /** Requests that are not answered yet. */
  open: () => number;
  behave(next: Behave): void;
  close(): Promise<void>;
}

export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Behave =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };

export const hang: Behave = () => undefined;

export async function startReceiver(t: Test, first: Behave = answer(204)): Promise<WebhookReceiver> {
  const received: Received[] = [];
  let behave = first;
  let open = 0;
  const server = createServer(async (request, response) => {
    open += 1;
    response.on('close', () => {
      open -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one: Received = {
      url: request.url ?? '',
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks).toString(),
      at: performance.now(),
      wall: Date.now(),
    };
    received.push(one);
    behave(response, request, one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  t.teardown(close);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    open: () => open,
    behave: (next) => {
      behave = next;
    },
    close,
  };
}
