// Removes objects that no image, no derivative and no upload knows: what is left when an object could not be removed with its row.
import { isOwnKey } from '@tintype/core';
import type { WorkerConfig } from '../config.ts';
import type { SweepDeps } from './sweep.ts';

const PAGE = 1000;
const AT_ONCE = 10;
/** Orphans kept in mind until the store is known to be ours. */
const MAX_HELD = 10_000;

/**
 * Looks through the whole store; answers how many objects it removed, or throws at the end what kept it from removing one. Removes nothing before it has seen an object that the database
 * knows: a database that is empty, or another's, would make orphans of all.
 */
export async function sweepOrphans(
  { orphanAgeMs }: Pick<WorkerConfig, 'orphanAgeMs'>,
  deps: SweepDeps,
): Promise<number> {
  const { db, metrics, log } = deps;
  let [removed, isOurs] = [0, false];
  const failures: unknown[] = [];
  const held: string[] = [];
  for await (const keys of pagesOfOld(orphanAgeMs, deps)) {
    const unknown = await db.sweep.unknownObjects(keys);
    isOurs ||= unknown.length < keys.length;
    held.push(...unknown.slice(0, MAX_HELD - held.length));
    if (isOurs) removed += await removeAll(held.splice(0), failures, deps);
  }
  if (held.length > 0)
    log.warn({ objects: held.length }, 'the database knows none of the objects: none is removed');
  if (removed > 0) metrics.swept('objects', removed);
  if (failures.length > 0) throw failures[0];
  return removed;
}

/** One that is younger may be of an upload whose row this database does not show yet. */
async function* pagesOfOld(ageMs: number, { objects }: SweepDeps): AsyncGenerator<string[]> {
  let page: string[] = [];
  for await (const { key, modifiedAt } of objects.list()) {
    if (!isOwnKey(key) || modifiedAt.getTime() > Date.now() - ageMs) continue;
    if (page.push(key) < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** One that can't be removed keeps none behind it: `failures` hears of it. */
async function removeAll(keys: string[], failures: unknown[], { objects, log }: SweepDeps): Promise<number> {
  let removed = 0;
  const waiting = keys.values();
  async function removeNext(): Promise<void> {
    for (const key of waiting) {
      try {
        await objects.remove(key);
        removed += 1;
        log.info({ key }, 'object without an image removed');
      } catch (error) {
        failures[0] ??= error;
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, removeNext));
  return removed;
}
