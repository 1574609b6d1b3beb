// A command line that can't be understood.
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ours, or one of `parseArgs`. */
export function isUsageError(error: NodeJS.ErrnoException): boolean {
  return error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS') === true;
}
