// One decoder seen from the worker: a child process that reads one image after another, each with a deadline. The next may
// wait in its pipe already; when the process ends, only the one it was reading is to blame.
import type { Writable } from 'node:stream';
import { AppError } from '@tintype/core';
import { type LaunchOptions, launch } from './launch.ts';
import { type Answer, type Found, READY, Reader } from './messages.ts';
import { send, type Task } from './send.ts';

const KEPT_STDERR_CHARACTERS = 2000;

/** The process ended before it came to this task: nothing is known against it. */
export class NotBegunError extends Error {
  override readonly name = 'NotBegunError';
}

export interface Decoder<Wish, Facts> {
  pid: number | undefined;
  /** Images it was given. */
  count: number;
  /** It was killed or ended by itself: it takes no more tasks. */
  readonly dead: boolean;
  /** It has loaded all it needs. */
  readonly ready: boolean;
  /** Rejects with DECODER_CRASHED, DECODER_TIMEOUT or {@link NotBegunError} when the process ends first. */
  run(task: Task<Wish>): Promise<Found<Facts>>;
  /** Resolves when the process has ended. */
  gone: Promise<void>;
  kill(): void;
}

interface Pending<Facts> {
  settle: (answer: Found<Facts> | Error) => void;
  /** All of it is in the decoder's pipe, or the decoder keeps the rest waiting: its time runs. */
  owed: boolean;
  timer?: NodeJS.Timeout | undefined;
}

export interface DecoderOptions extends LaunchOptions {
  /** For one image, from when it and those before it are done with. */
  timeoutMs: number;
}

/** Longest time a decoder may take to load. */
const START_TIMEOUT_MS = 60_000;

/** More than any program may hold: whoever announces more has gone mad. */
const MAX_ANSWER_BYTES = 1024 ** 3;

export function startDecoder<Wish, Facts>({ timeoutMs, ...options }: DecoderOptions): Decoder<Wish, Facts> {
  const child = launch(options);
  const input = child.stdin as Writable;
  const reader = new Reader();
  const pending: Pending<Facts>[] = [];
  let announced: Answer<Facts> | undefined;
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

  /** Whether there was something whole to hear. */
  function hearNext(): boolean {
    if (announced === undefined) {
      const line = reader.line();
      if (line === undefined) return false;
      if (line === READY) return begin();
      announced = JSON.parse(line) as Answer<Facts>;
    }
    const found = complete(announced, reader);
    if (found === undefined) return false;
    announced = undefined;
    const task = pending.shift();
    clearTimeout(task?.timer);
    task?.settle(found);
    return true;
  }

  function begin(): true {
    ready = true;
    clearTimeout(startTimer);
    return true;
  }

  function hear(chunk: Buffer): void {
    reader.push(chunk);
    try {
      while (hearNext()) setClock();
    } catch {
      // What it says makes no sense: it is as good as crashed.
      child.kill('SIGKILL');
    }
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
  child.stdio[3]?.on('data', hear);
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
      let entry: Pending<Facts> | undefined;
      const answered = new Promise<Found<Facts> | Error>((settle) => {
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
        // Its source broke off: the decoder waits for bytes that never come.
        if (entry !== undefined && pending.includes(entry)) child.kill('SIGKILL');
        throw error;
      } finally {
        if (!(task.body instanceof Uint8Array)) task.body.destroy();
      }
    },
  };
}

/** An answer with its bytes, or the error that it is; undefined until all of it is here. @throws Error if it announces too much */
function complete<Facts>(answer: Answer<Facts>, reader: Reader): Found<Facts> | Error | undefined {
  if ('error' in answer) {
    const { code, message, detail } = answer.error;
    return new AppError(code, { message, cause: detail });
  }
  const { facts, bodyBytes } = answer;
  if (bodyBytes === undefined) return { facts };
  if (bodyBytes > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
  const bytes = reader.bytes(bodyBytes);
  return bytes && { facts, bytes };
}

function unwrap<Facts>(answer: Found<Facts> | Error): Found<Facts> {
  if (answer instanceof Error) throw answer;
  return answer;
}
