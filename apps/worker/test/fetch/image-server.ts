// A server of images, with all the manners that servers have. What it does is told by the path.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import t from 'tap';
import { makeJpeg } from '../worker-setup.ts';

export const JPEG = await makeJpeg();
/** Larger than what is stored by one call. */
export const LARGE_PNG = await noise(600, 400);
/** Larger than the tests allow. */
export const TOO_LARGE_PNG = await noise(1000, 900);
export const MAX_FETCH_BYTES = 2_000_000;

async function noise(width: number, height: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  // A fixed sequence: what it looks like does not matter, but that it can not be compressed.
  for (let index = 0, state = 1; index < pixels.length; index += 1) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    pixels[index] = state >> 16;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

type Manner = (answer: ServerResponse, about: { request: IncomingMessage; visit: number }) => void;

const send =
  (body: Buffer | string, headers: Record<string, string> = {}, status = 200): Manner =>
  (answer) =>
    answer.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
const leadTo = (location: string, status = 302): Manner => send('', { location }, status);
const encoded = (body: Buffer, encoding: string): Manner =>
  send(body, { 'content-encoding': encoding, 'content-type': 'image/jpeg' });
const chunked =
  (body: Buffer): Manner =>
  (answer) => {
    answer.write(body.subarray(0, 100));
    answer.end(body.subarray(100));
  };
const breakOff =
  (body: Buffer, after: number): Manner =>
  (answer) => {
    answer.writeHead(200, { 'content-length': body.length });
    answer.write(body.subarray(0, after), () => setTimeout(() => answer.destroy(), 20));
  };
const firstThen =
  (first: Manner, then: Manner): Manner =>
  (answer, about) =>
    (about.visit === 1 ? first : then)(answer, about);

export const MANNERS: Record<string, Manner> = {
  '/plate.jpg': send(JPEG, { 'content-type': 'image/jpeg; charset=binary' }),
  '/large.png': send(LARGE_PNG, { 'content-type': 'image/png' }),
  '/chunked.png': chunked(LARGE_PNG),
  '/html-as-jpeg': send('<!doctype html><p>no</p>', { 'content-type': 'image/jpeg' }),
  '/jpeg-as-html': send(JPEG, { 'content-type': 'text/html' }),
  '/empty': send(''),
  '/no-content': (answer) => answer.writeHead(204).end(),
  '/too-large': send(TOO_LARGE_PNG),
  '/too-large-chunked': chunked(TOO_LARGE_PNG),
  '/says-it-is-large': (answer) => answer.writeHead(200, { 'content-length': '99999999999' }).write(JPEG),
  '/no-headers': () => undefined,
  '/no-body': (answer) => answer.writeHead(200, { 'content-length': '9999' }).flushHeaders(),
  '/stalls': (answer) => answer.writeHead(200, { 'content-length': LARGE_PNG.length }).write(JPEG),
  '/drips': (answer) => {
    answer.writeHead(200).write(JPEG.subarray(0, 20));
    const timer = setInterval(() => answer.write('.'), 50);
    answer.on('close', () => clearInterval(timer));
  },
  '/breaks-off': breakOff(JPEG, 100),
  '/breaks-off-late': breakOff(LARGE_PNG, 500_000),
  '/breaks-off-once.jpg': firstThen(breakOff(JPEG, 100), send(JPEG)),
  '/breaks-off-late-once.png': firstThen(breakOff(LARGE_PNG, 500_000), send(LARGE_PNG)),
  '/hangs-up': (answer) => void answer.socket?.destroy(),
  '/redirect-1': leadTo('/plate.jpg', 301),
  '/redirect-2': leadTo('redirect-1', 307),
  '/redirect-3': leadTo('/redirect-2?x=1', 308),
  '/redirect-4': leadTo('/redirect-3', 303),
  '/loop': leadTo('/loop'),
  '/to-private': leadTo('http://10.0.0.1/secret'),
  '/to-metadata': leadTo('http://169.254.169.254/latest/'),
  '/to-ipv6': leadTo('http://[::1]/'),
  '/to-file': leadTo('file:///etc/passwd'),
  '/to-user': leadTo('http://user:password@127.0.0.1/'),
  '/to-nowhere': leadTo('http://'),
  '/to-nothing': (answer) => answer.writeHead(302).end(),
  '/gzip': encoded(gzipSync(JPEG), 'gzip'),
  '/x-gzip': encoded(gzipSync(JPEG), 'X-GZIP'),
  '/deflate': encoded(deflateSync(JPEG), 'deflate'),
  '/br': encoded(brotliCompressSync(JPEG), 'br'),
  '/gzip-bomb': encoded(gzipSync(Buffer.concat([JPEG, Buffer.alloc(50_000_000)])), 'gzip'),
  '/gzip-broken': encoded(Buffer.concat([gzipSync(JPEG).subarray(0, 60), Buffer.alloc(40, 7)]), 'gzip'),
  '/unknown-encoding': encoded(Buffer.from('whatever this is'), 'zstd'),
  '/busy-once.jpg': firstThen(send('', { 'retry-after': '1' }, 429), send(JPEG)),
  '/named': send(JPEG, {
    'content-disposition': `attachment; filename="x.jpg"; filename*=UTF-8''Glas%C3%BCr%2Fplate.jpg`,
  }),
};
for (const status of [206, 300, 304, 400, 401, 403, 404, 408, 410, 418, 425, 429, 451, 500, 502, 503, 504])
  MANNERS[`/${status}`] = send(status === 304 ? '' : 'no', {}, status);

export interface ImageServer {
  origin: string;
  /** Connections that are open. */
  connections(): number;
  /** Visits of a path. */
  visits(path: string): number;
  seen: { path: string; headers: IncomingMessage['headers'] }[];
}

export async function startImageServer(manners = MANNERS): Promise<ImageServer> {
  const visits = new Map<string, number>();
  const seen: ImageServer['seen'] = [];
  let connections = 0;
  const server = createServer((request, answer) => {
    const path = request.url?.split('?')[0] ?? '';
    const visit = (visits.get(path) ?? 0) + 1;
    visits.set(path, visit);
    seen.push({ path, headers: request.headers });
    (manners[path] ?? send('', {}, 404))(answer, { request, visit });
  });
  server.on('connection', (socket) => {
    connections += 1;
    socket.on('close', () => {
      connections -= 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    connections: () => connections,
    visits: (path) => visits.get(path) ?? 0,
    seen,
  };
}

/** Answers, and not in HTTP. */
export async function startOtherServer(): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** An address at which nobody listens. */
export async function findDeadEnd(): Promise<string> {
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}/`;
}
