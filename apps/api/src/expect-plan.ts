// A plan that a request names must be there.
import { AppError } from '@tintype/core';
import type { ApiDatabase } from './guard-database.ts';

/** @throws AppError INVALID_REQUEST: the address that was called is there, and what it was sent is wrong */
export async function expectPlan(name: string, { plans }: Pick<ApiDatabase, 'plans'>): Promise<void> {
  if ((await plans.get(name)) !== undefined) return;
  throw new AppError('INVALID_REQUEST', {
    message: 'There is no plan of that name.',
    problems: [{ pointer: '/plan', message: 'is the name of no plan' }],
  });
}
