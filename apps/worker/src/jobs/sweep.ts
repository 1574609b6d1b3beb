// Removes what is no longer wanted: objects of uploads that never became images, and rows past their retention.
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';

const DAY_MS = 86_400_000;
const BATCH = 100;

export async function sweep(
  config: Pick<WorkerConfig, 'uploadAbandonedMs' | 'requestLogRetentionDays' | 'eventRetentionDays'>,
  { db, objects, log }: Pick<Deps, 'db' | 'objects' | 'log'>,
): Promise<void> {
  const uploads = await db.sweep.abandonedUploads({
    olderThanMs: config.uploadAbandonedMs,
    limit: BATCH,
    remove: (key) => objects.remove(key),
  });
  const requestLogs = await db.sweep.requestLogs({ olderThanMs: config.requestLogRetentionDays * DAY_MS });
  const events = await db.sweep.events({ olderThanMs: config.eventRetentionDays * DAY_MS });
  if (uploads + requestLogs + events > 0) log.info({ uploads, requestLogs, events }, 'swept');
}
