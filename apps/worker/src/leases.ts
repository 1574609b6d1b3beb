// The jobs that this worker holds: renews their leases on a timer and tells a job when it is no longer ours.
import type { Logger } from '@tintype/core';
import type { ClaimedJob, Database } from '@tintype/prisma';

export interface Lease {
  /** Aborts when the job belongs to somebody else. */
  signal: AbortSignal;
  end(): void;
}

export interface Leases {
  hold(job: ClaimedJob): Lease;
  /** Jobs held now. */
  held(): { id: string; attempt: number }[];
  /** When a job was last begun, by `performance.now()`. */
  lastBegunAt(): number;
  stop(): void;
}

const RENEWALS_PER_LEASE = 3;

export function keepLeases({ db, log }: { db: Database; log: Logger }, leaseMs: number): Leases {
  const running = new Map<string, { id: string; attempt: number; controller: AbortController }>();
  let lastBegunAt = performance.now();
  let renewing = false;

  async function renew(): Promise<void> {
    if (renewing || running.size === 0) return;
    renewing = true;
    const jobs = [...running.values()];
    try {
      const kept = await db.work.heartbeat(
        jobs.map(({ id, attempt }) => ({ id, attempt })),
        leaseMs,
      );
      for (const job of jobs) if (!kept.has(job.id) && running.get(job.id) === job) job.controller.abort();
    } catch (err) {
      // Nothing is lost yet: the next renewal may come in time, and the fence holds if it does not.
      log.warn({ err }, 'leases could not be renewed');
    } finally {
      renewing = false;
    }
  }

  const timer = setInterval(() => void renew(), leaseMs / RENEWALS_PER_LEASE);

  return {
    hold: ({ id, attempt }) => {
      const entry = { id, attempt, controller: new AbortController() };
      running.set(id, entry);
      lastBegunAt = performance.now();
      return {
        signal: entry.controller.signal,
        end: () => {
          if (running.get(id) === entry) running.delete(id);
        },
      };
    },
    held: () => [...running.values()].map(({ id, attempt }) => ({ id, attempt })),
    lastBegunAt: () => lastBegunAt,
    stop: () => clearInterval(timer),
  };
}
