// Answers of a moment ago, so that a picture that is asked for all the time costs the database nothing. Knows nothing of what is answered.

/** Whatever may be delivered belongs to an image, or to a file. */
export interface OfImage {
  imageId: string | null;
}

export interface Kept<Value extends OfImage> {
  /** What was answered at most `forMs` ago, or else what `ask` answers now. Undefined and rejections are not kept. */
  get(name: string, ask: () => Promise<Value | undefined>): Promise<Value | undefined>;
  drop(name: string): void;
  /** Those of these images, and what is being asked at this moment, whatever it is of. */
  forget(imageIds: ReadonlySet<string>): void;
}

interface Entry<Value> {
  answer: Promise<Value | undefined>;
  /** Undefined while it is being asked. */
  value: Value | undefined;
  /** By the clock that is never set. */
  untilMs: number;
}

/** `most` are kept; those beyond push out the oldest. */
export function createKept<Value extends OfImage>({
  forMs,
  most,
}: {
  forMs: number;
  most: number;
}): Kept<Value> {
  const entries = new Map<string, Entry<Value>>();

  function ask(name: string, find: () => Promise<Value | undefined>): Promise<Value | undefined> {
    // Counted from before the question: what changes behind it is seen in time.
    const entry: Entry<Value> = { answer: find(), value: undefined, untilMs: performance.now() + forMs };
    const [oldest] = entries.size < most ? [] : entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
    entries.set(name, entry);
    const leave = () => {
      if (entries.get(name) === entry) entries.delete(name);
    };
    entry.answer.then((value) => {
      entry.value = value;
      if (value === undefined) leave();
    }, leave);
    return entry.answer;
  }

  return {
    get: (name, find) => {
      if (forMs === 0) return find();
      const known = entries.get(name);
      if (known !== undefined && known.untilMs > performance.now()) return known.answer;
      entries.delete(name);
      return ask(name, find);
    },
    drop: (name) => {
      entries.delete(name);
    },
    forget: (imageIds) => {
      for (const [name, { value }] of entries) {
        if (value === undefined || (value.imageId !== null && imageIds.has(value.imageId)))
          entries.delete(name);
      }
    },
  };
}
