// Whether those who live have had the chance to say so: leases are taken from nobody right after the database was away, or after this
// process itself stood still (a frozen container, a laptop asleep) and does not know what it missed.

export interface Calm {
  /** To be called as a round begins. */
  tick(): void;
  /** A call to the database: its failure ends the calm, and the first that succeeds begins it anew. */
  watch<Result>(call: () => Promise<Result>): Promise<Result>;
  /** It has been calm for as long as a renewal takes to come round. */
  holds(): boolean;
}

export interface CalmOptions {
  /** How often the living renew their leases. */
  renewEveryMs: number;
  /** Rounds that begin further apart than this mean a standstill. */
  standstillMs: number;
  /** The clock on the wall: others do not run while a machine sleeps. */
  now?: () => number;
}

export function createCalm({ renewEveryMs, standstillMs, now = Date.now }: CalmOptions): Calm {
  let calmSince: number | undefined;
  let lastTick = now();
  return {
    tick: () => {
      const at = now();
      if (Math.abs(at - lastTick) > standstillMs) calmSince = undefined;
      lastTick = at;
    },
    watch: async (call) => {
      try {
        const result = await call();
        calmSince ??= now();
        return result;
      } catch (error) {
        calmSince = undefined;
        throw error;
      }
    },
    holds: () => calmSince !== undefined && Math.abs(now() - calmSince) >= renewEveryMs,
  };
}
