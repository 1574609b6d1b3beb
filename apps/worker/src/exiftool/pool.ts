// A fixed number of ExifTool processes that share the files out, started when they are first needed. What one file does to its
// process is that file's answer and nobody else's; where ExifTool can not be started at all, that is the answer to all of them.
import { Readable } from 'node:stream';
import { createSlots, type Logger } from '@tintype/core';
import type { ExifToolAnswer } from '../image/merge-exiftool/answer.ts';
import { extensionOf, type FileHint } from './file-extension.ts';
import { findExifTool } from './launch.ts';
import { parseAnswer } from './parse-answer.ts';
import { type ExifToolProcess, startExifTool } from './process.ts';
import { openScratch, removeLeftovers, type Scratch, ScratchError } from './scratch.ts';

export interface ExifToolLimits {
  processes: number;
  /** For one file. */
  timeoutMs: number;
  /** Address space of one process (Linux). */
  memoryBytes: number;
  /** A process is replaced after so many files. */
  recycleAfter: number;
}

export interface ExifToolPoolOptions extends ExifToolLimits {
  log: Logger;
  /** How long it is not tried again to start what could not be started. */
  retryAfterMs?: number;
}

export interface ExifToolPool {
  /** Rejects only with what a stream breaks off with: whatever happens to ExifTool is an answer. */
  read(body: Uint8Array | Readable, about: FileHint): Promise<ExifToolAnswer>;
  /** Of the processes that live now. */
  pids(): number[];
  /** Ends every process; reads that wait for one are told that there is none. */
  close(): Promise<void>;
}

interface Place {
  process: ExifToolProcess;
  version: string;
}

const RETRY_AFTER_MS = 60_000;

/** Files that are written while all processes are busy. */
const MAX_FILES_AHEAD = 16;

export function createExifToolPool(options: ExifToolPoolOptions): ExifToolPool {
  const { processes, recycleAfter, log, retryAfterMs = RETRY_AFTER_MS } = options;
  const living = new Set<ExifToolProcess>();
  const idle: Place[] = [];
  const waiting: { folder: string; take: (place: Place | undefined) => void }[] = [];
  /** Few files lie on the disk at once. */
  const writing = createSlots(processes + MAX_FILES_AHEAD);
  const open = new Set<Readable>();
  let loading = 0;
  let unavailableUntilMs = 0;
  let closed = false;
  let scratch: Promise<Scratch> | undefined;
  void removeLeftovers();

  function serve(): void {
    while (waiting.length > 0 && idle.length > 0) {
      const place = idle.pop();
      if (place?.process.dead === false) waiting.shift()?.take(place);
    }
    while (waiting.length > loading && living.size < processes && isAvailable()) start(waiting[0]?.folder);
    if (living.size === 0) for (const { take } of waiting.splice(0)) take(undefined);
  }

  function isAvailable(): boolean {
    return !closed && performance.now() >= unavailableUntilMs;
  }

  function start(folder = ''): void {
    const exifTool = findExifTool();
    if (exifTool === undefined) {
      suspend('it is not installed');
      return;
    }
    let process: ExifToolProcess;
    try {
      process = startExifTool({ ...options, exifTool, folder });
    } catch (error) {
      // No process, no memory or no pipe is left for it.
      suspend(String(error));
      return;
    }
    living.add(process);
    loading += 1;
    void process.loaded
      .then((version) => {
        loading -= 1;
        if (version !== undefined) idle.push({ process, version });
        else suspend(process.lastWords);
        serve();
        return process.gone;
      })
      .then(() => {
        living.delete(process);
        serve();
      });
  }

  function suspend(reason: string): void {
    unavailableUntilMs = performance.now() + retryAfterMs;
    if (!closed) log.warn({ reason }, 'ExifTool can not be started');
  }

  function take(folder: string): Promise<Place | undefined> {
    return new Promise((resolve) => {
      waiting.push({ folder, take: resolve });
      serve();
    });
  }

  function putBack(place: Place): void {
    const { process } = place;
    if (process.count >= recycleAfter) process.kill();
    if (!process.dead) idle.push(place);
    serve();
  }

  async function openOnce(): Promise<Scratch> {
    scratch ??= openScratch();
    try {
      return await scratch;
    } catch (cause) {
      scratch = undefined;
      throw new ScratchError('no folder for ExifTool', { cause });
    }
  }

  /** The folder may be gone: the next file gets a new one, and processes that work in it. */
  async function forget(): Promise<void> {
    const old = await scratch?.catch(() => undefined);
    scratch = undefined;
    for (const process of living) process.kill();
    await old?.remove().catch(() => undefined);
  }

  async function ask({ process, version }: Place, name: string): Promise<ExifToolAnswer> {
    const printed = await process.read(name);
    if ('text' in printed) return parseAnswer(printed.text, version);
    log.info({ ...printed, reason: process.lastWords }, 'ExifTool gave no answer');
    return printed;
  }

  async function read(body: Uint8Array | Readable, about: FileHint): Promise<ExifToolAnswer> {
    if (!isAvailable() && living.size === 0) return { unavailable: true };
    const { folder, write, drop } = await openOnce();
    // Written before there is somebody to read it: a source that stalls keeps nobody else from ExifTool.
    return writing.run(async () => {
      const name = await write(body, { extension: extensionOf(about), bytes: about.bytes });
      const place = await take(folder);
      try {
        return place === undefined ? { unavailable: true } : await ask(place, name);
      } finally {
        if (place !== undefined) putBack(place);
        await drop(name);
      }
    });
  }

  return {
    async read(body, about) {
      // A stream may break off while it waits; that is told when it is read.
      if (body instanceof Readable) {
        body.on('error', () => undefined);
        open.add(body);
      }
      try {
        return closed ? { unavailable: true } : await read(body, about);
      } catch (error) {
        if (!(error instanceof ScratchError)) throw error;
        log.error({ err: error }, 'no file for ExifTool');
        await forget();
        return { failed: 'disk' };
      } finally {
        if (body instanceof Readable) {
          open.delete(body);
          body.destroy();
        }
      }
    },
    pids: () => [...living].flatMap(({ pid }) => pid ?? []),
    async close() {
      closed = true;
      for (const body of open) body.destroy(new Error('closing'));
      for (const process of living) process.kill();
      await Promise.all([...living].map(({ gone }) => gone));
      await (await scratch?.catch(() => undefined))?.remove().catch(() => undefined);
    },
  };
}
