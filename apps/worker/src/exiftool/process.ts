// One ExifTool seen from the worker: a process that reads one file after another, each with a deadline.
import type { ExifToolFailure } from '../image/merge-exiftool/answer.ts';
import { killGroup, launch } from './launch.ts';

export interface ExifToolProcessOptions {
  /** ExifTool's Perl script. */
  exifTool: string;
  /** Where the files are that it is asked about. */
  folder: string;
  /** Address space (Linux). */
  memoryBytes: number;
  /** For one file. */
  timeoutMs: number;
}

/** What it printed about a file. */
export type Printed = { text: string } | { failed: ExifToolFailure };

export interface ExifToolProcess {
  pid: number | undefined;
  /** Files it was given. */
  count: number;
  /** It ended, or is about to. */
  readonly dead: boolean;
  /** Its version, once it has loaded; undefined when it ended before. */
  loaded: Promise<string | undefined>;
  /** The end of what it had to complain about. */
  readonly lastWords: string;
  /** Resolves when the process has ended. */
  gone: Promise<void>;
  /** @param name relative to the folder. One file at a time. Never rejects. */
  read(name: string): Promise<Printed>;
  kill(): void;
}

/** Perl and its modules are read from disk, perhaps for the first time. */
const START_TIMEOUT_MS = 30_000;

/** No picture has so many tags; whoever makes one that has wants to fill a memory. */
const MAX_PRINTED_BYTES = 4 * 1024 * 1024;

const KEPT_STDERR_CHARACTERS = 2000;

interface Pending {
  /** Stands behind the last byte of what is printed. Inside JSON no line begins with it. */
  marker: Buffer;
  chunks: Buffer[];
  bytes: number;
  settle: (printed: Printed) => void;
}

export function startExifTool(options: ExifToolProcessOptions): ExifToolProcess {
  const { exifTool, folder, memoryBytes, timeoutMs } = options;
  const child = launch(exifTool, folder, memoryBytes);
  let pending: Pending | undefined;
  let commands = 0;
  let dead = false;
  let lastWords = '';

  function kill(): void {
    // The number of what has ended may belong to somebody else by now.
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
    dead = true;
  }

  function giveUp(failed: ExifToolFailure): void {
    kill();
    pending?.settle({ failed });
  }

  function run(command: string, limitMs: number): Promise<Printed> {
    commands += 1;
    const marker = Buffer.from(`{ready${commands}}\n`);
    return new Promise((resolve) => {
      if (dead) return resolve({ failed: 'crashed' });
      const timer = setTimeout(() => giveUp('timeout'), limitMs);
      const settle = (printed: Printed) => {
        clearTimeout(timer);
        pending = undefined;
        resolve(printed);
      };
      pending = { marker, chunks: [], bytes: 0, settle };
      child.stdin.write(`${command}\n-execute${commands}\n`);
    });
  }

  function hear(chunk: Buffer): void {
    if (pending === undefined) return;
    pending.bytes += chunk.length;
    pending.chunks.push(chunk);
    const text = endOf(pending);
    if (text !== undefined) pending.settle({ text });
    else if (pending.bytes > MAX_PRINTED_BYTES) giveUp('too-long');
  }

  const gone = new Promise<void>((resolve) => {
    function end(): void {
      dead = true;
      // Perl's own last words.
      pending?.settle({ failed: lastWords.includes('Out of memory') ? 'memory' : 'crashed' });
      resolve();
    }
    child.once('error', (error) => {
      lastWords = error.message;
      end();
    });
    // The watchman has nothing to watch any more.
    child.once('exit', () => {
      dead = true;
      child.stdio[3].destroy();
    });
    child.once('close', end);
  });

  // A dead child's pipes break: what that means is told by its end, not by the pipe.
  for (const stream of [child.stdin, child.stdio[3]]) stream?.on('error', () => undefined);
  child.stdout?.on('data', hear);
  child.stderr?.on('data', (text) => {
    lastWords = (lastWords + text).slice(-KEPT_STDERR_CHARACTERS);
  });

  const loaded = run('-ver', START_TIMEOUT_MS).then((printed) =>
    'text' in printed ? printed.text.trim() : undefined,
  );

  return {
    pid: child.pid,
    count: 0,
    get dead() {
      return dead;
    },
    get lastWords() {
      return lastWords.trim();
    },
    loaded,
    gone,
    read(name) {
      this.count += 1;
      lastWords = '';
      return run(name, timeoutMs);
    },
    kill,
  };
}

/** All that was printed, when its end is here. */
function endOf({ marker, chunks }: Pending): string | undefined {
  const last = chunks.at(-1) as Buffer;
  // Seldom: a pipe brings blocks, and the marker within one.
  const tail = last.length < marker.length ? Buffer.concat(chunks) : last;
  if (!tail.subarray(-marker.length).equals(marker)) return undefined;
  const all = Buffer.concat(chunks);
  return all.toString('utf8', 0, all.length - marker.length);
}
