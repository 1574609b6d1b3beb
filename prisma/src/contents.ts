// Which image answers for the same bytes with the same wishes.
import { type Batch, createBatch } from './batch.ts';
import { isDatabaseSilent, isDataError } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';

export interface ContentQuery {
  tenantId: string;
  contentDigestHex: string;
  /** The upload that would like to become an image. */
  imageId: string;
}

export interface KnownContent {
  /** What has the digest now; null when nothing has. */
  imageId: string | null;
  jobId: string | null;
  /** The image is there, and its job has not ended badly. */
  usable: boolean;
  /** The upload that would like to become an image is still there. */
  waiting: boolean;
}

export interface Contents {
  find(query: ContentQuery): Promise<KnownContent>;
  /** Forgets an image that does not answer any more, unless it was replaced or came back meanwhile. */
  forget(query: ContentQuery & { knownImageId: string }): Promise<void>;
  idle(): Promise<void>;
}

export function createContents(prisma: PrismaClient): Contents {
  const finds: Batch<ContentQuery, KnownContent> = createBatch({
    isItemError: isDataError,
    isStall: isDatabaseSilent,
    flush: async (queries) => {
      const rows = await prisma.$queryRaw<(KnownContent & { askedBy: string })[]>`
        SELECT r."imageId" AS "askedBy", c.image_id AS "imageId", c.job_id AS "jobId",
          j.status IS NOT NULL AND j.status NOT IN ('failed', 'canceled') AS usable, u.id IS NOT NULL AS waiting
        FROM jsonb_to_recordset(${JSON.stringify(queries)}::jsonb) AS r("tenantId" uuid, "contentDigestHex" text, "imageId" uuid)
        LEFT JOIN contents c ON c.tenant_id = r."tenantId" AND c.digest = decode(r."contentDigestHex", 'hex')
        LEFT JOIN jobs j ON j.id = c.job_id AND j.image_id = c.image_id
        LEFT JOIN uploads u ON u.id = r."imageId" AND u.tenant_id = r."tenantId" AND u.swept_at IS NULL`;
      const known = new Map(rows.map(({ askedBy, ...row }) => [askedBy, row]));
      const nothing: KnownContent = { imageId: null, jobId: null, usable: false, waiting: false };
      return queries.map(({ imageId }) => known.get(imageId) ?? nothing);
    },
  });

  return {
    find: finds.add,
    forget: async ({ tenantId, contentDigestHex, knownImageId }) => {
      await prisma.$executeRaw`
        DELETE FROM contents c
        WHERE c.tenant_id = ${tenantId}::uuid AND c.digest = decode(${contentDigestHex}, 'hex') AND c.image_id = ${knownImageId}::uuid
          AND NOT EXISTS (SELECT FROM jobs j WHERE j.id = c.job_id AND j.status NOT IN ('failed', 'canceled'))`;
    },
    idle: finds.idle,
  };
}
