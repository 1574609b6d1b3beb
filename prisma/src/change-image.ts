// What a tenant may change of an image in one go. What can be done to its tags besides is in tags.ts.
import { isPathTaken } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';
import { IMAGE_SUMMARY } from './image-summary.ts';
import type { ImageSummaryRow } from './jobs.ts';

export interface ImageUpdate {
  title?: string | null | undefined;
  /** All that it has then. */
  tags?: string[] | undefined;
  path?: string | null | undefined;
  isPublic?: boolean | undefined;
}

export async function changeImage(
  prisma: PrismaClient,
  tenantId: string,
  id: string,
  change: ImageUpdate,
): Promise<ImageSummaryRow | 'path-taken' | undefined> {
  const { title = null, tags = null, path = null, isPublic = null } = change;
  const [hasTitle, hasPath] = [change.title !== undefined, change.path !== undefined];
  try {
    // A changed image answers no more for an upload with the wishes that it was uploaded with.
    const [image] = await prisma.$queryRaw<ImageSummaryRow[]>`
      WITH found AS (
        SELECT id AS found, (${hasTitle}::boolean AND title IS DISTINCT FROM ${title})
          OR (${hasPath}::boolean AND path IS DISTINCT FROM ${path})
          OR tags IS DISTINCT FROM coalesce(${tags}::text[], tags) OR is_public <> coalesce(${isPublic}::boolean, is_public) AS changed
        FROM images
        WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid AND rejected_at IS NULL FOR NO KEY UPDATE
      ), content AS (
        DELETE FROM contents c USING found f WHERE c.image_id = f.found AND f.changed
      )
      UPDATE images
      SET title = CASE WHEN ${hasTitle}::boolean THEN ${title} ELSE title END,
          tags = coalesce(${tags}::text[], tags),
          path = CASE WHEN ${hasPath}::boolean THEN ${path} ELSE path END,
          is_public = coalesce(${isPublic}::boolean, is_public)
      FROM found WHERE id = found
      RETURNING ${IMAGE_SUMMARY}`;
    return image;
  } catch (error) {
    if (isPathTaken(error)) return 'path-taken';
    throw error;
  }
}
