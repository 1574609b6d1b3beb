// What a job is told of its image: what its client wants, and what the service wants where the client says nothing.
import type { JobOptions, OnDuplicate } from '@tintype/core';
import { type DerivativeRules, resolveDerivatives } from './delivery/presets.ts';
import type { JobFields } from './job-fields.ts';

export interface JobDefaults extends DerivativeRules {
  /** What to do with an image that looks like one that is there. */
  onDuplicate: OnDuplicate;
}

/**
 * Defaults that change nothing are not written down. Presets are: what they mean later does not change what was asked for.
 * @throws AppError INVALID_REQUEST for a preset that there is none of, and for too many derivatives
 */
export function jobOptionsOf(
  { options, derivatives }: Pick<JobFields, 'options' | 'derivatives'>,
  { onDuplicate, ...rules }: JobDefaults,
): JobOptions {
  const transforms = resolveDerivatives(derivatives, rules);
  return {
    ...(onDuplicate !== 'allow' && { onDuplicate }),
    ...options,
    ...(transforms !== undefined && { derivatives: transforms }),
  };
}
