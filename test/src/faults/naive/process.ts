// What both of the control's processes do as processes: read their environment, end when told to.

export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing.`);
  return value;
}

export function ending(close: () => unknown): void {
  const end = async () => {
    await Promise.race([close(), new Promise((resolve) => setTimeout(resolve, 3000))]);
    process.exit(0);
  };
  process.once('SIGTERM', end);
  // Whoever started us is gone: so are we.
  process.once('disconnect', end);
}
