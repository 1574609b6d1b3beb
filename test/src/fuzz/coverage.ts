// What of the instrumented code ran: new places, and places that ran far more often than ever before.
import { COVERAGE_VARIABLE } from './instrument.ts';

/** Counts by the number of the place. Istanbul numbers them from 0, without gaps. */
type Counts = Record<number, number>;

interface FileCounters {
  s: Counts;
  f: Counts;
  b: Record<number, number[]>;
}

interface Watched {
  /** Of functions: a file of which none ran needs no closer look. */
  functions: Counts;
  functionCount: number;
  places: { counts: Counts; count: number; best: Int8Array }[];
}

export interface Coverage {
  /** Places, and buckets of counts, that the last run was the first to reach; forgets the run's counts. */
  news(): number;
  /** Places that ever ran. */
  places(): number;
}

/** Counts fall into buckets, as in AFL: a loop that runs twice is news, one that runs 101 times instead of 100 is not. */
function bucketOf(count: number): number {
  return count < 4 ? count : 32 - Math.clz32(count) + 1;
}

function watch({ s, f, b }: FileCounters): Watched {
  const places = [s, ...Object.values(b)].map((counts) => {
    const count = Object.keys(counts).length;
    return { counts: counts as Counts, count, best: new Int8Array(count) };
  });
  return { functions: f, functionCount: Object.keys(f).length, places };
}

export function createCoverage(): Coverage {
  const all =
    (globalThis as unknown as Record<string, Record<string, FileCounters>>)[COVERAGE_VARIABLE] ?? {};
  const files = Object.values(all).map(watch);
  let reached = 0;

  function hasRun({ functions, functionCount }: Watched): boolean {
    let ran = false;
    for (let index = 0; index < functionCount; index += 1) {
      if (functions[index] === 0) continue;
      functions[index] = 0;
      ran = true;
    }
    return ran;
  }

  function look({ counts, count, best }: Watched['places'][number]): number {
    let found = 0;
    for (let index = 0; index < count; index += 1) {
      const times = counts[index] ?? 0;
      if (times === 0) continue;
      counts[index] = 0;
      const bucket = bucketOf(times);
      if (bucket <= (best[index] ?? 0)) continue;
      if (best[index] === 0) reached += 1;
      best[index] = bucket;
      found += 1;
    }
    return found;
  }

  return {
    news: () => {
      let found = 0;
      for (const file of files) {
        if (!hasRun(file)) continue;
        for (const places of file.places) found += look(places);
      }
      return found;
    },
    places: () => reached,
  };
}
