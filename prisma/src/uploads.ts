// The door's two writes: an upload begins, an upload becomes an image with its job. Both are batched.
import { type Batch, createBatch } from './batch.ts';
import { isDataError } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';

export interface UploadRow {
  /** The image's id-to-be. */
  id: string;
  tenantId: string;
  objectKey: string;
}

export interface AcceptedImage {
  imageId: string;
  jobId: string;
  tenantId: string;
  bytes: number;
  sha256Hex: string;
  fileName: string | null;
  declaredMimeType: string | null;
  format: string;
  title: string | null;
  tags: string[];
  /** {profile, pixels, stats} as the client wants them; what is missing is as configured. */
  options: object;
  requestId: string;
}

export interface Uploads {
  /** Remembers an object before its first byte is stored, so that a crash leaves nothing unknown behind. */
  begin(row: UploadRow): Promise<void>;
  /**
   * In one transaction the upload becomes image, job (queued) and event. Resolves after COMMIT with the job's
   * creation time; undefined when the upload was swept in between.
   */
  accept(image: AcceptedImage): Promise<Date | undefined>;
  /** Forgets an upload whose object is gone. */
  abandon(id: string): Promise<void>;
  idle(): Promise<void>;
}

export function createUploads(prisma: PrismaClient): Uploads {
  const begins: Batch<UploadRow, void> = createBatch({
    isItemError: isDataError,
    flush: async (rows) => {
      await prisma.$executeRaw`
        INSERT INTO uploads (id, tenant_id, object_key)
        SELECT id, "tenantId", "objectKey"
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, "tenantId" uuid, "objectKey" text)`;
      return rows.map(() => undefined);
    },
  });

  const accepts: Batch<AcceptedImage, Date | undefined> = createBatch({
    isItemError: isDataError,
    flush: async (images) => {
      const rows = await prisma.$queryRaw<{ id: string; createdAt: Date }[]>`
        WITH input AS (
          SELECT * FROM jsonb_to_recordset(${JSON.stringify(images)}::jsonb) AS r(
            "imageId" uuid, "jobId" uuid, "tenantId" uuid, bytes bigint, "sha256Hex" text, "fileName" text,
            "declaredMimeType" text, format text, title text, tags text[], options jsonb, "requestId" text)
        ), arrived AS (
          DELETE FROM uploads u USING input i WHERE u.id = i."imageId" RETURNING u.object_key, i.*
        ), image AS (
          INSERT INTO images (id, tenant_id, object_key, bytes, sha256, file_name, declared_mime_type, format, title, tags)
          SELECT "imageId", "tenantId", object_key, bytes, decode("sha256Hex", 'hex'), "fileName", "declaredMimeType", format, title, tags
          FROM arrived
        ), event AS (
          INSERT INTO events (tenant_id, type, job_id, image_id)
          SELECT "tenantId", 'job.queued', "jobId", "imageId" FROM arrived
        )
        INSERT INTO jobs (id, tenant_id, image_id, options, request_id)
        SELECT "jobId", "tenantId", "imageId", options, "requestId" FROM arrived
        RETURNING id, created_at AS "createdAt"`;
      const createdAt = new Map(rows.map((row) => [row.id, row.createdAt]));
      return images.map((image) => createdAt.get(image.jobId));
    },
  });

  return {
    begin: begins.add,
    accept: accepts.add,
    abandon: async (id) => {
      await prisma.$executeRaw`DELETE FROM uploads WHERE id = ${id}::uuid`;
    },
    idle: async () => {
      await Promise.all([begins.idle(), accepts.idle()]);
    },
  };
}
