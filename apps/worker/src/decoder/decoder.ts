// One decoder seen from the worker: a child process that reads one image at a time, with a memory limit and a deadline.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { AppError, type Metadata } from '@tintype/core';
import { type DecodeAnswer, type DecodeRequest, Reader } from './messages.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const KEPT_STDERR_CHARACTERS = 2000;

/** A file to be inspected: its bytes in memory, or a stream of exactly `bodyBytes` of them. */
export interface DecodeTask extends DecodeRequest {
  body: Uint8Array | Readable;
}

export interface Decoder {
  pid: number | undefined;
  /** Images it has read. */
  count: number;
  /** Rejects with DECODER_CRASHED or DECODER_TIMEOUT; the decoder is dead then. */
  run(task: DecodeTask): Promise<Metadata>;
  /** It was killed or ended by itself: it takes no more tasks. */
  readonly dead: boolean;
  /** Resolves when the process has ended. */
  gone: Promise<void>;
  kill(): void;
}

export function startDecoder({
  memoryBytes,
  timeoutMs,
}: {
  memoryBytes: number;
  timeoutMs: number;
}): Decoder {
  const child = launch(memoryBytes);
  const input = child.stdin as Writable;
  const reader = new Reader();
  let settle: ((answer: DecodeAnswer | Error) => void) | undefined;
  let lastWords = '';
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));

  // A dead child's pipe breaks: what that means is told by its end, not by the pipe.
  input.on('error', () => undefined);
  child.on('error', (error) => settle?.(error));
  child.stderr?.on('data', (text) => {
    lastWords = (lastWords + text).slice(-KEPT_STDERR_CHARACTERS);
  });
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    for (let line = reader.line(); line !== undefined; line = reader.line()) settle?.(JSON.parse(line));
  });
  child.once('close', (code, signal) =>
    settle?.(new Error(`decoder ended with ${signal ?? code}: ${lastWords.trim()}`)),
  );

  const isDead = () => child.killed || child.exitCode !== null || child.signalCode !== null;

  const decoder: Decoder = {
    pid: child.pid,
    get dead() {
      return isDead();
    },
    count: 0,
    gone,
    kill: () => child.kill('SIGKILL'),
    run: async (task) => {
      decoder.count += 1;
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, timeoutMs);
      try {
        const answered = new Promise<DecodeAnswer | Error>((resolve) => {
          settle = resolve;
        });
        if (isDead()) settle?.(new Error('decoder is gone'));
        // A dead decoder answers before all is sent; a source that breaks off ends the waiting for an answer.
        const answer = await Promise.race([answered, send(task, input).then(() => answered)]);
        return unwrap(answer, late);
      } catch (error) {
        if (!isAnswer(error)) child.kill('SIGKILL');
        throw error;
      } finally {
        settle = undefined;
        clearTimeout(timer);
        if (!(task.body instanceof Uint8Array)) task.body.destroy();
      }
    },
  };
  return decoder;
}

/** The decoder itself said what is wrong: it is well and waits for the next image. */
function isAnswer(error: unknown): boolean {
  return error instanceof AppError && error.code === 'IMAGE_UNREADABLE';
}

function unwrap(answer: DecodeAnswer | Error, late: boolean): Metadata {
  if (late) throw new AppError('DECODER_TIMEOUT', { cause: answer });
  if (answer instanceof Error) throw new AppError('DECODER_CRASHED', { cause: answer });
  if ('metadata' in answer) return answer.metadata;
  const { code, message, detail } = answer.error;
  throw new AppError(code, { message, cause: detail });
}

async function send({ file, body, bodyBytes }: DecodeTask, input: Writable): Promise<void> {
  // Corked: line and bytes leave in one call.
  input.cork();
  input.write(`${JSON.stringify({ file, bodyBytes } satisfies DecodeRequest)}\n`);
  if (body instanceof Uint8Array) input.write(body);
  input.uncork();
  if (body instanceof Uint8Array) return;
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > bodyBytes || input.destroyed) break;
      if (!input.write(chunk)) await drained(input);
    }
  } catch (cause) {
    throw new AppError('OBJECT_STORE_UNAVAILABLE', { cause });
  }
  if (bytes !== bodyBytes && !input.destroyed) throw new AppError('ORIGINAL_CORRUPT');
}

/** Resolves when more can be written, or when nothing can be written any more. */
async function drained(input: Writable): Promise<void> {
  if (input.destroyed) return;
  await new Promise<void>((resolve) => {
    const settle = () => {
      input.off('drain', settle).off('close', settle);
      resolve();
    };
    input.on('drain', settle).on('close', settle);
  });
}

/**
 * The address-space limit is the shell's: Node.js has no call for it. The decoder gets no environment but what it needs;
 * NODE_OPTIONS, which tools slip into children, would cost it the memory that is meant for images.
 */
function launch(memoryBytes: number): ChildProcess {
  const node = [process.execPath, '--max-old-space-size=256', MAIN];
  const [command, ...args] =
    process.platform === 'linux'
      ? [
          '/bin/sh',
          '-c',
          `unset NODE_OPTIONS; ulimit -v ${Math.floor(memoryBytes / 1024)}; exec "$0" "$@"`,
          ...node,
        ]
      : node;
  return spawn(command as string, args, {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    env: {
      // libvips refuses loaders that were never fuzzed.
      VIPS_BLOCK_UNTRUSTED: '1',
      // Measured: glibc otherwise gives memory back after each image and asks for it again.
      MALLOC_MMAP_THRESHOLD_: '1000000',
      UV_THREADPOOL_SIZE: '2',
    },
  });
}
