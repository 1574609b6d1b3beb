// Two kinds of work before the same places: whoever waits longest of his line, the lines in turn. Neither keeps the other waiting for all of its own.

export interface Lines<Name extends string> {
  /** Runs `action` as soon as it is its turn. */
  run<Result>(line: Name, action: () => Promise<Result>): Promise<Result>;
  /** How many run. */
  taken(): number;
}

export function createLines<Name extends string>(places: number, names: readonly Name[]): Lines<Name> {
  const lines = new Map(names.map((name) => [name, [] as (() => void)[]]));
  let taken = 0;

  /** The line that was served goes to the end. */
  function next(): (() => void) | undefined {
    for (const [name, waiting] of [...lines]) {
      const first = waiting.shift();
      if (first === undefined) continue;
      lines.delete(name);
      lines.set(name, waiting);
      return first;
    }
    return undefined;
  }

  return {
    run: async (line, action) => {
      if (taken >= places) await new Promise<void>((resolve) => lines.get(line)?.push(resolve));
      else taken += 1;
      try {
        return await action();
      } finally {
        // A place is handed over, not freed, while somebody waits: nobody can slip in between.
        const first = next();
        if (first === undefined) taken -= 1;
        else first();
      }
    },
    taken: () => taken,
  };
}
