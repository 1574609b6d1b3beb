// The largest resident set a process has had, from /proc/PID/status. Pages shared by several processes count in each.
import { readFileSync, writeFileSync } from 'node:fs';
import { processTree } from './process-tree.ts';

/** Peak resident set of one process in MB (10⁶ bytes); 0 when it has ended. */
export function peakMb(pid: number): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kib ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

function childrenPeakMb(root: number): number {
  return processTree(root)
    .slice(1)
    .reduce((sum, pid) => sum + peakMb(pid), 0);
}

/** Peaks by role; `ROLEChildren` is the sum over the processes below, where there are any. */
export function peaksByRole(processes: Readonly<Record<string, number>>): Record<string, number> {
  const peaks: Record<string, number> = {};
  for (const [role, pid] of Object.entries(processes)) {
    peaks[role] = peakMb(pid);
    const children = childrenPeakMb(pid);
    if (children > 0) peaks[`${role}Children`] = children;
  }
  return peaks;
}

/** Starts the peak afresh from what is resident now (proc_pid_clear_refs(5)). False when the kernel refuses. */
export function resetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return true;
  } catch {
    return false;
  }
}
