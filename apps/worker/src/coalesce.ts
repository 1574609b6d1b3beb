// Many calls in a short time are one run; a call during a run is one more run after it.

export interface Coalesced {
  call(): void;
  /** Resolves when the run that is under way has ended; later calls do nothing. */
  stop(): Promise<void>;
}

export function coalesce(
  withinMs: number,
  run: () => Promise<unknown>,
  onError: (error: unknown) => void,
): Coalesced {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let stopped = false;

  function call(): void {
    if (stopped || timer !== undefined) return;
    timer = setTimeout(() => {
      running = running.then(() => {
        timer = undefined;
        return stopped ? undefined : run().catch(onError);
      });
    }, withinMs);
  }

  return {
    call,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
