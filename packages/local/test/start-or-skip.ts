// Skips a test by name where a service cannot be had; on CI that is a failure.
import type { Test } from 'tap';
import { ServiceUnavailableError } from '../src/index.ts';

export async function startOrSkip<T>(t: Test, start: () => Promise<T>): Promise<T | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof ServiceUnavailableError) || process.env.CI === 'true') throw error;
    t.pass(error.reason, { skip: error.message });
    return undefined;
  }
}
