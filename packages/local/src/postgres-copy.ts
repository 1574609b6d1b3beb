// Knows how to keep a copy of PostgreSQL's programs where another user can run them.
// Refuses to run what somebody else put there.
import { chmodSync, lstatSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, canEnter } from './account.ts';
import { makeLibraryLinks } from './library-links.ts';

function isServerFile(path: string): boolean {
  return !path.endsWith('.a') && !path.endsWith('.so.dwz');
}

/** Cleaners of temporary folders take single old files away, so a copy is believed only file by file. */
function isComplete(copy: string, native: string): boolean {
  for (const entry of readdirSync(native, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !isServerFile(entry.name)) continue;
    const original = join(entry.parentPath, entry.name);
    const copied = statSync(join(copy, original.slice(native.length)), { throwIfNoEntry: false });
    if (copied?.size !== statSync(original).size) return false;
  }
  return true;
}

/** The checkout's own modes may be private to its owner. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
}

/** Programs in a folder that others may write to are never run. */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

async function copyInto(parent: string, name: string, native: string): Promise<string> {
  const final = join(parent, name);
  if (isOurs(final) && isComplete(join(final, 'native'), native)) return final;
  const fresh = mkdtempSync(`${final}-`);
  try {
    const copy = join(fresh, 'native');
    await cp(native, copy, { recursive: true, verbatimSymlinks: true, filter: isServerFile });
    openToAll(fresh);
    makeLibraryLinks(copy);
    // Whoever comes second finds the name taken by a copy as good as its own, unless that one was broken.
    if (isOurs(final) && !isComplete(join(final, 'native'), native))
      await rename(final, join(fresh, 'broken'));
    await rename(fresh, final).catch((error) => {
      if (!isOurs(final)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return final;
}

/**
 * A copy per version and user in the first temporary folder that `account` can enter, kept for later starts.
 *
 * @throws Error in one sentence when no folder can hold it
 */
export async function copyPrograms(
  native: string,
  version: string,
  account: Account | undefined,
): Promise<string> {
  const name = `tintype-postgres-${version}-${process.arch}-${process.getuid?.() ?? 0}`;
  let reason = 'no temporary folder can be entered by the user that runs it';
  for (const parent of new Set([tmpdir(), '/var/tmp', '/tmp'])) {
    try {
      if (canEnter(parent, account)) return join(await copyInto(parent, name, native), 'native');
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  throw new Error(`PostgreSQL's programs could not be copied to a temporary folder: ${reason}`);
}
