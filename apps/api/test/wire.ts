// A client that writes its own bytes: for answers that come early, and for those who hang up.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestApi } from './app.ts';
import { BOUNDARY } from './client.ts';

export interface Wire {
  socket: Socket;
  /** Resolves when the bytes are out of our hands, or false when the other side has closed. */
  send(bytes: Uint8Array | string): Promise<boolean>;
  /** Everything the server said until it closed, or until `isEnough`. */
  read(isEnough?: (text: string) => boolean): Promise<string>;
}

/** With `stubborn` it goes on when the server has said goodbye. */
export async function openWire(api: TestApi, { stubborn = false } = {}): Promise<Wire> {
  const socket = connect({ port: api.port, host: '127.0.0.1', allowHalfOpen: stubborn });
  await once(socket, 'connect');
  let text = '';
  let closed = false;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
  });
  return {
    socket,
    send: async (bytes) => {
      if (closed || !socket.writable) return false;
      if (socket.write(bytes)) return true;
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
      return !closed;
    },
    read: async (isEnough = () => false) => {
      while (!closed && !isEnough(text)) {
        await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => undefined);
      }
      return text;
    },
  };
}

/** The head of a POST /v1/jobs; `headers` end it with how the body's length is told. */
export function postHead(api: TestApi, headers: string[], { key = api.key } = {}): string {
  const own = [
    'host: test',
    `x-api-key: ${key}`,
    `content-type: multipart/form-data; boundary=${BOUNDARY}`,
    ...headers,
  ];
  return `POST /v1/jobs HTTP/1.1\r\n${own.join('\r\n')}\r\n\r\n`;
}

/** The head of a file part. */
export const FILE_HEAD = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="image"; filename="a.png"\r\n\r\n`;
export const FORM_END = `\r\n--${BOUNDARY}--\r\n`;

/** One chunk of `transfer-encoding: chunked`. */
export function chunked(bytes: Uint8Array | string): Buffer {
  const body = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}
