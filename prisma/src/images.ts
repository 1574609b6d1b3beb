// Images as their tenant sees them: read, and removed with all that belongs to them.
import type { Image, Prisma, PrismaClient } from './generated/client.ts';
import type { ImageSummaryRow } from './jobs.ts';
import { lockImages, removeImages } from './remove-images.ts';
import { FINISHED_CHANNEL } from './work.ts';

export interface Images {
  /** One image without its metadata. */
  get(tenantId: string, id: string): Promise<ImageSummaryRow | undefined>;
  /** The metadata document; null while no worker has seen the image; undefined for an unknown image. */
  metadata(tenantId: string, id: string): Promise<Image['metadata'] | undefined>;
  /** Whether the image's last job ended without facts. */
  isFailed(tenantId: string, id: string): Promise<boolean>;
  /**
   * Removes image, jobs and facts, cancels what was not finished, with their events. The objects are left to the sweep, which knows them
   * as abandoned uploads from now on: whoever removes one earlier says so by `uploads.abandon`. Undefined: no such image.
   */
  remove(tenantId: string, id: string): Promise<{ uploadId: string; objectKey: string }[] | undefined>;
}

export function createImages(prisma: PrismaClient): Images {
  return {
    get: async (tenantId, id) =>
      (await prisma.image.findFirst({ where: { id, tenantId }, omit: { metadata: true } })) ?? undefined,
    metadata: async (tenantId, id) => {
      const image = await prisma.image.findFirst({ where: { id, tenantId }, select: { metadata: true } });
      return image === null ? undefined : image.metadata;
    },
    isFailed: async (tenantId, imageId) => {
      const last = await prisma.job.findFirst({
        where: { imageId, tenantId },
        orderBy: { id: 'desc' },
        select: { status: true },
      });
      return last?.status === 'failed' || last?.status === 'canceled';
    },
    remove: (tenantId, id) => prisma.$transaction((tx) => removeImage(tx, tenantId, id)),
  };
}

async function removeImage(
  tx: Prisma.TransactionClient,
  tenantId: string,
  id: string,
): Promise<{ uploadId: string; objectKey: string }[] | undefined> {
  const [image] = await lockImages(tx, tenantId, [id]);
  if (image === undefined) return undefined;

  // A statement of its own: the trigger that makes the deliveries of these events looks for the jobs.
  await tx.$queryRaw`
    WITH canceled AS (
      UPDATE jobs j SET status = 'canceled', finished_at = clock_timestamp(), lease_until = NULL
      WHERE j.image_id = ${id}::uuid AND j.finished_at IS NULL
      RETURNING j.id, j.tenant_id, j.image_id, tintype_job_data(j) AS data
    ), event AS (
      INSERT INTO events (tenant_id, type, job_id, image_id, data)
      SELECT tenant_id, 'job.canceled', id, image_id, jsonb_build_object('job', data) FROM canceled
      UNION ALL
      SELECT m.tenant_id, 'image.deleted', NULL, m.id, jsonb_build_object('image', tintype_image_data(m))
      FROM images m WHERE m.id = ${id}::uuid
    )
    SELECT count(pg_notify(${FINISHED_CHANNEL}, id::text)) FROM canceled`;

  return removeImages(tx, tenantId, [image]);
}
