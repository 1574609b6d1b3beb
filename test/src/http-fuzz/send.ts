// Sends requests over a few connections that are used again and again, and by hand what no client library would send.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import { isStream, type Outcome, STREAM_MS, TIME_LIMIT_MS } from './answer.ts';
import { sendByHand } from './send-by-hand.ts';
import { bytesOf, type WireTwist, type Written } from './wire.ts';

export interface Sender {
  send(request: Written, wire: WireTwist): Promise<Outcome>;
  close(): Promise<void>;
}

export function openSender(address: string, { connections }: { connections: number }): Sender {
  const pool = new Pool(address, { connections, pipelining: 1, keepAliveTimeout: 30_000 });

  async function sendOver(request: Written): Promise<Outcome> {
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    try {
      const answer = await pool.request({
        method: request.method as Dispatcher.HttpMethod,
        path: bytesOf(request.target),
        headers: request.headers.flatMap(([name, value]) => [name, bytesOf(value).trim()]),
        body: request.body ?? null,
        signal,
      });
      const headers = Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? (value.at(-1) ?? '') : (value ?? ''),
        ]),
      );
      const isCut = isStream(headers['content-type']);
      const body = isCut ? await beginning(answer.body) : Buffer.from(await answer.body.arrayBuffer());
      return { answer: { status: answer.statusCode, headers, body, isCut } };
    } catch (error) {
      const { message, name } = error as Error;
      return { silence: signal.aborted ? 'hangs' : 'closed', reason: `${name}: ${message}` };
    }
  }

  return {
    send: async (request, wire) => {
      if (wire !== 'keep-alive' || !isPlain(request)) return sendByHand(address, request, wire);
      const outcome = await sendOver(request);
      // A connection that is kept may be closed from afar just when it is used again.
      return 'silence' in outcome && outcome.silence === 'closed'
        ? sendByHand(address, request, wire)
        : outcome;
    },
    close: () => pool.destroy(),
  };
}

async function beginning(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  body.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
  const ended = new Promise((resolve) => body.once('end', resolve).once('close', resolve));
  await Promise.race([ended, sleep(STREAM_MS)]);
  body.destroy();
  return Buffer.concat(chunks);
}

/** What the client minds itself. */
const ITS_OWN = new Set([
  'connection',
  'transfer-encoding',
  'upgrade',
  'expect',
  'keep-alive',
  'content-length',
  'host',
]);

/** Whether a client library would send it. */
export function isPlain({ method, target, headers }: Written): boolean {
  return (
    /^[A-Z-]+$/.test(method) &&
    method !== 'CONNECT' &&
    /^\/[\x21-\xff]*$/.test(bytesOf(target)) &&
    headers.every(
      ([name, value]) =>
        !ITS_OWN.has(name) && /^[\w-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(bytesOf(value)),
    )
  );
}
