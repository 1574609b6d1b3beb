// The files that ExifTool reads: private, under names made here, gone as soon as they are read.
import { randomUUID } from 'node:crypto';
import { type FileHandle, lstat, mkdtemp, open, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';

export interface Scratch {
  folder: string;
  /**
   * Answers the file's name within the folder.
   * @throws ScratchError where the disk does not take it, and whatever `body` breaks off with; nothing is left then
   */
  write(
    body: Uint8Array | Readable,
    about: { extension: string; bytes?: number | undefined },
  ): Promise<string>;
  /** Removes one file. */
  drop(name: string): Promise<void>;
  /** Removes all. */
  remove(): Promise<void>;
}

/** The disk's fault, not that of what should be written. */
export class ScratchError extends Error {
  override readonly name = 'ScratchError';
}

const PREFIX = 'tintype-exiftool-';
const FOLDER = /^tintype-exiftool-[A-Za-z0-9]{6}$/;

/** A folder that nobody touched for so long belongs to a worker that is gone. */
const ABANDONED_MS = 3_600_000;
const TOUCH_EVERY_MS = 600_000;

export async function openScratch(parent = tmpdir()): Promise<Scratch> {
  // Mode 0700, and a name that was not there before.
  const folder = await mkdtemp(path.join(parent, PREFIX));
  const touching = setInterval(() => {
    const now = new Date();
    utimes(folder, now, now).catch(() => undefined);
  }, TOUCH_EVERY_MS);
  touching.unref();
  const drop = (name: string) => rm(path.join(folder, name), { force: true });

  return {
    folder,
    drop,
    async write(body, { extension, bytes }) {
      const name = `${randomUUID()}.${extension}`;
      try {
        const file = await blame(open(path.join(folder, name), 'wx', 0o600));
        try {
          const written = await fill(file, body);
          if (bytes !== undefined && written !== bytes) throw new Error(`${written} of ${bytes} bytes came`);
        } finally {
          await blame(file.close());
        }
      } catch (error) {
        await drop(name);
        throw error;
      }
      return `./${name}`;
    },
    async remove() {
      clearInterval(touching);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Answers how many bytes it wrote. */
async function fill(file: FileHandle, body: Uint8Array | Readable): Promise<number> {
  if (body instanceof Uint8Array) {
    await blame(file.writeFile(body));
    return body.length;
  }
  let written = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    await blame(file.writeFile(chunk));
    written += chunk.length;
  }
  return written;
}

async function blame<Result>(task: Promise<Result>): Promise<Result> {
  try {
    return await task;
  } catch (cause) {
    throw new ScratchError('the file for ExifTool can not be written', { cause });
  }
}

/** Folders of workers that were killed. Whatever stands in the way of one is no reason to leave the others. */
export async function removeLeftovers(parent = tmpdir(), now = Date.now()): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((one) => FOLDER.test(one))) {
    const folder = path.join(parent, name);
    try {
      const about = await lstat(folder);
      const isOurs = about.isDirectory() && about.uid === process.getuid?.();
      if (isOurs && now - about.mtimeMs > ABANDONED_MS) await rm(folder, { recursive: true, force: true });
    } catch {
      // Somebody else removed it.
    }
  }
}
