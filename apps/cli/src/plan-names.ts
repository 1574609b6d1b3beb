// Plans as a command line names them.
import type { Database } from '@tintype/prisma';

/** @throws Error that names the plans there are */
export async function checkPlan(name: string, { plans }: Pick<Database, 'plans'>): Promise<void> {
  if ((await plans.get(name)) !== undefined) return;
  const names = (await plans.list()).map((plan) => plan.name);
  throw new Error(`There is no plan "${name}". There are: ${names.join(', ')}.`);
}
