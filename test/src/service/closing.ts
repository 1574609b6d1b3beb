// Parts that are opened one by one and closed together, the last one first: also when opening a later one failed.

export interface Closing {
  /** The thing, once it is there; from then on `close` ends it. */
  opened<Thing>(thing: Promise<Thing>, close: (thing: Thing) => Promise<unknown>): Promise<Thing>;
  /** Runs `end` before what was opened so far is closed. */
  first(end: () => Promise<unknown>): void;
  close(): Promise<void>;
}

export function createClosing(): Closing {
  const closing: (() => Promise<unknown>)[] = [];
  return {
    opened: async (thing, close) => {
      const it = await thing;
      closing.unshift(() => close(it));
      return it;
    },
    first: (end) => void closing.unshift(end),
    close: async () => {
      for (const one of closing.splice(0)) await one();
    },
  };
}
