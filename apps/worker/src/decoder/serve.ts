// The loop of every decoder's process: files come in one after another on standard input, what is made of them goes out. It may be
// killed at any time. It holds no connection, no credential and no path, and does not know what is made.
import { writeSync } from 'node:fs';
import { AppError } from '@tintype/core/contract';
import { ANSWER_FD, type Answer, type Found, READY, Reader, type Request } from './messages.ts';

/** What large files leave behind fills the room of the next: Node.js itself would let more of it gather than a decoder may hold. */
const LARGE_BYTES = 1024 * 1024;
const MAX_LEFT_BEHIND_BYTES = 16 * LARGE_BYTES;

/** @param make what it throws, if it is no AppError, is the image's fault */
export function serve<Wish, Facts>(make: (bytes: Buffer, wish: Wish) => Promise<Found<Facts>>): void {
  const reader = new Reader();
  let request: Request<Wish> | undefined;
  let busy = false;
  let leftBehindBytes = 0;

  async function answerAll(): Promise<void> {
    if (busy) return;
    busy = true;
    for (;;) {
      const bytes = await answerNext();
      if (bytes === undefined) break;
      if (bytes > LARGE_BYTES) leftBehindBytes += bytes;
      if (leftBehindBytes < MAX_LEFT_BEHIND_BYTES) continue;
      leftBehindBytes = 0;
      globalThis.gc?.();
    }
    busy = false;
  }

  /** How many bytes came and went; undefined while the next file is not all here. */
  async function answerNext(): Promise<number | undefined> {
    request ??= parse(reader.line());
    const body = request && reader.bytes(request.bodyBytes);
    if (request === undefined || body === undefined) return;
    const { wish } = request;
    request = undefined;
    const [answer, bytes] = await make(body, wish).then(announce, describe);
    say(Buffer.from(`${JSON.stringify(answer)}\n`));
    if (bytes !== undefined) say(bytes);
    return body.length + (bytes?.length ?? 0);
  }

  process.stdin.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    void answerAll();
  });

  say(Buffer.from(`${READY}\n`));
}

function parse<Wish>(line: string | undefined): Request<Wish> | undefined {
  return line === undefined ? undefined : (JSON.parse(line) as Request<Wish>);
}

function announce<Facts>({ facts, bytes }: Found<Facts>): [Answer<Facts>, Buffer?] {
  return bytes === undefined ? [{ facts }] : [{ facts, bodyBytes: bytes.length }, bytes];
}

function describe(error: unknown): [Answer<never>] {
  const known = error instanceof AppError ? error : new AppError('IMAGE_UNREADABLE', { cause: error });
  return [{ error: { code: known.code, message: known.message, detail: String(known.cause ?? '') } }];
}

function say(bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(ANSWER_FD, bytes, written);
}
