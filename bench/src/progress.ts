// Progress lines on stderr, with the seconds since the run began.
const startedAt = performance.now();

export function progress(what: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`${seconds.padStart(6)} s  ${what}\n`);
}
