// Files that are not whole yet: where the file store writes them until each takes its place at once. Like the parts of an upload to S3 they
// are no objects, belong to a key, and go with it.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { StoredObject } from './object-store.ts';

const FOLDER = '.drafts';

export interface Drafts {
  /** A new name, in the same file system as the objects. */
  of(key: string): string;
  /** Those of a key, which processes that died have left. One that is still being written fails. */
  remove(key: string): Promise<void>;
  /** Leaves them out. */
  without(objects: AsyncIterable<StoredObject>): AsyncGenerator<StoredObject>;
}

export function draftsIn(root: string): Drafts {
  const folder = path.join(root, FOLDER);
  // Of one length, whatever the key.
  const begin = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 32);
  return {
    of: (key) => path.join(folder, `${begin(key)}-${randomUUID()}`),
    remove: async (key) => {
      const names = await readdir(folder).catch(noneIfMissing);
      const left = names.filter((name) => name.startsWith(`${begin(key)}-`));
      await Promise.all(left.map((name) => rm(path.join(folder, name), { force: true })));
    },
    without: async function* (objects) {
      for await (const object of objects) if (!object.key.startsWith(`${FOLDER}/`)) yield object;
    },
  };
}

function noneIfMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}
