// Header facts alone: images per second of the fast profile, of bare sharp().metadata() and of ExifTool -stay_open, on the same files.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Child, startScript } from '../child.ts';
import type { Bench, Figures } from '../figures.ts';
import { type MetadataReport, type MetadataTool, metadataTools } from '../metadata-loop.ts';
import { repositoryPath } from '../workspace.ts';

/** ExifTool needs a while for each file: a part of a collection is enough. */
const maxFiles = 400;

/** ExifTool is slow enough for one to be long; the others need more for a figure that holds. */
const timedPasses: Readonly<Record<MetadataTool, number>> = { fast: 5, sharp: 5, exiftool: 1 };

/** Real images where there is a collection (CORPUS_DIR), else the images of the run. */
export async function findFiles({ images }: Bench): Promise<readonly string[]> {
  const folder = join(resolve(process.env.CORPUS_DIR ?? repositoryPath('../shared/corpora/dev')), 'files');
  if (!existsSync(folder)) return images;
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}

/** Only files that every tool says something about are timed; the first pass finds them and warms the tools up. */
export async function measureMetadata(bench: Bench): Promise<Figures> {
  const loops = new Map<MetadataTool, Child>(
    metadataTools.map((tool) => [tool, startScript('metadata-loop')]),
  );
  const refused = new Set<string>();
  const found = await findFiles(bench);
  const every = Math.max(1, Math.ceil(found.length / maxFiles));
  const candidates = found.filter((_, index) => index % every === 0);
  for (const [tool, loop] of loops) {
    const report = await loop.ask<MetadataReport>({ tool, files: candidates });
    for (const file of report.refused) refused.add(file);
  }
  const files = candidates.filter((file) => !refused.has(file));
  const perSecond: Record<string, number> = { metadataFiles: files.length };
  for (const [tool, loop] of loops) {
    const passes = Array.from({ length: timedPasses[tool] }, () => files).flat();
    // A service has been running for longer than one pass.
    if (tool !== 'exiftool') await loop.ask<MetadataReport>({ tool, files: passes });
    const { seconds } = await loop.ask<MetadataReport>({ tool, files: passes });
    perSecond[`${tool}MetadataPerSecond`] = passes.length / seconds;
    await loop.stop();
  }
  return perSecond;
}
