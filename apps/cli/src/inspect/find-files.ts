// The files that a command line names: files as they are, folders with all that is in them, in the order of their names.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../usage.ts';

export async function findFiles(names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map(filesNamed));
  return found.flat();
}

async function filesNamed(name: string): Promise<string[]> {
  const entry = await stat(name).catch(() => undefined);
  if (entry === undefined) throw new UsageError(`There is no file "${name}".`);
  return entry.isDirectory() ? filesBelow(name) : [name];
}

/** A folder that may not be read is an answer of its own, not the end of the others. Links are not followed: they may go round. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [folder];
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = await Promise.all(
    sorted.map(async (entry) => {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(full);
      return entry.isFile() ? [full] : [];
    }),
  );
  return found.flat();
}
