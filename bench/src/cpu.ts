// CPU time of process trees, user and system, from /proc/PID/stat. A child that has ended is in its parent's figures.
import { execFileSync } from 'node:child_process';
import { processTree, readStat } from './process-tree.ts';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** utime, stime, cutime, cstime are fields 14 to 17 of the line: 11 to 14 after the command name. */
function ticks(pid: number): number {
  const stat = readStat(pid)?.slice(11, 15) ?? [];
  return stat.reduce((sum, field) => sum + Number(field), 0);
}

/** Milliseconds of CPU that the trees below `roots` have used since they began. */
export function cpuMs(roots: readonly number[]): number {
  const pids = new Set(roots.flatMap((root) => processTree(root)));
  let sum = 0;
  for (const pid of pids) sum += ticks(pid);
  return (sum * 1000) / ticksPerSecond;
}
