// Memory of the api while many large uploads are in flight at once.
import type { Bench, Figures } from '../figures.ts';
import { openJobs } from '../jobs.ts';
import { peakMb, resetPeak } from '../memory.ts';
import type { Stack } from '../stack.ts';

const parallel = 50;

export async function measureLargeUploads(
  stack: Stack,
  { load }: Bench,
  largeImage: string,
): Promise<Figures> {
  const { api } = stack.processes();
  if (api === undefined || !resetPeak(api)) return {};
  await load.flood(stack, parallel, parallel, [largeImage]);
  const apiMb = peakMb(api);
  const jobs = await openJobs(stack.databaseUrl);
  await jobs.drained().finally(() => jobs.close());
  return { apiLargeUploads: apiMb };
}
