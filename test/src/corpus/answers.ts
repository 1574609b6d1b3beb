// Asks an extractor about every file of a collection; its answers are a file of JSON Lines.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Collection } from './collection.ts';
import { ROOT } from './collection.ts';

export const EXTRACTORS = {
  fast: ['apps/cli/dist/src/main.js', 'inspect', '--json', '--profile', 'fast', '--no-pixels', '--jobs', '1'],
  full: ['apps/cli/dist/src/main.js', 'inspect', '--json', '--profile', 'full', '--jobs', '1'],
  sharp: ['test/dist/src/corpus/sharp-alone.js'],
  exiftool: ['test/dist/src/corpus/exiftool-alone.js'],
} as const;

export type Extractor = keyof typeof EXTRACTORS;

/** Writes answers to `output`. A file that can't be answered is an answer too, so the exit code says nothing but a crash. */
export async function askAll(
  extractor: Extractor,
  { folder }: Collection,
  output: string,
): Promise<{ seconds: number }> {
  const begunAt = performance.now();
  const child = spawn(process.execPath, [...EXTRACTORS[extractor], path.join(folder, 'files')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code ?? 1)),
  );
  await pipeline(child.stdout, createWriteStream(output));
  const end = await ended;
  if (end !== 0 && end !== 1) throw new Error(`${extractor} ended with ${end}`);
  return { seconds: (performance.now() - begunAt) / 1000 };
}
