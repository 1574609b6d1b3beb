// A closed loop of GETs over kept-alive connections, with as little work as can be: what it costs is taken from what it measures. Knows just
// enough of HTTP/1.1 to find the end of an answer that tells its length.
import { connect, type Socket } from 'node:net';
import type { GetOrder, LoadReport } from './load-order.ts';
import { startTally, type Tally } from './tally.ts';

interface Head {
  readonly status: number;
  readonly length: number;
  /** The server closes the connection behind this answer. */
  readonly closes: boolean;
  /** Where the body begins. */
  readonly end: number;
}

/** Undefined: there is more to come. @throws where the length is not told */
export function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const text = bytes.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  if (length === undefined) throw new Error(`an answer without Content-Length: ${text.slice(0, 100)}`);
  const closes = /\r\nconnection: *close/i.test(text);
  return { status: Number(text.slice(9, 12)), length: Number(length), closes, end: end + 4 };
}

interface Connection {
  /** The head of the answer, once its body has come. One at a time. */
  ask(request: string): Promise<Head>;
  close(): void;
}

function openConnection(host: string, port: number): Connection {
  const socket: Socket = connect({ host, port, noDelay: true });
  let waiting: { resolve: (head: Head) => void; reject: (error: unknown) => void } | undefined;
  let unread: Buffer | undefined;
  let head: Head | undefined;
  let left = 0;
  const begin = (chunk: Buffer): void => {
    unread = unread === undefined ? chunk : Buffer.concat([unread, chunk]);
    head = readHead(unread);
    if (head === undefined) return;
    left = head.length - (unread.length - head.end);
    unread = undefined;
  };
  const fail = (error: unknown): void => waiting?.reject(error);
  socket.on('data', (chunk: Buffer) => {
    try {
      if (head === undefined) begin(chunk);
      else left -= chunk.length;
      if (head === undefined || left > 0) return;
      waiting?.resolve(head);
      head = undefined;
    } catch (error) {
      fail(error);
    }
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed')));
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request, 'latin1');
      }),
    close: () => socket.destroy(),
  };
}

export async function runGetLoop(order: GetOrder): Promise<LoadReport> {
  const { hostname, port } = new URL(order.origin);
  const requests = order.paths.map((path) => requestFor(path, order));
  const tally = startTally();
  let started = 0;
  const client = async (): Promise<void> => {
    let connection: Connection | undefined;
    while (started < order.count && tally.refusedCount() <= order.count) {
      const request = requests[started++ % requests.length] ?? '';
      connection ??= openConnection(hostname, Number(port));
      if (await askOnce(connection, request, tally)) continue;
      connection.close();
      connection = undefined;
    }
    connection?.close();
  };
  await Promise.all(Array.from({ length: order.concurrency }, client));
  return tally.report();
}

/** False: the connection is of no use any more. */
async function askOnce(connection: Connection, request: string, tally: Tally): Promise<boolean> {
  const sentAt = performance.now();
  try {
    const { status, closes } = await connection.ask(request);
    if (status === 200) tally.accept(performance.now() - sentAt);
    else tally.refuse(String(status));
    return !closes;
  } catch {
    tally.refuse('error');
    return false;
  }
}

function requestFor(path: string, { origin, headers }: GetOrder): string {
  const all = Object.entries({ host: new URL(origin).host, ...headers });
  return `GET ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}
