// The folders of the file store: what lies in them, and how their entries get to the disk.
import type { Dirent } from 'node:fs';
import { open, opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from './errors.ts';
import type { StoredObject } from './object-store.ts';

/**
 * Every file below `root`, its key the path from there. A folder or file that vanishes on the way is left out.
 * @throws AppError OBJECT_STORE_UNAVAILABLE
 */
export async function* listFiles(root: string): AsyncGenerator<StoredObject> {
  for await (const entry of entriesOf(root)) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isDirectory()) yield* under(entry.name, listFiles(file));
    else if (entry.isFile()) {
      const modifiedAt = await stat(file).then(({ mtime }) => mtime, undefinedIfGone);
      if (modifiedAt !== undefined) yield { key: entry.name, modifiedAt };
    }
  }
}

async function* under(folder: string, objects: AsyncIterable<StoredObject>): AsyncGenerator<StoredObject> {
  for await (const { key, modifiedAt } of objects) yield { key: `${folder}/${key}`, modifiedAt };
}

async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(folder);
  } catch (error) {
    undefinedIfGone(error as NodeJS.ErrnoException);
  }
}

function undefinedIfGone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error instanceof AppError ? error : new AppError('OBJECT_STORE_UNAVAILABLE', { cause: error });
}

/**
 * Flushes a folder that has a new file, and those around it up to `last`: after a crash a file is only there when the entries of all
 * folders that were made for it are on the disk too.
 */
export async function flushFolders(folder: string, last: string): Promise<void> {
  for (let at = folder; ; at = path.dirname(at)) {
    await flushFile(at);
    if (at.length <= last.length) return;
  }
}

/** A folder's own entries, too. */
export async function flushFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
