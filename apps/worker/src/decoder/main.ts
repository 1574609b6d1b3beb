// A decoder's process: files come in one after another on standard input, documents go out. It may be killed at any time.
// It holds no connection, no credential and no path.
import { writeSync } from 'node:fs';
import { AppError } from '@tintype/core/contract';
import { inspect } from '../image/inspect.ts';
import { ANSWER_FD, type DecodeAnswer, type DecodeRequest, READY, Reader } from './messages.ts';

const reader = new Reader();
let request: DecodeRequest | undefined;
let busy = false;

/** What large files leave behind fills the room of the next: Node.js itself would let more of it gather than a decoder may hold. */
const LARGE_BYTES = 1024 * 1024;
const MAX_LEFT_BEHIND_BYTES = 16 * LARGE_BYTES;
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

/** How many bytes the file had; undefined while the next one is not all here. */
async function answerNext(): Promise<number | undefined> {
  request ??= parse(reader.line());
  const bytes = request && reader.bytes(request.bodyBytes);
  if (request === undefined || bytes === undefined) return;
  const { file, options } = request;
  request = undefined;
  answer(await inspect(bytes, file, options).then((metadata) => ({ metadata }), describe));
  return bytes.length;
}

function parse(line: string | undefined): DecodeRequest | undefined {
  return line === undefined ? undefined : (JSON.parse(line) as DecodeRequest);
}

function describe(error: unknown): DecodeAnswer {
  const known = error instanceof AppError ? error : new AppError('IMAGE_UNREADABLE', { cause: error });
  return { error: { code: known.code, message: known.message, detail: String(known.cause ?? '') } };
}

function answer(message: DecodeAnswer): void {
  say(JSON.stringify(message));
}

function say(text: string): void {
  const line = Buffer.from(`${text}\n`);
  for (let written = 0; written < line.length; ) written += writeSync(ANSWER_FD, line, written);
}

process.stdin.on('data', (chunk: Buffer) => {
  reader.push(chunk);
  void answerAll();
});

say(READY);
