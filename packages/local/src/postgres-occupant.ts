// Knows which PostgreSQL processes sit in a data folder, and clears out those that a killed run left behind.
// Refuses to end a process that is not a PostgreSQL of that folder, or one whose starter still lives.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from './scratch.ts';

/** The setting that names a server's starter on its command line; PostgreSQL accepts any dotted name. */
export const ownerSetting = 'tintype.owner_pid';

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function sitsIn(pid: string, folder: { dev: number; ino: number }): boolean {
  if (readText(`/proc/${pid}/comm`).trim() !== 'postgres') return false;
  try {
    const seat = statSync(`/proc/${pid}/cwd`);
    return seat.dev === folder.dev && seat.ino === folder.ino;
  } catch {
    return false;
  }
}

function describe(pid: number): { parent: number; commandLine: string } {
  if (process.platform === 'linux') {
    const parent = /^PPid:\s*(\d+)/m.exec(readText(`/proc/${pid}/status`))?.[1] ?? '0';
    return { parent: Number(parent), commandLine: readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') };
  }
  try {
    const seen = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return { parent: Number.parseInt(seen, 10), commandLine: seen.replace(/^\d+\s+/, '') };
  } catch {
    return { parent: 0, commandLine: '' };
  }
}

function recordedPid(dataDir: string): number {
  return Number.parseInt(readText(join(dataDir, 'postmaster.pid')), 10) || 0;
}

/** The ids of every PostgreSQL process, main or child, that works in `dataDir`. */
export function findOccupants(dataDir: string): number[] {
  const folder = statSync(dataDir, { throwIfNoEntry: false });
  if (folder === undefined) return [];
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && sitsIn(name, folder))
      .map(Number);
  }
  const pid = recordedPid(dataDir);
  const { commandLine } = pid > 0 && isAlive(pid) ? describe(pid) : { commandLine: '' };
  return commandLine.includes('postgres') && commandLine.includes(dataDir) ? [pid] : [];
}

/** The servers themselves: their children carry a title of their own, or are still too young for one. */
function findMains(occupants: number[]): number[] {
  return occupants.filter((pid) => {
    const { parent, commandLine } = describe(pid);
    return commandLine !== '' && !commandLine.startsWith('postgres: ') && !occupants.includes(parent);
  });
}

function refuseLiveOwner(pid: number, dataDir: string): void {
  const { parent, commandLine } = describe(pid);
  const owner = new RegExp(`${ownerSetting}=(\\d+)`).exec(commandLine)?.[1];
  if (owner !== undefined && Number(owner) !== parent) return;
  const user = owner === undefined ? `another PostgreSQL (pid ${pid})` : `a running process (pid ${owner})`;
  throw new Error(`The data folder ${dataDir} is in use by ${user}; stop it first.`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {}
}

/** Waits until nothing works in `dataDir`; what still does after `graceMs` is killed. */
export async function awaitEmpty(dataDir: string, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  for (let left = findOccupants(dataDir); left.length > 0; left = findOccupants(dataDir)) {
    if (Date.now() > deadline) for (const pid of left) signal(pid, 'SIGKILL');
    await pause(20);
  }
}

/**
 * Makes `dataDir` free to start in: stops a server whose starter is gone and forgets a lock file without a server.
 *
 * @throws Error naming the process when a server is there whose starter is alive
 */
export async function vacate(dataDir: string, log: (line: string) => void): Promise<void> {
  for (const pid of findMains(findOccupants(dataDir))) {
    refuseLiveOwner(pid, dataDir);
    log(`stopping PostgreSQL (pid ${pid}) that an earlier run left in ${dataDir}`);
    signal(pid, 'SIGINT');
  }
  await awaitEmpty(dataDir, 10_000);
  // The kernel reuses ids: PostgreSQL would take whoever has this one now for its rival and refuse to start.
  if (isAlive(recordedPid(dataDir))) rmSync(join(dataDir, 'postmaster.pid'), { force: true });
}
