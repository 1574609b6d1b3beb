// The rows of images that go, and what becomes of their objects: those who remove one and those who remove all of a tenant's.
import type { Prisma } from './generated/client.ts';
import { newId } from './id.ts';

export interface LockedImage {
  id: string;
  objectKey: string;
  isStored: boolean;
}

/** Locks jobs before their images, each by id, as everybody else does. Those that are not the tenant's, or gone, are left out. */
export async function lockImages(
  tx: Prisma.TransactionClient,
  tenantId: string,
  ids: string[],
): Promise<LockedImage[]> {
  await tx.$queryRaw`
    SELECT id FROM jobs WHERE image_id = ANY (${ids}::uuid[]) AND tenant_id = ${tenantId}::uuid ORDER BY id FOR UPDATE`;
  return tx.$queryRaw<LockedImage[]>`
    SELECT id, object_key AS "objectKey", bytes IS NOT NULL AS "isStored" FROM images
    WHERE id = ANY (${ids}::uuid[]) AND tenant_id = ${tenantId}::uuid ORDER BY id FOR UPDATE`;
}

/**
 * Removes the rows, with the jobs and what was made of the images. All objects are left to the sweep, as uploads long abandoned, which are
 * answered.
 */
export async function removeImages(
  tx: Prisma.TransactionClient,
  tenantId: string,
  images: LockedImage[],
): Promise<{ uploadId: string; objectKey: string }[]> {
  const ids = images.map(({ id }) => id);
  // In the order in which workers lock them, not in that of their images. The trigger leaves the objects to the sweep.
  const derived = await tx.$queryRaw<{ uploadId: string; objectKey: string | null }[]>`
    WITH made AS (SELECT id FROM derivatives WHERE image_id = ANY (${ids}::uuid[]) ORDER BY id FOR UPDATE)
    DELETE FROM derivatives d USING made WHERE d.id = made.id
    RETURNING d.id AS "uploadId", d.object_key AS "objectKey"`;
  // What has no bytes has no object. An object of somebody who is fetching it right now is remembered by an upload of its own.
  const uploads = images
    .filter(({ isStored }) => isStored)
    .map(({ objectKey }) => ({ uploadId: newId(), objectKey }));
  await tx.$executeRaw`
    WITH object AS (
      INSERT INTO uploads (id, tenant_id, object_key, created_at)
      SELECT "uploadId", ${tenantId}::uuid, "objectKey", 'epoch'
      FROM jsonb_to_recordset(${JSON.stringify(uploads)}::jsonb) AS r("uploadId" uuid, "objectKey" text)
    ), content AS (
      DELETE FROM contents WHERE image_id = ANY (${ids}::uuid[])
    )
    DELETE FROM images WHERE id = ANY (${ids}::uuid[])`;
  return [
    ...uploads,
    ...derived.flatMap(({ uploadId, objectKey }) => (objectKey === null ? [] : { uploadId, objectKey })),
  ];
}
