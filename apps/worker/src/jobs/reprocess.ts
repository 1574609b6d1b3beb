// Makes the next jobs of a run over images that exist. New work comes first: see prisma/src/reprocess.ts.
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';

/** Where workers keep up, no new image waits for so long: a run goes on beside steady work, and stands still behind a backlog. */
const PATIENCE_MS = 1000;

/** One round; answers how many jobs it made. */
export async function reprocess(
  { reprocessAtOnce }: Pick<WorkerConfig, 'reprocessAtOnce'>,
  { db, nudges, log }: Pick<Deps, 'db' | 'nudges' | 'log'>,
  patienceMs = PATIENCE_MS,
): Promise<number> {
  const made = await db.reprocess.makeJobs({ atOnce: reprocessAtOnce, patienceMs });
  if (made.length === 0) return 0;
  log.debug({ jobs: made.length }, 'describing images anew');
  await nudges.send(made);
  return made.length;
}
