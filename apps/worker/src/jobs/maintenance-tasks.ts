// What is done by the clock, once for all workers, and how often.
import type { MaintenanceTask } from '@tintype/core';
import type { WorkerConfig } from '../config.ts';
import { createContentsSweep, createSweeps, type SweepConfig, type SweepDeps } from './sweep.ts';
import { sweepOrphans } from './sweep-orphans.ts';

export function maintenanceTasks(
  config: SweepConfig & Pick<WorkerConfig, 'sweepEveryMs' | 'orphanSweepEveryMs' | 'orphanAgeMs'>,
  deps: SweepDeps,
): MaintenanceTask[] {
  const { sweepEveryMs, orphanSweepEveryMs } = config;
  const often = Object.entries(createSweeps(config, deps)).map(([name, run]) => ({
    name: `sweep-${name}`,
    everyMs: sweepEveryMs,
    run,
  }));
  return [
    ...often,
    // These look through everything there is.
    { name: 'sweep-objects', everyMs: orphanSweepEveryMs, run: () => sweepOrphans(config, deps) },
    { name: 'sweep-contents', everyMs: orphanSweepEveryMs, run: createContentsSweep(deps) },
  ];
}
