// Knows what must still happen when this process exits. Refuses signal handlers: those belong to the
// application; children outlive no signal because of their leash (see leash.ts).
const endings = new Set<() => void>();

function runEndings(): void {
  for (const ending of endings) {
    try {
      ending();
    } catch {}
  }
}

/**
 * Runs `ending`, synchronously, when the process exits. One hook serves them all.
 *
 * @returns a function that takes the promise back
 */
export function atExit(ending: () => void): () => void {
  if (endings.size === 0) process.once('exit', runEndings);
  endings.add(ending);
  return () => {
    endings.delete(ending);
    if (endings.size === 0) process.removeListener('exit', runEndings);
  };
}
