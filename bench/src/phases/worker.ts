// The worker alone: images per second from a full queue, against the bare loop that reads the same files.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BareReport } from '../bare-sharp.ts';
import { startScript } from '../child.ts';
import type { Bench, Figures } from '../figures.ts';
import { openJobs } from '../jobs.ts';
import type { Stack } from '../stack.ts';

/** Smaller objects are no uploads of the run. */
const minUploadBytes = 100_000;
const bareConcurrencies = [1, 4] as const;

/** `queuedSinceMs`: when the uploads that now wait in the queue began (Unix time). */
export async function measureWorker(stack: Stack, bench: Bench, queuedSinceMs: number): Promise<Figures> {
  const jobs = await openJobs(stack.databaseUrl);
  try {
    stack.startWorker();
    await jobs.drained();
    const { count, seconds } = await jobs.finishedSince(queuedSinceMs, bench.sizes.workerWarmUp);
    return { workerPerSecond: count / seconds };
  } finally {
    await jobs.close();
  }
}

async function uploadsBelow(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  const paths = names.map((name) => join(directory, name));
  const found = await Promise.all(paths.map(async (path) => ({ path, entry: await stat(path) })));
  return found.filter(({ entry }) => entry.isFile() && entry.size >= minUploadBytes).map(({ path }) => path);
}

/** One image at a time, as a plain loop does it, and four at a time; over the files the worker has read. */
export async function measureBareSharp(directory: string, { sizes }: Bench): Promise<Figures> {
  const files = (await uploadsBelow(directory)).slice(0, sizes.workerWarmUp + sizes.acceptJobs);
  const warmUp = files.slice(0, sizes.workerWarmUp);
  const measured = files.slice(sizes.workerWarmUp);
  const figures: Record<string, number> = {};
  for (const concurrency of bareConcurrencies) {
    const loop = startScript('bare-sharp');
    await loop.ask<BareReport>({ files: warmUp, concurrency });
    const { seconds } = await loop.ask<BareReport>({ files: measured, concurrency });
    figures[`bareSharp${concurrency}PerSecond`] = measured.length / seconds;
    await loop.stop();
  }
  return figures;
}
