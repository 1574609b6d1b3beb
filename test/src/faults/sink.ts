// Who is called back: takes webhooks, checks their signatures with the reference library, remembers each; and can fail in every way
// a receiver fails.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTcpProxy, type TcpProxy } from '@tintype/local';
import { Webhook } from 'standardwebhooks';

/** `lost`: it takes the event, and its answer never arrives. */
export type SinkMode = 'ok' | 'error' | 'hang' | 'lost';

export interface Received {
  /** The path without its slash: who was called. */
  path: string;
  eventId: string;
  type: string;
  jobId: string;
  /** How often it came, and how often it was taken: answered, or at least kept. */
  times: number;
  taken: number;
}

export interface Sink {
  proxy: TcpProxy;
  url(path: string): string;
  mode(mode: SinkMode): void;
  /** Checks what comes to this path, or to all paths that begin with it, by this secret. */
  trust(prefix: string, secret: string): void;
  received(): Received[];
  /** Requests whose signature was wrong. */
  forged(): number;
  /** Requests that were refused, left hanging or not answered. */
  failed(): number;
  close(): Promise<void>;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export async function openSink(): Promise<Sink> {
  const received = new Map<string, Received>();
  const secrets = new Map<string, Webhook>();
  let mode: SinkMode = 'ok';
  let forged = 0;
  let failed = 0;

  function isGenuine(path: string, body: string, headers: IncomingMessage['headers']): boolean {
    const secret = [...secrets].find(([prefix]) => path.startsWith(prefix))?.[1];
    if (secret === undefined) return secrets.size === 0;
    try {
      secret.verify(body, headers as Record<string, string>);
      return true;
    } catch {
      return false;
    }
  }

  function remember(path: string, eventId: string, body: string): Received {
    const { type, data } = JSON.parse(body) as { type: string; data: { job: { id: string } } };
    const name = `${path} ${eventId}`;
    const jobId = data.job.id;
    const known = received.get(name) ?? { path, eventId, type, jobId, times: 0, taken: 0 };
    known.times += 1;
    received.set(name, known);
    return known;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').slice(1);
    const body = await readBody(request);
    if (!isGenuine(path, body, request.headers)) {
      forged += 1;
      return void response.writeHead(401).end();
    }
    const event = remember(path, String(request.headers['webhook-id'] ?? ''), body);
    if (mode !== 'ok') failed += 1;
    if (mode === 'hang') return;
    if (mode === 'error') return void response.writeHead(500).end('The sink fails on purpose.');
    event.taken += 1;
    if (mode === 'lost') return void request.socket.destroy();
    response.writeHead(204).end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = await startTcpProxy({ port });

  return {
    proxy,
    url: (path) => proxy.through(`http://127.0.0.1:${port}/${path}`),
    mode: (next) => {
      mode = next;
    },
    trust: (prefix, secret) => secrets.set(prefix, new Webhook(secret)),
    received: () => [...received.values()],
    forged: () => forged,
    failed: () => failed,
    close: async () => {
      await proxy.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
