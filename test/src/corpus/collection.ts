// Where the collection of images lies, and the program that scores answers about it. Both are outside of this repository.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export interface Collection {
  folder: string;
  /** What other programs say of every file. */
  manifest: string;
  /** Compares answers with the manifest. */
  compare: string;
}

/** CORPUS_DIR, or the place beside the repository; undefined where there is nothing. */
export function findCollection(env: NodeJS.ProcessEnv): Collection | undefined {
  const folder = path.resolve(env.CORPUS_DIR ?? path.join(ROOT, '../shared/corpora/dev'));
  const manifest = path.join(folder, 'manifest.json');
  const compare = [folder, path.dirname(folder)]
    .map((place) => path.join(place, 'compare.mjs'))
    .find((file) => existsSync(file));
  return compare !== undefined && existsSync(manifest) ? { folder, manifest, compare } : undefined;
}
