// The jobs that this worker holds: renews their leases on a timer and tells a job when it is no longer ours.
import type { Logger } from '@tintype/core';

/** One claim of a job or a delivery. */
export interface Held {
  id: string;
  attempt: number;
}

export interface Lease {
  /** Aborts when the job belongs to somebody else. */
  signal: AbortSignal;
  end(): void;
}

export interface Leases {
  hold(job: Held): Lease;
  /** Jobs held now. */
  held(): Held[];
  /** When a job was last begun, by `performance.now()`. */
  lastBegunAt(): number;
  /** When the one that is held longest was begun, by `performance.now()`; undefined: none is held. */
  oldestBegunAt(): number | undefined;
  /**
   * Renews no more, tells all that is held that it is no longer ours, and has `release` give it back. What can't be given back comes back
   * when its lease runs out.
   */
  giveBack(release: (held: Held[]) => Promise<void>): Promise<void>;
}

const RENEWALS_PER_LEASE = 3;

/** A database that comes back is to hear of the living before it asks who is dead. */
const RETRY_MS = 500;

export function renewEveryMs(leaseMs: number): number {
  return leaseMs / RENEWALS_PER_LEASE;
}

export interface LeaseDeps {
  /** Prolongs what is held and answers the ids that are still ours. */
  heartbeat: (jobs: Held[], leaseMs: number) => Promise<Set<string>>;
  log: Logger;
}

export function keepLeases({ heartbeat, log }: LeaseDeps, leaseMs: number): Leases {
  const everyMs = renewEveryMs(leaseMs);
  const running = new Map<string, Held & { controller: AbortController; begunAt: number }>();
  let lastBegunAt = performance.now();
  let renewing = false;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  async function renew(): Promise<void> {
    if (renewing || running.size === 0) return;
    renewing = true;
    const jobs = [...running.values()];
    try {
      const kept = await heartbeat(
        jobs.map(({ id, attempt }) => ({ id, attempt })),
        leaseMs,
      );
      for (const job of jobs) if (!kept.has(job.id) && running.get(job.id) === job) job.controller.abort();
    } catch (err) {
      // Nothing is lost yet: the next renewal may come in time, and the fence holds if it does not.
      log.warn({ err }, 'leases could not be renewed');
      if (!stopped) retry = setTimeout(() => void renew(), Math.min(RETRY_MS, everyMs));
    } finally {
      renewing = false;
    }
  }

  const timer = setInterval(() => void renew(), everyMs);

  const held = () => [...running.values()].map(({ id, attempt }) => ({ id, attempt }));

  return {
    hold: ({ id, attempt }) => {
      const entry = { id, attempt, controller: new AbortController(), begunAt: performance.now() };
      // One that we lost and have claimed anew: the claim before it is over, and no renewal would tell it so.
      running.get(id)?.controller.abort();
      running.set(id, entry);
      if (stopped) entry.controller.abort();
      lastBegunAt = entry.begunAt;
      return {
        signal: entry.controller.signal,
        end: () => {
          if (running.get(id) === entry) running.delete(id);
        },
      };
    },
    held,
    lastBegunAt: () => lastBegunAt,
    oldestBegunAt: () => earliest([...running.values()].map(({ begunAt }) => begunAt)),
    giveBack: async (release) => {
      stopped = true;
      clearInterval(timer);
      clearTimeout(retry);
      const left = held();
      for (const { controller } of running.values()) controller.abort();
      if (left.length === 0) return;
      log.warn({ unfinished: left.length }, 'giving back what is not finished');
      await release(left).catch((err) => log.warn({ err }, 'could not be given back'));
    },
  };
}

/** Undefined where none is given. */
export function earliest(times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
