// One step of a job: timed, counted and traced alike.
import type { Deps } from '../deps.ts';
import type { JobStep } from '../metrics.ts';

export interface Step<Result> {
  result: Result;
  durationMs: number;
}

/** Runs `action`, which is counted only if it succeeds. */
export async function runStep<Result>(
  name: JobStep,
  action: () => Promise<Result>,
  { metrics, telemetry }: Pick<Deps, 'metrics' | 'telemetry'>,
): Promise<Step<Result>> {
  const begunAt = performance.now();
  const result = await telemetry.span(name, null, {}, action);
  const durationMs = performance.now() - begunAt;
  metrics.step(name, durationMs);
  return { result, durationMs };
}
