// One request over a bare socket of its own, and the first answer that comes back.
import { connect } from 'node:net';
import { type Answer, isStream, type Outcome, STREAM_MS, TIME_LIMIT_MS } from './answer.ts';
import { mayStaySilent, toWire, type WireTwist, type Written } from './wire.ts';

export function sendByHand(address: string, request: Written, wire: WireTwist): Promise<Outcome> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    let received = '';
    let stream: NodeJS.Timeout | undefined;

    function end(outcome: Outcome): void {
      clearTimeout(limit);
      clearTimeout(stream);
      socket.destroy();
      resolve(outcome);
    }
    const limit = setTimeout(
      () => end({ silence: 'hangs', reason: `no answer within ${TIME_LIMIT_MS} ms` }),
      TIME_LIMIT_MS,
    );
    const settle = (isEnd: boolean, reason: string) => {
      const answer = readAnswer(received, { isEnd, method: request.method });
      if (answer !== undefined) end({ answer });
      else if (isEnd) end({ silence: 'closed', reason });
    };

    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      settle(false, '');
      if (stream === undefined && /\r\ncontent-type: text\/event-stream/i.test(received))
        stream = setTimeout(() => settle(true, 'the stream was cut'), STREAM_MS);
    });
    socket.once('end', () => settle(true, 'closed without an answer'));
    socket.once('error', (error) => settle(true, error.message));
    socket.once('close', () => settle(true, 'closed without an answer'));
    socket.write(toWire(request, wire));
    // Nothing more will come: who waits for it need not.
    if (mayStaySilent(wire)) socket.end();
  });
}

/** Undefined while it is not whole. `isEnd`: nothing more comes, so that is all. */
export function readAnswer(
  received: string,
  { isEnd, method }: { isEnd: boolean; method: string },
): Answer | undefined {
  const end = received.indexOf('\r\n\r\n');
  const [, code] = /^HTTP\/1\.[01] (\d{3})/.exec(received) ?? [];
  if (end < 0 || code === undefined) return undefined;
  const rest = received.slice(end + 4);
  const status = Number(code);
  if (status < 200 && status !== 101) return readAnswer(rest, { isEnd, method });
  const headers = readHeaders(received.slice(0, end));
  const isEmpty = method === 'HEAD' || status === 204 || status === 304;
  const body = isEmpty ? '' : readBody(rest, headers);
  if (body === undefined && !isEnd) return undefined;
  const isCut = body === undefined && isStream(headers['content-type']);
  return { status, headers, body: Buffer.from(body ?? rest, 'latin1'), isCut };
}

function readHeaders(head: string): Record<string, string> {
  const lines = head.split('\r\n').slice(1);
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function readBody(rest: string, headers: Record<string, string>): string | undefined {
  const length = headers['content-length'];
  if (length !== undefined) return rest.length >= Number(length) ? rest.slice(0, Number(length)) : undefined;
  return headers['transfer-encoding'] === 'chunked' ? readChunks(rest) : undefined;
}

function readChunks(rest: string): string | undefined {
  let body = '';
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(rest.slice(at, line), 16);
    if (size === 0) return body;
    if (rest.length < line + 2 + size + 2) return undefined;
    body += rest.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
