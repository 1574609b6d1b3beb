// The object store as files in one folder: for laptops, tests and single machines.
import { closeSync, createReadStream, mkdirSync, openSync, readSync, writevSync } from 'node:fs';
import { access, constants, copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from './errors.ts';
import { draftsIn } from './file-drafts.ts';
import { flushFile, flushFolders, listFiles } from './file-folders.ts';
import type { Chunks, ObjectStore } from './object-store.ts';
import { readFlag, readParameters, wrongAddress } from './store-address.ts';

/** `file:///folder`, with `?fsync=true` to flush each object to the disk before it counts as stored. */
export function openFileStore(url: string): ObjectStore {
  const address = new URL(url);
  if (address.hostname !== '') throw wrongAddress('must have three slashes: file:///folder');
  const fsync = readFlag(readParameters(address, ['fsync']), 'fsync', false);
  const root = fileURLToPath(new URL(address.pathname, 'file:'));
  const drafts = draftsIn(root);
  const madeFolders = new Set<string>();
  const flushedFolders = new Set<string>();

  function locate(key: string): string {
    const file = path.join(root, key);
    if (!file.startsWith(path.join(root, path.sep)))
      throw new Error('An object key must stay inside the store.');
    return file;
  }

  /** One that another call has made may not be on the disk yet: each is flushed once up to the root, whoever made it. */
  async function flushAround(file: string, firstMade: string | undefined): Promise<void> {
    const folder = path.dirname(file);
    const outermost = firstMade === undefined ? root : path.dirname(firstMade);
    const isKnown = firstMade === undefined && flushedFolders.has(folder);
    await flushFolders(folder, isKnown ? folder : outermost.length < root.length ? outermost : root);
    flushedFolders.add(folder);
  }

  /**
   * Replaces an object as a whole, or not at all: whoever opens it meanwhile gets what was there before. `write` answers whether there is
   * anything to put there, and so does this.
   */
  async function replace(key: string, write: (draft: string) => Promise<boolean>): Promise<boolean> {
    const file = locate(key);
    const draft = drafts.of(key);
    try {
      await attempt(() => mkdir(path.dirname(draft), { recursive: true }));
      if (!(await write(draft))) return false;
      await attempt(async () => {
        if (fsync) await flushFile(draft);
        const firstMade = await mkdir(path.dirname(file), { recursive: true });
        await rename(draft, file);
        if (fsync) await flushAround(file, firstMade);
      });
      return true;
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async function writeWhole(
    key: string,
    source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await replace(key, async (draft) => {
      const handle = await attempt(() => open(draft, 'w'));
      try {
        for await (const chunk of source) await attempt(() => handle.appendFile(chunk));
        await attempt(() => handle.close());
        return true;
      } catch (error) {
        await handle.close().catch(() => undefined);
        throw error;
      }
    });
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
      if (fsync) await writeWhole(key, chunks);
      else
        await attempt(async () => writeAtOnce(key, chunks)).catch(async (error) => {
          madeFolders.clear();
          await rm(locate(key), { force: true }).catch(() => undefined);
          throw error;
        });
    },

    putStream: (key, source) => writeWhole(key, source),

    open: async (key, range) => {
      const handle = await attempt(() => open(locate(key), 'r').catch(undefinedIfMissing));
      if (handle === undefined) return undefined;
      const about = await attempt(() => handle.stat());
      if (!about.isFile()) {
        await handle.close();
        return undefined;
      }
      const bounds = range === undefined ? {} : { start: range.first, end: range.last };
      return {
        body: createReadStream('', { fd: handle, highWaterMark: 256 * 1024, ...bounds }),
        totalBytes: about.size,
      };
    },

    read: (key, bytes) => attempt(async () => readAtOnce(locate(key), bytes)),

    head: async (key) => {
      const about = await attempt(() => stat(locate(key), { bigint: true }).catch(undefinedIfMissing));
      if (about === undefined || !about.isFile()) return undefined;
      return { bytes: Number(about.size), version: `${about.size}-${about.mtimeNs}` };
    },

    copy: async (from, to) => {
      const source = locate(from);
      // No hard link: a small object is overwritten in place.
      const copyTo = (draft: string) =>
        copyFile(source, draft, constants.COPYFILE_FICLONE).then(() => true, undefinedIfMissing);
      return replace(to, (draft) => attempt(async () => (await copyTo(draft)) ?? false));
    },

    remove: (key) =>
      attempt(async () => {
        await rm(locate(key), { force: true });
        await drafts.remove(key);
      }),

    list: () => drafts.without(listFiles(root)),

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

/** There is none, it would lie within a file, its name is a folder's, or is longer than any file's. */
const NO_OBJECT = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'];

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== undefined && NO_OBJECT.includes(error.code)) return undefined;
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
