// The whole path: POST as fast as possible until N jobs are accepted, the clock runs until the last one is completed.
import { cpuMs } from '../cpu.ts';
import type { Bench } from '../figures.ts';
import { openJobs } from '../jobs.ts';
import type { SystemUnderTest } from '../system.ts';

export interface PathFigures {
  readonly jobsPerSecond: number;
  /** User and system time of everything in `system.processes()`, PostgreSQL and Redis included. */
  readonly cpuMsPerJob: number;
  readonly acceptP50Ms: number;
  readonly acceptP99Ms: number;
}

export async function measurePath(system: SystemUnderTest, bench: Bench): Promise<PathFigures> {
  const { load, sizes, concurrency } = bench;
  const jobs = await openJobs(system.databaseUrl);
  try {
    await load.flood(system, sizes.pathWarmUp, concurrency);
    await jobs.drained();
    const roots = Object.values(system.processes());
    const cpuBefore = cpuMs(roots);
    const report = await load.flood(system, sizes.pathJobs, concurrency);
    await jobs.drained();
    const cpuUsed = cpuMs(roots) - cpuBefore;
    const seconds = ((await jobs.lastFinishedAtMs()) - report.startedAtMs) / 1000;
    return {
      jobsPerSecond: report.accepted / seconds,
      cpuMsPerJob: cpuUsed / report.accepted,
      acceptP50Ms: report.p50Ms,
      acceptP99Ms: report.p99Ms,
    };
  } finally {
    await jobs.close();
  }
}
