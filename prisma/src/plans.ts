// Plans: how much a tenant, or one of its keys, may do.
import { isDataError } from './errors.ts';
import type { Plan, PrismaClient } from './generated/client.ts';

/** Null is no limit. */
export interface PlanLimits {
  requestsPerSecond: number | null;
  /** In a day of UTC. */
  requestsPerDay: number | null;
  /** Originals of the tenant, together. */
  storedBytes: number | null;
  /** Of one file. */
  uploadBytes: number | null;
  /** Jobs of the tenant that have not ended. */
  concurrentJobs: number | null;
}

export const NO_LIMITS: PlanLimits = {
  requestsPerSecond: null,
  requestsPerDay: null,
  storedBytes: null,
  uploadBytes: null,
  concurrentJobs: null,
};

/** Of tenants that nobody chose a plan for: the default in the table. */
const DEFAULT_PLAN = 'unlimited';

export interface PlanRow extends PlanLimits {
  name: string;
  description: string;
  updatedAt: Date;
}

export interface Plans {
  list(): Promise<PlanRow[]>;
  get(name: string): Promise<PlanRow | undefined>;
  /** Makes the plan or replaces all of it. Whoever has it is under its new limits within the time that a key is believed. */
  put(plan: Omit<PlanRow, 'updatedAt'>): Promise<PlanRow>;
  /** `in-use`: a tenant or a key has it, or it is the one that a tenant has by default. Undefined: there is none. */
  remove(name: string): Promise<'removed' | 'in-use' | undefined>;
}

export function createPlans(prisma: PrismaClient): Plans {
  return {
    list: async () => (await prisma.plan.findMany({ orderBy: { name: 'asc' } })).map(toRow),
    get: async (name) => {
      const plan = await prisma.plan.findUnique({ where: { name } });
      return plan === null ? undefined : toRow(plan);
    },
    put: async ({ name, ...rest }) => {
      const data = { ...rest, updatedAt: new Date() };
      return toRow(await prisma.plan.upsert({ where: { name }, create: { name, ...data }, update: data }));
    },
    remove: async (name) => {
      if (name === DEFAULT_PLAN) return 'in-use';
      try {
        const { count } = await prisma.plan.deleteMany({ where: { name } });
        return count === 0 ? undefined : 'removed';
      } catch (error) {
        // Its foreign keys say so, at the moment of the removal itself.
        if (isDataError(error)) return 'in-use';
        throw error;
      }
    },
  };
}

function toRow(plan: Plan): PlanRow {
  const { name, description, updatedAt } = plan;
  return { name, description, ...toLimits(plan), updatedAt };
}

export function toLimits({
  requestsPerSecond,
  requestsPerDay,
  storedBytes,
  uploadBytes,
  concurrentJobs,
}: Plan): PlanLimits {
  const bytes = (value: bigint | null) => (value === null ? null : Number(value));
  return {
    requestsPerSecond,
    requestsPerDay: bytes(requestsPerDay),
    storedBytes: bytes(storedBytes),
    uploadBytes: bytes(uploadBytes),
    concurrentJobs,
  };
}
