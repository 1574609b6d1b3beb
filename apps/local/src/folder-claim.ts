// One service a data folder: a second `npm start` is told so; the claim of one that was killed is taken over.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DATA_FOLDER, ROOT } from './folders.ts';

/** Beside the folder, not in it: `--fresh` removes the folder. */
const CLAIM = `${DATA_FOLDER}.pid`;

/** Answers how to give the folder back. @throws Error when a living process has it */
export function claimFolder(): () => void {
  const owner = readOwner();
  if (owner !== undefined && isAlive(owner)) {
    throw new Error(
      `Tintype runs here already (process ${owner}, data in ${path.relative(ROOT, DATA_FOLDER)}/). Stop it first.`,
    );
  }
  mkdirSync(path.dirname(CLAIM), { recursive: true });
  writeFileSync(CLAIM, String(process.pid));
  return () => {
    if (readOwner() === process.pid) rmSync(CLAIM, { force: true });
  };
}

function readOwner(): number | undefined {
  try {
    return Number(readFileSync(CLAIM, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    // The number may belong to somebody else by now.
    return (
      process.platform !== 'linux' ||
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').match(/start\.mjs|apps\/local/) !== null
    );
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
