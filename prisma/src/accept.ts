// The statements that make images and jobs: of uploads whose bytes are all there, and of addresses that are still to be fetched.
import { Prisma, type PrismaClient } from './generated/client.ts';
import type { AcceptedImage, FetchedImage } from './uploads.ts';

/** One line for each that was written, for each whose Idempotency-Key is not its own any more, and for each whose path another image has. */
export interface AcceptedRow {
  id: string;
  /** Of what was written; null for the others. */
  createdAt: Date | null;
  isPathTaken: boolean;
}

// Locks are taken in one order everywhere: keys, then promises, then contents, each sorted. The counts make all of the keys come before
// the first promise, and all of these before the first of the contents. An item that is not written leaves no trace: whoever is told so may send it again.

/** Requests that still have the Idempotency-Key they took. */
const HELD = Prisma.sql`held AS (
  SELECT i."jobId" AS job FROM input i
  JOIN idempotency_keys k ON k.tenant_id = i."tenantId" AND k.key = i.idempotency ->> 'key'
  WHERE i.idempotency IS NOT NULL AND k.owner = (i.idempotency ->> 'owner')::uuid AND k.locked_until IS NOT NULL
  ORDER BY k.tenant_id, k.key FOR NO KEY UPDATE OF k
)`;

/** Uploads past the API that nobody has made an image of yet. Of two in one statement the first has it. */
const CLAIMED = Prisma.sql`claimed AS (
  SELECT i."jobId" AS job FROM input i
  JOIN uploads p ON p.id = i."promiseId" AND p.tenant_id = i."tenantId" AND p.promised_bytes IS NOT NULL AND p.swept_at IS NULL
  WHERE i."promiseId" IS NOT NULL AND (SELECT count(*) FROM held) IS NOT NULL
    AND NOT EXISTS (SELECT FROM input o WHERE o."promiseId" = i."promiseId" AND o."jobId" < i."jobId")
  ORDER BY p.id FOR UPDATE OF p
)`;

/** Those whose path an image has, unless it may be the one that answers for them. Who comes at the same moment is kept out by the index. */
const takenPaths = (isAnswered: Prisma.Sql) => Prisma.sql`taken AS (
  SELECT i."jobId" AS job FROM input i JOIN images m ON m.tenant_id = i."tenantId" AND m.path = i.path
  WHERE i.path IS NOT NULL AND NOT ${isAnswered}
)`;

/** What is the same for all that arrived. The time in the answer is the one that the job gets by default. */
const QUEUED = Prisma.sql`event AS (
  INSERT INTO events (tenant_id, type, job_id, image_id)
  SELECT "tenantId", 'job.queued', "jobId", "imageId" FROM arrived
), answer AS (
  UPDATE idempotency_keys k
  SET locked_until = NULL, fingerprint = decode(a.idempotency ->> 'fingerprintHex', 'hex'), status = 202, headers = '{}',
      body = jsonb_build_object('id', a."jobId", 'imageId', a."imageId", 'createdAt', tintype_time(now()::timestamptz(3)))
  FROM arrived a
  WHERE a.idempotency IS NOT NULL AND k.tenant_id = a."tenantId" AND k.key = a.idempotency ->> 'key'
), job AS (
  INSERT INTO jobs (id, tenant_id, image_id, options, request_id, webhook_url, traceparent)
  SELECT "jobId", "tenantId", "imageId", options, "requestId", "webhookUrl", traceparent FROM arrived
  RETURNING id, created_at AS "createdAt"
)
SELECT id, "createdAt", false AS "isPathTaken" FROM job
UNION ALL
SELECT "jobId", NULL, false FROM input WHERE idempotency IS NOT NULL AND "jobId" NOT IN (SELECT job FROM held)
UNION ALL
SELECT job, NULL, true FROM taken`;

/** Those that were asked for by name stand with the image as well as with its job. */
const DERIVATIVES = Prisma.sql`coalesce(options -> 'derivatives', '{}')`;

/** Who gives the same paths at the same moment waits for the other at the first of them, having none that he waits for. */
const BY_PATH = Prisma.sql`ORDER BY "tenantId", path`;

