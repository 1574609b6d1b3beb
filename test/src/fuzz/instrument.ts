// A copy of the compiled image readers that counts which of its branches ran.
import { cp, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInstrumenter } from 'istanbul-lib-instrument';

/** The name of the global that holds the counters, and how they are laid out: file → kind → number of the place → count. */
export const COVERAGE_VARIABLE = '__fuzz_coverage__';

/**
 * Answers the folder of the copy. It stands beside the worker's packages, so that imports of packages find them.
 * @param worker the worker's folder
 */
export async function instrumentReaders(worker: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-fuzz-'));
  await cp(path.join(worker, 'dist/src/image'), path.join(folder, 'image'), { recursive: true });
  await cp(path.join(worker, 'package.json'), path.join(folder, 'package.json'));
  await symlink(path.join(worker, 'node_modules'), path.join(folder, 'node_modules'));
  const instrumenter = createInstrumenter({
    esModules: true,
    coverageVariable: COVERAGE_VARIABLE,
    coverageGlobalScopeFunc: false,
    coverageGlobalScope: 'globalThis',
    compact: true,
  });
  const files = await readdir(path.join(folder, 'image'), { recursive: true });
  for (const name of files.filter((one) => one.endsWith('.js'))) {
    const file = path.join(folder, 'image', name);
    await writeFile(file, instrumenter.instrumentSync(await readFile(file, 'utf8'), file));
  }
  return folder;
}
