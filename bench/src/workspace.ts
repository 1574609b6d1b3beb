// Where things are: the repository, and the run's own temporary folder.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from './cleanup.ts';

/** A path inside the repository; this file runs from bench/dist/src. */
export function repositoryPath(...parts: string[]): string {
  return join(fileURLToPath(new URL('../../..', import.meta.url)), ...parts);
}

/** Memory where there is a file system in it: the figures are to tell of the programs, not of the disk. */
const PARENT = process.env.TMPDIR ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

/** A new folder in memory, or below TMPDIR where that is set; removed at the end of the run. */
export async function makeWorkspace(): Promise<string> {
  const directory = await mkdtemp(join(PARENT, 'tintype-bench-'));
  atEnd(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A new folder inside `workspace`, and how to remove it early. */
export async function makeFolder(
  workspace: string,
  name: string,
): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(workspace, `${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
