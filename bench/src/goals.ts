// The phases of a run, and the goals, as the table shows them: nothing fails when one is missed.

export const phaseNames = [
  'path',
  'accept',
  'worker',
  'latency',
  'memory',
  'metadata',
  'pixels',
  'library',
  'delivery',
] as const;
export type PhaseName = (typeof phaseNames)[number];

/** Phases that run without a service, on images alone, or on rows. */
export const stacklessPhases: readonly PhaseName[] = ['metadata', 'pixels', 'library'];

export interface Goal {
  readonly ratio: string;
  readonly phase: PhaseName;
  readonly goal: number;
  /** Which way is better. */
  readonly better: 'higher' | 'lower';
  readonly meaning: string;
}

export const goals: readonly Goal[] = [
  { ratio: 'pathVsCelery', phase: 'path', goal: 2, better: 'higher', meaning: 'whole path, jobs/s' },
  { ratio: 'cpuVsCelery', phase: 'path', goal: 0.5, better: 'lower', meaning: 'whole path, CPU per job' },
  {
    ratio: 'acceptVsSink',
    phase: 'accept',
    goal: 0.5,
    better: 'higher',
    meaning: 'uploads accepted/s against a bare sink',
  },
  {
    ratio: 'workerVsSharp',
    phase: 'worker',
    goal: 0.6,
    better: 'higher',
    meaning: 'images/s against bare sharp',
  },
  {
    ratio: 'latencyVsParts',
    phase: 'latency',
    goal: 1.3,
    better: 'lower',
    meaning: 'POST → completed p50 against its parts',
  },
  {
    ratio: 'fastVsExiftool',
    phase: 'metadata',
    goal: 10,
    better: 'higher',
    meaning: 'fast profile, images/s against ExifTool -stay_open',
  },
  {
    ratio: 'fastVsSharp',
    phase: 'metadata',
    goal: 0.6,
    better: 'higher',
    meaning: 'fast profile, images/s against bare sharp',
  },
  {
    ratio: 'pixelsVsThumbnail',
    phase: 'pixels',
    goal: 1.3,
    better: 'lower',
    meaning: 'pixel facts of 12 MP against a bare thumbnail',
  },
  {
    ratio: 'libraryP95Ms',
    phase: 'library',
    goal: 50,
    better: 'lower',
    meaning: 'slowest kind of page of 100,000 images, p95 in ms',
  },
  {
    ratio: 'libraryScans',
    phase: 'library',
    goal: 0,
    better: 'lower',
    meaning: 'kinds of pages for which all is read',
  },
  {
    ratio: 'cachedVsNginx',
    phase: 'delivery',
    goal: 0.3,
    better: 'higher',
    meaning: 'cached renders/s against nginx with the same file',
  },
  {
    ratio: 'rendersVsSharp',
    phase: 'delivery',
    goal: 0.8,
    better: 'higher',
    meaning: 'uncached renders/s against bare sharp',
  },
];

export interface MemoryGoal {
  readonly process: string;
  readonly goalMb: number;
}

export const memoryGoals: readonly MemoryGoal[] = [
  { process: 'api', goalMb: 200 },
  { process: 'worker', goalMb: 200 },
  { process: 'apiLargeUploads', goalMb: 300 },
];

export function isMet({ goal, better }: Pick<Goal, 'goal' | 'better'>, value: number): boolean {
  return better === 'higher' ? value >= goal : value <= goal;
}
