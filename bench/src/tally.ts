// Counts answers and their latencies while a load runs, and turns them into its report.
import type { LoadReport } from './load-order.ts';
import { percentile } from './statistics.ts';

export interface Tally {
  accept(latencyMs: number): void;
  refuse(why: string): void;
  acceptedCount(): number;
  refusedCount(): number;
  report(): LoadReport;
}

export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

export function startTally(): Tally {
  const latencies: number[] = [];
  const refused: Record<string, number> = {};
  let refusals = 0;
  const startedAtMs = nowMs();
  return {
    accept: (latencyMs) => {
      latencies.push(latencyMs);
    },
    refuse: (why) => {
      refusals += 1;
      refused[why] = (refused[why] ?? 0) + 1;
    },
    acceptedCount: () => latencies.length,
    refusedCount: () => refusals,
    report: () => ({
      accepted: latencies.length,
      refused,
      startedAtMs,
      finishedAtMs: nowMs(),
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
    }),
  };
}
