// The door alone: uploads accepted per second with the worker stopped, against the sink that takes the same bytes.
import { cpuMs } from '../cpu.ts';
import type { Bench, Figures } from '../figures.ts';
import { peakMb } from '../memory.ts';
import type { Stack } from '../stack.ts';
import { startSink } from '../start-sink.ts';

interface Door {
  readonly uploadUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly roots: readonly number[];
}

async function measureDoor(door: Door, { load, sizes, concurrency }: Bench) {
  await load.flood(door, sizes.acceptWarmUp, concurrency);
  const cpuBefore = cpuMs(door.roots);
  const report = await load.flood(door, sizes.acceptJobs, concurrency);
  return {
    perSecond: (report.accepted * 1000) / (report.finishedAtMs - report.startedAtMs),
    cpuMsEach: (cpuMs(door.roots) - cpuBefore) / report.accepted,
  };
}

export async function measureSink(bench: Bench): Promise<Figures> {
  const sink = await startSink(bench.workspace);
  const found = await measureDoor({ uploadUrl: sink.url, headers: {}, roots: [sink.pid] }, bench);
  const figures = {
    sinkPerSecond: found.perSecond,
    sinkCpuMs: found.cpuMsEach,
    sinkPeakMb: peakMb(sink.pid),
  };
  await sink.stop();
  return figures;
}

/** Leaves its jobs queued: the worker must be stopped before. */
export async function measureAccept(stack: Stack, bench: Bench): Promise<Figures> {
  const roots = Object.values(stack.processes());
  const found = await measureDoor({ uploadUrl: stack.uploadUrl, headers: stack.headers, roots }, bench);
  return { acceptPerSecond: found.perSecond, acceptCpuMs: found.cpuMsEach };
}
