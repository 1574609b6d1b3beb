// One round: every wanted phase once on our stack, then the baseline, never both at the same time.
import { type BaselineOptions, startBaseline } from './baseline.ts';
import type { Bench, Figures } from './figures.ts';
import { type PhaseName, stacklessPhases } from './goals.ts';
import { peaksByRole } from './memory.ts';
import { measureAccept, measureSink } from './phases/accept.ts';
import { measureDelivery } from './phases/delivery.ts';
import { measureLargeUploads } from './phases/large-uploads.ts';
import { measureLatency, measureParts } from './phases/latency.ts';
import { type KindReport, measureLibrary } from './phases/library.ts';
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
  /** The program; undefined: there is none. */
  readonly nginx: string | undefined;
  /** Whether this is the one round that asks the library: filling it takes longer than asking. */
  readonly asksLibrary: boolean;
}

export interface Round {
  readonly figures: Figures;
  readonly memoryMb: Figures;
  /** Each kind of page of the library, in the round that asked. */
  readonly library?: readonly KindReport[];
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

function namedPeaks(stack: Stack): Figures {
  const { api = 0, worker = 0, workerChildren = 0 } = peaksOf(stack);
  return { deliveryApiMb: api, deliveryWorkerMb: worker, deliveryRenderersMb: workerChildren };
}

async function runPhases(stack: Stack, bench: Bench, plan: RoundPlan): Promise<Round> {
  const { wanted, largeImage, nginx } = plan;
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
  // The last one: what the api remembers of deliveries is not in the memory of uploads.
  if (wanted.has('delivery') && nginx !== undefined) {
    progress('delivery');
    if (!stack.workerRuns()) stack.startWorker();
    Object.assign(figures, await measureDelivery(stack, bench, nginx), namedPeaks(stack));
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
  cachedVsNginx: ['cachedPerSecond', 'cachedNginxPerSecond'],
  cachedCpuVsNginx: ['cachedCpuMs', 'cachedNginxCpuMs'],
  cachedSmallVsNginx: ['cachedSmallPerSecond', 'cachedSmallNginxPerSecond'],
  rendersVsSharp: ['rendersPerSecond', 'bareRendersPerSecond'],
  renderCpuVsSharp: ['renderCpuMs', 'bareRenderCpuMs'],
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

/** Of the slowest kind. */
function libraryFigures(library: readonly KindReport[] | undefined): Figures {
  if (library === undefined) return {};
  return {
    libraryP50Ms: Math.max(...library.map(({ p50Ms }) => p50Ms)),
    libraryP95Ms: Math.max(...library.map(({ p95Ms }) => p95Ms)),
    libraryScans: library.filter(({ scanned }) => scanned.length > 0).length,
  };
}

export async function runRound(bench: Bench, plan: RoundPlan): Promise<Round> {
  const wantsStack = plan.withStack && [...plan.wanted].some((phase) => !stacklessPhases.includes(phase));
  const ours = wantsStack ? await measureStack(bench, plan) : { figures: {}, memoryMb: {} };
  const theirs = await measureBaseline(bench, plan);
  const images = await measureImages(bench, plan);
  const library = plan.asksLibrary ? await measureLibrary(bench) : undefined;
  return {
    figures: withRatios({ ...ours.figures, ...theirs.figures, ...images, ...libraryFigures(library) }),
    memoryMb: { ...ours.memoryMb, ...theirs.memoryMb },
    ...(library && { library }),
  };
}
