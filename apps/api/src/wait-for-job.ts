// Waits until a job has ended.
import type { TenantDatabase } from '@tintype/prisma';
import type { Deps } from './deps.ts';
import { waitUntilEnded } from './wait-until-ended.ts';

/** Resolves true when the job has ended, false when the time is over, the caller is gone or the process stops. */
export function waitForJob(
  id: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  { own, finished }: Pick<Deps, 'finished'> & { own: Pick<TenantDatabase, 'jobs'> },
): Promise<boolean> {
  const look = () => own.jobs.isFinished(id);
  return waitUntilEnded(id, { timeoutMs, signal, look, hasEnded: (isFinished) => isFinished }, { finished });
}
