// Lets a bounded number of things happen at once, in the order they were asked for.

export interface Slots {
  /** Runs `action` as soon as a slot is free. */
  run<Result>(action: () => Promise<Result>): Promise<Result>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    run: async (action) => {
      if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      else free -= 1;
      try {
        return await action();
      } finally {
        // A slot is handed over, not freed, while somebody waits: nobody can slip in between.
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
