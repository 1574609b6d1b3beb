// Makes the next jobs of a run over images that exist. New work comes first: see prisma/src/reprocess.ts.
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';

/** One round; answers how many jobs it made. */
export async function reprocess(
  { reprocessAtOnce }: Pick<WorkerConfig, 'reprocessAtOnce'>,
  { db, nudges, log }: Pick<Deps, 'db' | 'nudges' | 'log'>,
): Promise<number> {
  const made = await db.reprocess.makeJobs(reprocessAtOnce);
  if (made.length === 0) return 0;
  log.debug({ jobs: made.length }, 'describing images anew');
  await nudges.send(made);
  return made.length;
}
