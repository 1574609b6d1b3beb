// Ends jobs as completed: facts, state and event of many in one statement. Knows nothing of near duplicates but where to write their names.
import { FINISHED_CHANNEL } from './finished-channel.ts';
import type { Prisma } from './generated/client.ts';

export interface CompletedJob {
  id: string;
  attempt: number;
  fetchMs: number;
  inspectMs: number;
  format: string;
  width: number | null;
  height: number | null;
  /** The metadata document. Must hold no NUL: jsonb refuses it. */
  metadata: object;
  schemaVersion: number;
  extractorVersion: string;
  /** As the camera's clock showed it, ISO 8601 without a zone. */
  takenAt: string | null;
  latitude: number | null;
  longitude: number | null;
  /** 16 hexadecimal digits. */
  phash: string | null;
  dominantColor: string | null;
  /** Maker and model. */
  camera: string | null;
  caption: string | null;
  keywords: string[];
  /** The image that it nearly is. What was found before stays where none is named. */
  duplicateOf?: string | undefined;
}

/** Answers for each whether it was still its worker's. */
export async function completeJobs(
  client: Pick<Prisma.TransactionClient, '$queryRaw'>,
  jobs: CompletedJob[],
): Promise<boolean[]> {
  const rows = await client.$queryRaw<{ id: string }[]>`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) AS r(
        id uuid, attempt int, "fetchMs" real, "inspectMs" real, format text, width int, height int,
        metadata jsonb, "schemaVersion" int, "extractorVersion" text, "takenAt" timestamp, latitude float8,
        longitude float8, phash text, "dominantColor" text, camera text, caption text, keywords text[], "duplicateOf" uuid)
    ), mine AS (
      SELECT j.id FROM jobs j JOIN input i ON i.id = j.id AND i.attempt = j.attempt
      WHERE j.lease_until IS NOT NULL ORDER BY j.id FOR NO KEY UPDATE OF j
    ), done AS (
      UPDATE jobs j
      SET status = 'completed', finished_at = clock_timestamp(), lease_until = NULL, fetch_ms = i."fetchMs",
          inspect_ms = i."inspectMs", error_code = NULL, error_message = NULL, error_retryable = NULL
      FROM mine JOIN input i ON i.id = mine.id
      WHERE j.id = mine.id
      RETURNING j.id, j.tenant_id, j.image_id, tintype_job_data(j) AS data
    ), described AS (
      -- Not in the order of their jobs: whoever changes tags of many has locked images by id, and no job.
      SELECT m.id FROM images m WHERE m.id = ANY (ARRAY(SELECT image_id FROM done)) ORDER BY m.id FOR NO KEY UPDATE
    ), image AS (
      UPDATE images m
      SET format = i.format, width = i.width, height = i.height, metadata = i.metadata,
          schema_version = i."schemaVersion", extractor_version = i."extractorVersion", taken_at = i."takenAt",
          latitude = i.latitude, longitude = i.longitude, phash = ('x' || i.phash)::bit(64)::bigint,
          dominant_color = i."dominantColor", camera = i.camera, caption = i.caption, keywords = i.keywords,
          duplicate_of = coalesce(i."duplicateOf", m.duplicate_of)
      FROM done d JOIN input i ON i.id = d.id
      WHERE m.id = d.image_id AND m.id = ANY (ARRAY(SELECT id FROM described))
      RETURNING m.id, tintype_image_data(m) AS data
    ), event AS (
      INSERT INTO events (tenant_id, type, job_id, image_id, data)
      SELECT d.tenant_id, 'job.completed', d.id, d.image_id, jsonb_build_object('job', d.data, 'image', m.data)
      FROM done d LEFT JOIN image m ON m.id = d.image_id
    ), announced AS (
      SELECT pg_notify(${FINISHED_CHANNEL}, string_agg(id::text, ',')) FROM done HAVING count(*) > 0
    )
    SELECT d.id FROM done d LEFT JOIN announced ON true`;
  const done = new Set(rows.map((row) => row.id));
  return jobs.map((job) => done.has(job.id));
}
