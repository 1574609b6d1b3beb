// Turns many single writes into few statements: flushes at once when idle, else gathers while flushes are under way.

export interface BatchOptions<Item, Result> {
  /** Writes the items in one statement; answers in their order. */
  flush: (items: Item[]) => Promise<Result[]>;
  /** True for an error that one bad item causes: the others are then written one by one. */
  isItemError: (error: unknown) => boolean;
  /** True for an error that meets everybody: what waits behind it is refused with it, and does not wait as long again. */
  isStall?: (error: unknown) => boolean;
  maxItems?: number;
  maxInFlight?: number;
  /** Beyond so many the one that waits longest is refused. */
  maxWaiting?: number;
  /** At most one flush begins in this time; the first after a quiet while begins at once. */
  minIntervalMs?: number;
}

export interface Batch<Item, Result> {
  add(item: Item): Promise<Result>;
  /** Resolves when nothing waits and nothing is being written. */
  idle(): Promise<void>;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export function createBatch<Item, Result>(options: BatchOptions<Item, Result>): Batch<Item, Result> {
  const {
    flush,
    isItemError,
    isStall = () => false,
    maxItems = 100,
    maxInFlight = 2,
    maxWaiting = Number.POSITIVE_INFINITY,
    minIntervalMs = 0,
  } = options;
  const waiting: Waiting<Item, Result>[] = [];
  const idleListeners: (() => void)[] = [];
  let inFlight = 0;
  let scheduled = false;
  let lastFlushAt = Number.NEGATIVE_INFINITY;

  async function write(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await flush(group.map((entry) => entry.item));
      group.forEach((entry, index) => {
        entry.resolve(results[index] as Result);
      });
    } catch (error) {
      await recover(group, error);
    }
  }

  async function recover(group: Waiting<Item, Result>[], error: unknown): Promise<void> {
    if (group.length > 1 && isItemError(error)) for (const entry of group) await write([entry]);
    else for (const entry of [...group, ...(isStall(error) ? waiting.splice(0) : [])]) entry.reject(error);
  }

  function pump(): void {
    scheduled = false;
    while (waiting.length > 0 && inFlight < maxInFlight) {
      const tooSoonMs = lastFlushAt + minIntervalMs - performance.now();
      if (tooSoonMs > 0 && waiting.length < maxItems) {
        schedule(tooSoonMs);
        return;
      }
      lastFlushAt = performance.now();
      inFlight += 1;
      void write(waiting.splice(0, maxItems)).finally(() => {
        inFlight -= 1;
        pump();
      });
    }
    if (waiting.length === 0 && inFlight === 0) for (const listener of idleListeners.splice(0)) listener();
  }

  /** Items added in the same turn of the event loop share a statement. */
  function schedule(delayMs = 0): void {
    if (scheduled) return;
    scheduled = true;
    if (delayMs > 0) setTimeout(pump, delayMs);
    else setImmediate(pump);
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (waiting.length > maxWaiting) waiting.shift()?.reject(new Error('Too many items wait.'));
        schedule();
      }),
    idle: () =>
      waiting.length === 0 && inFlight === 0
        ? Promise.resolve()
        : new Promise((resolve) => idleListeners.push(resolve)),
  };
}
