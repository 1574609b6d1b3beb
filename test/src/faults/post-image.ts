// One POST of one image, once: what came back, after how long. Never throws: no answer is an answer too.
import { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import type { Picture } from '../service/pictures.ts';

export interface Order {
  /** The Idempotency-Key; undefined sends none. */
  key: string | undefined;
  picture: Picture;
  fields?: Record<string, string>;
  /** Sends the first half, and the rest when this resolves. */
  pauseAtHalf?: Promise<unknown>;
  /** Ends the connection. */
  signal?: AbortSignal;
}

export interface Answer {
  /** When it was sent: milliseconds of the clock on the wall. */
  at: number;
  ms: number;
  /** 0: there was none. */
  status: number;
  error?: string;
  retryAfterSeconds?: number;
  replayed: boolean;
  duplicate: boolean;
  body: Record<string, unknown>;
}

export interface Door {
  address: string;
  apiKey: string;
  dispatcher: Dispatcher;
}

/** Longer than anything may take: who waits so long has met a hang. */
export const POST_TIMEOUT_MS = 15_000;

const BOUNDARY = 'tintype-faults-7d3f0c';

function multipart({ picture, fields = {} }: Order): Buffer {
  const texts = Object.entries(fields).map(
    ([name, value]) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="image"; filename="${picture.fileName}"\r\ncontent-type: ${picture.mimeType}\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(texts.join('') + head),
    picture.bytes,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);
}

async function* inHalves(bytes: Buffer, pause: Promise<unknown>): AsyncGenerator<Buffer> {
  const half = bytes.length >> 1;
  yield bytes.subarray(0, half);
  await pause;
  yield bytes.subarray(half);
}

export async function postImage({ address, apiKey, dispatcher }: Door, order: Order): Promise<Answer> {
  const at = Date.now();
  const begunAt = performance.now();
  const body = multipart(order);
  const timeout = AbortSignal.timeout(POST_TIMEOUT_MS);
  const signal = order.signal === undefined ? timeout : AbortSignal.any([timeout, order.signal]);
  try {
    const answer = await request(`${address}/v1/jobs`, {
      method: 'POST',
      dispatcher,
      signal,
      headers: {
        'x-api-key': apiKey,
        'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
        ...(order.key !== undefined && { 'idempotency-key': order.key }),
      },
      body: order.pauseAtHalf === undefined ? body : Readable.from(inHalves(body, order.pauseAtHalf)),
    });
    const text = await answer.body.text();
    const retryAfter = answer.headers['retry-after'];
    return {
      at,
      ms: performance.now() - begunAt,
      status: answer.statusCode,
      ...(retryAfter !== undefined && { retryAfterSeconds: Number(retryAfter) }),
      replayed: answer.headers['idempotent-replayed'] === 'true',
      duplicate: answer.headers['tintype-duplicate'] === 'true',
      body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    const ms = performance.now() - begunAt;
    const why = timeout.aborted ? 'TIMEOUT' : (code ?? name);
    return { at, ms, status: 0, error: why, replayed: false, duplicate: false, body: {} };
  }
}
