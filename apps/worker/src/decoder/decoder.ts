// One decoder seen from the worker: a child process that reads one image after another, each with a deadline. The next may
// wait in its pipe already; when the process ends, only the one it was reading is to blame.
import type { Writable } from 'node:stream';
import { AppError, type Metadata } from '@tintype/core';
import { launch } from './launch.ts';
import { type DecodeAnswer, READY, Reader } from './messages.ts';
import { type DecodeTask, send } from './send.ts';

const KEPT_STDERR_CHARACTERS = 2000;

/** The process ended before it came to this task: nothing is known against it. */
export class NotBegunError extends Error {
  override readonly name = 'NotBegunError';
}

export interface Decoder {
  pid: number | undefined;
  /** Images it was given. */
  count: number;
  /** It was killed or ended by itself: it takes no more tasks. */
  readonly dead: boolean;
  /** It has loaded all it needs. */
  readonly ready: boolean;
  /** Rejects with DECODER_CRASHED, DECODER_TIMEOUT or {@link NotBegunError} when the process ends first. */
  run(task: DecodeTask): Promise<Metadata>;
  /** Resolves when the process has ended. */
  gone: Promise<void>;
  kill(): void;
}

interface Pending {
  settle: (answer: DecodeAnswer | Error) => void;
  /** All of it is in the decoder's pipe, or the decoder keeps the rest waiting: its time runs. */
  owed: boolean;
  timer?: NodeJS.Timeout | undefined;
}

export interface DecoderLimits {
  /** Address space. */
  memoryBytes: number;
  /** For one image, from when it and those before it are done with. */
  timeoutMs: number;
}

/** Longest time a decoder may take to load. */
const START_TIMEOUT_MS = 60_000;

export function startDecoder({ memoryBytes, timeoutMs }: DecoderLimits): Decoder {
  const child = launch(memoryBytes);
  const input = child.stdin as Writable;
  const reader = new Reader();
  const pending: Pending[] = [];
  let ready = false;
  let late = false;
  let lastWords = '';
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const isDead = () => child.killed || child.exitCode !== null || child.signalCode !== null;
  const startTimer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);

  /** The clock of the first task runs while the decoder owes something, never while the source does. */
  function setClock(): void {
    const [first] = pending;
    if (first === undefined) return;
    if (!ready || !first.owed) {
      clearTimeout(first.timer);
      first.timer = undefined;
    } else
      first.timer ??= setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, timeoutMs);
  }

  function hear(line: string): void {
    if (line === READY) {
      ready = true;
      clearTimeout(startTimer);
    } else {
      const task = pending.shift();
      clearTimeout(task?.timer);
      task?.settle(JSON.parse(line));
    }
    setClock();
  }

  function end(reason: Error): void {
    clearTimeout(startTimer);
    const begun = ready ? pending.shift() : undefined;
    clearTimeout(begun?.timer);
    begun?.settle(new AppError(late ? 'DECODER_TIMEOUT' : 'DECODER_CRASHED', { cause: reason }));
    for (const task of pending.splice(0))
      task.settle(new NotBegunError('the decoder ended', { cause: reason }));
  }

  // A dead child's pipe breaks: what that means is told by its end, not by the pipe.
  input.on('error', () => undefined);
  child.stderr?.on('data', (text) => {
    lastWords = (lastWords + text).slice(-KEPT_STDERR_CHARACTERS);
  });
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    for (let line = reader.line(); line !== undefined; line = reader.line()) hear(line);
  });
  child.on('error', end);
  child.once('close', (code, signal) =>
    end(new Error(`decoder ended with ${signal ?? code}: ${lastWords.trim()}`)),
  );

  return {
    pid: child.pid,
    get dead() {
      return isDead();
    },
    get ready() {
      return ready;
    },
    count: 0,
    gone,
    kill: () => child.kill('SIGKILL'),
    async run(task) {
      if (isDead()) throw new NotBegunError('the decoder is gone');
      this.count += 1;
      let entry: Pending | undefined;
      const answered = new Promise<DecodeAnswer | Error>((settle) => {
        entry = { settle, owed: false };
        pending.push(entry);
      });
      const owe = (owed: boolean) => () => {
        if (entry !== undefined) entry.owed = owed;
        setClock();
      };
      const sent = send(task, input, { onBlocked: owe(true), onDrained: owe(false) }).then(owe(true));
      try {
        // A dead decoder answers before all is sent; a source that breaks off ends the waiting for an answer.
        return unwrap(await Promise.race([answered, sent.then(() => answered)]));
      } catch (error) {
        if (pending.length > 0 && !isAnswer(error)) child.kill('SIGKILL');
        throw error;
      } finally {
        if (!(task.body instanceof Uint8Array)) task.body.destroy();
      }
    },
  };
}

/** The decoder itself said what is wrong with the image: it is well and goes on. */
function isAnswer(error: unknown): boolean {
  return error instanceof AppError && error.code === 'IMAGE_UNREADABLE';
}

function unwrap(answer: DecodeAnswer | Error): Metadata {
  if (answer instanceof Error) throw answer;
  if ('metadata' in answer) return answer.metadata;
  const { code, message, detail } = answer.error;
  throw new AppError(code, { message, cause: detail });
}
