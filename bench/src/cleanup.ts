// What must be undone at the end of the run, the last thing first, also on Ctrl-C. It knows no process and no folder.

type Undo = () => Promise<void>;

const pending = new Set<Undo>();

/** Registers `undo` for the end of the run; the returned function runs it now instead, once. */
export function atEnd(undo: Undo): Undo {
  pending.add(undo);
  return async () => {
    if (pending.delete(undo)) await undo();
  };
}

/** Undoes everything still registered, newest first; one failure does not keep the rest from being undone. */
export async function cleanUp(): Promise<void> {
  for (let undo = [...pending].at(-1); undo; undo = [...pending].at(-1)) {
    pending.delete(undo);
    await undo().catch((error: unknown) => console.error(`clean-up: ${String(error)}`));
  }
}

export function cleanUpOnSignals(): void {
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, code] of Object.entries(signals)) {
    process.once(signal, () => {
      void cleanUp().finally(() => process.exit(code));
    });
  }
}
