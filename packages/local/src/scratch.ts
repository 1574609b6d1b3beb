// Knows throw-away folders: made in the system's temporary folder, gone with us, swept when we were killed.
// Refuses to keep anything.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';

export interface Scratch {
  path: string;
  remove(): void;
}

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Removes `PREFIX<pid>-…` entries of `folder` whose process is gone; what another user owns is left alone. */
export function sweep(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {}
  }
}

/** A new private folder, `tintype-KIND-PID-…`, removed by `remove()` or when this process exits. */
export function makeScratch(kind: string, parent: string = tmpdir()): Scratch {
  const prefix = `tintype-${kind}-`;
  sweep(parent, prefix);
  const path = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  const erase = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  const forget = atExit(erase);
  return {
    path,
    remove: () => {
      forget();
      erase();
    },
  };
}
