// Whether there is room for one more image: exact over all processes, because everybody who asks for a tenant waits for the one before him.
import { createBatch } from './batch.ts';
import { isDatabaseSilent, isDataError } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';
import { type PlanLimits, toLimits } from './plans.ts';

/** Null is no limit. */
export type RoomLimits = Pick<PlanLimits, 'storedBytes' | 'concurrentJobs'>;

export interface AdmissionRequest {
  tenantId: string;
  /** The upload that is to become an image; it holds what it is promised until it does, or is abandoned. */
  uploadId: string;
  /** Of an upload without bytes, which nobody has begun: its row is made. */
  objectKey?: string;
  bytes: number;
  /** How many it brings; 1 by default. */
  jobs?: number;
  limits: RoomLimits;
}

/** `storage`: too many bytes are stored; `jobs`: too many have not ended; `expired`: the upload is gone. */
export type Admission = 'admitted' | 'storage' | 'jobs' | 'expired';

export interface Admissions {
  admit(request: AdmissionRequest): Promise<Admission>;
  /** What a tenant has and was promised. */
  held(tenantId: string): Promise<{ bytes: number; jobs: number }>;
  /** What a tenant's plan allows; undefined for a tenant that is gone. */
  limitsOf(tenantId: string): Promise<{ planName: string; limits: PlanLimits } | undefined>;
  idle(): Promise<void>;
}

export function createAdmissions(prisma: PrismaClient): Admissions {
  const admissions = createBatch<AdmissionRequest, Admission>({
    isItemError: isDataError,
    isStall: isDatabaseSilent,
    flush: async (requests) => {
      const wanted = requests.map(({ limits, ...request }) => ({ jobs: 1, ...request, ...limits }));
      const rows = await prisma.$queryRaw<{ answer: Admission }[]>`
        SELECT answer FROM tintype_admit(${JSON.stringify(wanted)}::jsonb) AS answer`;
      return rows.map(({ answer }) => answer);
    },
  });

  return {
    admit: admissions.add,

    held: async (tenantId) => {
      const [held] = await prisma.$queryRaw<{ bytes: number; jobs: number }[]>`
        SELECT bytes::float8, jobs::float8 FROM tintype_held(${tenantId}::uuid)`;
      return held ?? { bytes: 0, jobs: 0 };
    },

    limitsOf: async (id) => {
      const tenant = await prisma.tenant.findUnique({ where: { id }, include: { plan: true } });
      return tenant === null ? undefined : { planName: tenant.planName, limits: toLimits(tenant.plan) };
    },

    idle: admissions.idle,
  };
}
