// Images as their tenant sees them: read, and removed with all that belongs to them.
import { changeImage, type ImageUpdate } from './change-image.ts';
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
  remove(tenantId: string, id: string): Promise<RemovedObject[] | undefined>;
  /**
   * The same for many, some in one transaction: each of these has others wait who change what the tenant uses. Those that are not the tenant's,
   * or gone, are left out of `deleted`. What was removed before an error stays removed, its objects left to the sweep.
   */
  removeMany(tenantId: string, ids: string[]): Promise<{ deleted: string[]; objects: RemovedObject[] }>;
  /** What is undefined stays. `path-taken`: another image of the tenant has the path, and nothing was changed. Undefined: no such image. */
  update(
    tenantId: string,
    id: string,
    change: ImageUpdate,
  ): Promise<ImageSummaryRow | 'path-taken' | undefined>;
}

export interface RemovedObject {
  uploadId: string;
  objectKey: string;
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
    remove: async (tenantId, id) => {
      const { deleted, objects } = await removeSome(prisma, tenantId, [id]);
      return deleted.length === 0 ? undefined : objects;
    },
    removeMany: (tenantId, ids) => removeMany(prisma, tenantId, ids),
    update: (tenantId, id, change) => changeImage(prisma, tenantId, id, change),
  };
}

/** Each may have hundreds of derivatives. */
const REMOVED_AT_ONCE = 50;

interface Removed {
  deleted: string[];
  objects: RemovedObject[];
}

async function removeMany(prisma: PrismaClient, tenantId: string, ids: string[]): Promise<Removed> {
  const removed: Removed = { deleted: [], objects: [] };
  for (let from = 0; from < ids.length; from += REMOVED_AT_ONCE) {
    const { deleted, objects } = await removeSome(prisma, tenantId, ids.slice(from, from + REMOVED_AT_ONCE));
    removed.deleted = removed.deleted.concat(deleted);
    removed.objects = removed.objects.concat(objects);
  }
  return removed;
}

function removeSome(prisma: PrismaClient, tenantId: string, ids: string[]): Promise<Removed> {
  return prisma.$transaction(async (tx) => {
    const images = await lockImages(tx, tenantId, ids);
    const deleted = images.map(({ id }) => id);
    if (deleted.length === 0) return { deleted, objects: [] };
    await tell(tx, deleted);
    return { deleted, objects: await removeImages(tx, tenantId, images) };
  });
}

/** A statement of its own: the trigger that makes the deliveries of these events looks for the jobs. */
async function tell(tx: Prisma.TransactionClient, ids: string[]): Promise<void> {
  await tx.$queryRaw`
    WITH canceled AS (
      UPDATE jobs j SET status = 'canceled', finished_at = clock_timestamp(), lease_until = NULL
      WHERE j.image_id = ANY (${ids}::uuid[]) AND j.finished_at IS NULL
      RETURNING j.id, j.tenant_id, j.image_id, tintype_job_data(j) AS data
    ), event AS (
      INSERT INTO events (tenant_id, type, job_id, image_id, data)
      SELECT tenant_id, 'job.canceled', id, image_id, jsonb_build_object('job', data) FROM canceled
      UNION ALL
      SELECT m.tenant_id, 'image.deleted', NULL, m.id, jsonb_build_object('image', tintype_image_data(m))
      FROM images m WHERE m.id = ANY (${ids}::uuid[])
    )
    SELECT count(pg_notify(${FINISHED_CHANNEL}, id::text)) FROM canceled`;
}
