// One round: every wanted phase once on our stack, then the baseline, never both at the same time.
import { type BaselineOptions, startBaseline } from './baseline.ts';
import type { Bench, Figures } from './figures.ts';
import { imagePhases, type PhaseName } from './goals.ts';
import { peaksByRole } from './memory.ts';
import { measureAccept, measureSink } from './phases/accept.ts';
import { measureLargeUploads } from './phases/large-uploads.ts';
import { measureLatency, measureParts } from './phases/latency.ts';
import { measureMetadata } from './phases/metadata.ts';
import { measurePath } from './phases/path.ts';
import { measurePixels } from './phases/pixels.ts';
import { measureBareSharp, measureWorker } from './phases/worker.ts';
import { progress } from './progress.ts';
import { type QueueBackend, type Stack, startStack } from './stack.ts';
import { combineByName } from './statistics.ts';
import { type SystemUnderTest, whileWhole } from './system.ts';

export interface RoundPlan {
  readonly wanted: ReadonlySet<PhaseName>;
  readonly queue: QueueBackend;
  /** Undefined: the baseline cannot run here. */
  readonly baseline: BaselineOptions | undefined;
  readonly withStack: boolean;
  /** Set in the one round that measures large uploads. */
  readonly largeImage: string | undefined;
}

export interface Round {
  readonly figures: Figures;
  readonly memoryMb: Figures;
}

async function acceptAndWorker(stack: Stack, bench: Bench, wanted: ReadonlySet<PhaseName>): Promise<Figures> {
  await stack.stopWorker();
  progress('accept');
  const sinceMs = Date.now();
  const sink = wanted.has('accept') ? await measureSink(bench) : {};
  const accept = await measureAccept(stack, bench);
  if (!wanted.has('worker')) return { ...sink, ...accept };
  progress('worker');
  const worker = await measureWorker(stack, bench, sinceMs);
  return { ...sink, ...accept, ...worker, ...(await measureBareSharp(stack.objects, bench)) };
}

/** Peaks so far of what runs now; PostgreSQL is left out, for its shared buffers would count in each backend. */
function peaksOf(system: SystemUnderTest): Figures {
  const { postgres: _, ...processes } = system.processes();
  return peaksByRole(processes);
}

async function runPhases(stack: Stack, bench: Bench, { wanted, largeImage }: RoundPlan): Promise<Round> {
  const figures: Record<string, number> = {};
  const peaks: Figures[] = [];
  stack.startWorker();
  if (wanted.has('path') || wanted.has('memory')) {
    progress('path');
    Object.assign(figures, await measurePath(stack, bench));
    peaks.push(peaksOf(stack));
  }
  if (wanted.has('latency')) {
    progress('latency');
    Object.assign(figures, await measureLatency(stack, bench), await measureParts(stack, bench));
  }
  if (wanted.has('accept') || wanted.has('worker')) {
    Object.assign(figures, await acceptAndWorker(stack, bench, wanted));
    peaks.push(peaksOf(stack));
  }
  if (wanted.has('memory') && largeImage) {
    progress('memory');
    if (!stack.workerRuns()) stack.startWorker();
    peaks.push(await measureLargeUploads(stack, bench, largeImage));
  }
  return { figures, memoryMb: combineByName(peaks, (values) => Math.max(...values)) };
}

async function measureStack(bench: Bench, plan: RoundPlan): Promise<Round> {
  const stack = await startStack(bench.workspace, plan.queue);
  const round = await whileWhole(stack, runPhases(stack, bench, plan));
  await stack.stop();
  return round;
}

async function measureBaseline(bench: Bench, plan: RoundPlan): Promise<Round> {
  if (plan.baseline === undefined || !plan.wanted.has('path')) return { figures: {}, memoryMb: {} };
  progress('baseline');
  const baseline = await startBaseline(bench.workspace, plan.baseline);
  const path = await whileWhole(baseline, measurePath(baseline, bench));
  const { redis: _, ...memoryMb } = peaksOf(baseline);
  await baseline.stop();
  return {
    figures: {
      celeryJobsPerSecond: path.jobsPerSecond,
      celeryCpuMsPerJob: path.cpuMsPerJob,
      celeryAcceptP50Ms: path.acceptP50Ms,
      celeryAcceptP99Ms: path.acceptP99Ms,
    },
    memoryMb,
  };
}

const ratioOf = {
  pathVsCelery: ['jobsPerSecond', 'celeryJobsPerSecond'],
  cpuVsCelery: ['cpuMsPerJob', 'celeryCpuMsPerJob'],
  acceptVsSink: ['acceptPerSecond', 'sinkPerSecond'],
  workerVsSharp: ['workerPerSecond', 'bareSharp1PerSecond'],
  latencyVsParts: ['latencyP50Ms', 'partsP50Ms'],
  latencyP99VsParts: ['latencyP99Ms', 'partsP99Ms'],
  fastVsExiftool: ['fastMetadataPerSecond', 'exiftoolMetadataPerSecond'],
  fastVsSharp: ['fastMetadataPerSecond', 'sharpMetadataPerSecond'],
  pixelsVsThumbnail: ['pixelFactsMs', 'thumbnailMs'],
  acceptCpuVsSink: ['acceptCpuMs', 'sinkCpuMs'],
} as const;

/** The ratios whose both sides were measured in this round. */
function withRatios(figures: Figures): Figures {
  const ratios = Object.entries(ratioOf).flatMap(([name, [ours, theirs]]) => {
    const [above, below] = [figures[ours], figures[theirs]];
    return above === undefined || below === undefined ? [] : [[name, above / below] as const];
  });
  return { ...Object.fromEntries(ratios), ...figures };
}

/** Of the images alone, without a service. */
async function measureImages(bench: Bench, { wanted }: RoundPlan): Promise<Figures> {
  if (wanted.has('metadata')) progress('metadata');
  const metadata = wanted.has('metadata') ? await measureMetadata(bench) : {};
  if (wanted.has('pixels')) progress('pixels');
  const pixels = wanted.has('pixels') ? await measurePixels() : {};
  return { ...metadata, ...pixels };
}

export async function runRound(bench: Bench, plan: RoundPlan): Promise<Round> {
  const wantsStack = plan.withStack && [...plan.wanted].some((phase) => !imagePhases.includes(phase));
  const ours = wantsStack ? await measureStack(bench, plan) : { figures: {}, memoryMb: {} };
  const theirs = await measureBaseline(bench, plan);
  return {
    figures: withRatios({ ...ours.figures, ...theirs.figures, ...(await measureImages(bench, plan)) }),
    memoryMb: { ...ours.memoryMb, ...theirs.memoryMb },
  };
}
