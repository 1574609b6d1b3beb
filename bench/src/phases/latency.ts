// POST → completed at low load, against the sum of its parts measured alone in the same round.
import { startScript } from '../child.ts';
import type { Bench, Figures } from '../figures.ts';
import type { PartsOrder, PartsReport } from '../parts.ts';
import type { Stack } from '../stack.ts';
import { startSink } from '../start-sink.ts';

const ratePerSecond = 20;

export async function measureLatency(stack: Stack, { load, sizes }: Bench): Promise<Figures> {
  await load.pace(stack, sizes.pacedWarmUp, ratePerSecond);
  const report = await load.pace(stack, sizes.pacedJobs, ratePerSecond);
  return { latencyP50Ms: report.p50Ms, latencyP99Ms: report.p99Ms };
}

function sum(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((total, part) => total + part, 0);
}

function named(parts: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(parts);
  return Object.fromEntries(
    entries.map(([name, ms]) => [`part${name.charAt(0).toUpperCase()}${name.slice(1)}P50Ms`, ms]),
  );
}

/** Uses the database server of `stack`, in a table of its own. */
export async function measureParts(stack: Stack, { workspace, images, sizes }: Bench): Promise<Figures> {
  const sink = await startSink(workspace);
  const parts = startScript('parts');
  const order: PartsOrder = {
    sinkUrl: sink.url,
    databaseUrl: stack.databaseUrl,
    image: images[0] ?? '',
    count: sizes.pacedJobs,
    warmUp: sizes.pacedWarmUp,
    ratePerSecond,
  };
  const { p50Ms, p99Ms } = await parts.ask<PartsReport>(order);
  await parts.stop();
  await sink.stop();
  return { partsP50Ms: sum(p50Ms), partsP99Ms: sum(p99Ms), ...named(p50Ms) };
}