/** Uploads become images, except those whose content is known, which stay uploads. */
export function acceptUploads(prisma: PrismaClient, images: AcceptedImage[]): Promise<AcceptedRow[]> {
  return prisma.$queryRaw`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(images)}::jsonb) AS r(
        "imageId" uuid, "jobId" uuid, "tenantId" uuid, bytes bigint, "sha256Hex" text, "fileName" text, "declaredMimeType" text,
        format text, title text, tags text[], options jsonb, "requestId" text, "webhookUrl" text, traceparent text,
        "contentDigestHex" text, path text, "isPublic" boolean, "promiseId" uuid, idempotency jsonb)
    ), ${HELD}, ${CLAIMED}, ${takenPaths(Prisma.sql`EXISTS (
      SELECT FROM contents c WHERE c.tenant_id = i."tenantId" AND c.digest = decode(i."contentDigestHex", 'hex'))`)}, content AS (
      INSERT INTO contents (tenant_id, digest, image_id, job_id)
      SELECT i."tenantId", decode(i."contentDigestHex", 'hex') AS digest, i."imageId", i."jobId"
      FROM input i JOIN uploads u ON u.id = i."imageId" AND u.tenant_id = i."tenantId" AND u.swept_at IS NULL
      WHERE i."contentDigestHex" IS NOT NULL AND (i.idempotency IS NULL OR i."jobId" IN (SELECT job FROM held))
        AND i."jobId" NOT IN (SELECT job FROM taken) AND (i."promiseId" IS NULL OR i."jobId" IN (SELECT job FROM claimed))
        AND (SELECT count(*) FROM held) IS NOT NULL AND (SELECT count(*) FROM claimed) IS NOT NULL
      ORDER BY i."tenantId", digest FOR UPDATE OF u
      ON CONFLICT DO NOTHING RETURNING image_id
    ), arrived AS (
      DELETE FROM uploads u USING input i
      WHERE u.id = i."imageId" AND u.tenant_id = i."tenantId" AND u.swept_at IS NULL
        AND (i.idempotency IS NULL OR i."jobId" IN (SELECT job FROM held))
        AND (i."contentDigestHex" IS NULL OR i."imageId" IN (SELECT image_id FROM content))
        AND i."jobId" NOT IN (SELECT job FROM taken)
        AND (i."promiseId" IS NULL OR i."jobId" IN (SELECT job FROM claimed))
      RETURNING u.object_key, i.*
    ), fulfilled AS (
      -- What was sent there is left to the sweep from now on.
      UPDATE uploads p
      SET created_at = 'epoch', promised_bytes = NULL, expires_at = NULL, admitted_bytes = NULL, admitted_jobs = NULL
      FROM arrived a WHERE p.id = a."promiseId" AND p.tenant_id = a."tenantId"
    ), image AS (
      INSERT INTO images (id, tenant_id, object_key, bytes, sha256, file_name, declared_mime_type, format, title, tags, path, is_public,
        derivatives)
      SELECT "imageId", "tenantId", object_key, bytes, decode("sha256Hex", 'hex'), "fileName", "declaredMimeType", format, title, tags,
        path, "isPublic", ${DERIVATIVES}
      FROM arrived ${BY_PATH}
    ), ${QUEUED}`;
}

/** Images without bytes, each with the job that is to fetch them. What they were promised is theirs from now on. */
export function acceptUrls(prisma: PrismaClient, images: FetchedImage[]): Promise<AcceptedRow[]> {
  return prisma.$queryRaw`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(images)}::jsonb) AS r(
        "imageId" uuid, "jobId" uuid, "tenantId" uuid, "objectKey" text, "sourceUrl" text, title text, tags text[], options jsonb,
        "requestId" text, "webhookUrl" text, traceparent text, path text, "isPublic" boolean, idempotency jsonb)
    ), ${HELD}, ${takenPaths(Prisma.sql`false`)}, arrived AS (
      SELECT * FROM input
      WHERE (idempotency IS NULL OR "jobId" IN (SELECT job FROM held)) AND "jobId" NOT IN (SELECT job FROM taken)
    ), promised AS (
      DELETE FROM uploads u USING arrived a WHERE u.id = a."imageId" AND u.tenant_id = a."tenantId"
    ), image AS (
      INSERT INTO images (id, tenant_id, object_key, source_url, title, tags, path, is_public, derivatives)
      SELECT "imageId", "tenantId", "objectKey", "sourceUrl", title, tags, path, "isPublic", ${DERIVATIVES} FROM arrived
      ${BY_PATH}
    ), ${QUEUED}`;
}
