// The object store as files in one folder: for laptops, tests and single machines.
import { closeSync, createReadStream, mkdirSync, openSync, readSync, writevSync } from 'node:fs';
import { access, constants, type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from './errors.ts';
import { flushFolders, listFiles } from './file-folders.ts';
import type { Chunks, ObjectStore } from './object-store.ts';
import { readFlag, readParameters, wrongAddress } from './store-address.ts';

/** `file:///folder`, with `?fsync=true` to flush each object to the disk before it counts as stored. */
export function openFileStore(url: string): ObjectStore {
  const address = new URL(url);
  if (address.hostname !== '') throw wrongAddress('must have three slashes: file:///folder');
  const fsync = readFlag(readParameters(address, ['fsync']), 'fsync', false);
  const root = fileURLToPath(new URL(address.pathname, 'file:'));
  const madeFolders = new Set<string>();
  const flushedFolders = new Set<string>();

  function locate(key: string): string {
    const file = path.join(root, key);
    if (!file.startsWith(path.join(root, path.sep)))
      throw new Error('An object key must stay inside the store.');
    return file;
  }

  /** Also: the first folder that had to be made for it. */
  async function create(key: string): Promise<{ handle: FileHandle; firstMade: string | undefined }> {
    const file = locate(key);
    const firstMade = await mkdir(path.dirname(file), { recursive: true });
    return { handle: await open(file, 'w'), firstMade };
  }

  /** One that another call has made may not be on the disk yet: each is flushed once up to the root, whoever made it. */
  async function flushAround(file: string, firstMade: string | undefined): Promise<void> {
    const folder = path.dirname(file);
    const outermost = firstMade === undefined ? root : path.dirname(firstMade);
    const isKnown = firstMade === undefined && flushedFolders.has(folder);
    await flushFolders(folder, isKnown ? folder : outermost.length < root.length ? outermost : root);
    flushedFolders.add(folder);
  }

  async function writeFlushed(
    key: string,
    source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const { handle, firstMade } = await attempt(() => create(key));
    try {
      for await (const chunk of source) await attempt(() => handle.appendFile(chunk));
      if (fsync) await attempt(() => handle.sync());
      await handle.close();
      if (fsync) await attempt(() => flushAround(locate(key), firstMade));
    } catch (error) {
      await handle.close().catch(() => undefined);
      await rm(locate(key), { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** One synchronous call: for a small object the thread pool costs more than the write itself. */
  function writeAtOnce(key: string, chunks: Chunks): void {
    const file = locate(key);
    const folder = path.dirname(file);
    if (!madeFolders.has(folder)) mkdirSync(folder, { recursive: true });
    madeFolders.add(folder);
    const descriptor = openSync(file, 'w');
    try {
      writeFully(descriptor, chunks);
    } finally {
      closeSync(descriptor);
    }
  }

  return {
    put: async (key, chunks) => {
      if (fsync) await writeFlushed(key, chunks);
      else
        await attempt(async () => writeAtOnce(key, chunks)).catch(async (error) => {
          madeFolders.clear();
          await rm(locate(key), { force: true }).catch(() => undefined);
          throw error;
        });
    },

    putStream: (key, source) => writeFlushed(key, source),

    open: async (key, range) => {
      const handle = await attempt(() => open(locate(key), 'r').catch(undefinedIfMissing));
      if (handle === undefined) return undefined;
      const { size } = await attempt(() => handle.stat());
      const bounds = range === undefined ? {} : { start: range.first, end: range.last };
      return {
        body: createReadStream('', { fd: handle, highWaterMark: 256 * 1024, ...bounds }),
        totalBytes: size,
      };
    },

    read: (key, bytes) => attempt(async () => readAtOnce(locate(key), bytes)),

    remove: (key) => attempt(() => rm(locate(key), { force: true })),

    list: () => listFiles(root),

    ping: () =>
      attempt(async () => {
        await mkdir(root, { recursive: true });
        await access(root, constants.W_OK);
      }),

    close: async () => undefined,
  };
}

function writeFully(descriptor: number, chunks: Chunks): void {
  const written = writevSync(descriptor, chunks);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  if (written !== bytes) throw new Error(`Only ${written} of ${bytes} bytes could be written.`);
}

/** One open, one read, one close: the same without the thread pool costs a third. */
function readAtOnce(file: string, bytes: number): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const buffer = Buffer.allocUnsafe(bytes);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, 0));
  } catch (error) {
    return undefinedIfMissing(error as NodeJS.ErrnoException);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

/** Turns an error of the file system, whose text holds paths, into ours. */
async function attempt<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (cause) {
    throw new AppError('OBJECT_STORE_UNAVAILABLE', { cause });
  }
}
