-- Idempotency keys, images fetched by URL, cancel and retry, webhooks and the feed of events.
-- New tables, and columns without work on existing rows. One index is built over `events`, which is narrow and kept for days, one over
-- the unfinished jobs.

-- A time and an identifier as the API writes them.
CREATE FUNCTION "tintype_time"(timestamptz) RETURNS text LANGUAGE sql STABLE
  RETURN to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- UUIDv7 (RFC 9562, section 5.7): order by id is order by time. PostgreSQL has its own only from 18 on.
CREATE FUNCTION "tintype_new_id"() RETURNS uuid LANGUAGE sql VOLATILE
  RETURN encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid;

-- AlterTable: an image that is still to be fetched has no bytes yet
ALTER TABLE "images" ALTER COLUMN "bytes" DROP NOT NULL,
ALTER COLUMN "sha256" DROP NOT NULL,
ALTER COLUMN "format" DROP NOT NULL,
ADD COLUMN "source_url" TEXT;

-- AlterTable
ALTER TABLE "uploads" ADD COLUMN "swept_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "jobs" ADD COLUMN "webhook_url" TEXT,
ADD COLUMN "traceparent" TEXT,
ADD COLUMN "past_attempts" JSONB NOT NULL DEFAULT '[]';

-- AlterTable
ALTER TABLE "tenants" ADD COLUMN "webhook_secret" TEXT,
ADD COLUMN "previous_webhook_secret" TEXT,
ADD COLUMN "previous_webhook_secret_until" TIMESTAMPTZ(3);

-- AlterTable: defaults come after the columns, so that existing rows stay as they are
ALTER TABLE "events" ALTER COLUMN "job_id" DROP NOT NULL,
ADD COLUMN "id" UUID,
ADD COLUMN "xact" BIGINT,
ADD COLUMN "data" JSONB;
ALTER TABLE "events" ALTER COLUMN "id" SET DEFAULT tintype_new_id(),
ALTER COLUMN "xact" SET DEFAULT (pg_current_xact_id()::text::bigint);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "tenant_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "owner" UUID NOT NULL,
    "locked_until" TIMESTAMPTZ(3),
    "fingerprint" BYTEA,
    "status" INTEGER,
    "headers" JSONB,
    "body" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("tenant_id","key")
);

-- CreateTable
CREATE TABLE "contents" (
    "tenant_id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "image_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,

    CONSTRAINT "contents_pkey" PRIMARY KEY ("tenant_id","digest")
);

-- CreateTable
CREATE TABLE "webhook_endpoints" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT,
    "events" TEXT[] NOT NULL DEFAULT '{}',
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_until" TIMESTAMPTZ(3),
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "id" UUID NOT NULL DEFAULT tintype_new_id(),
    "tenant_id" UUID NOT NULL,
    "endpoint_id" UUID,
    "url" TEXT NOT NULL,
    "event_id" UUID NOT NULL,
    "event_type" TEXT NOT NULL,
    "job_id" UUID,
    "payload" JSONB NOT NULL,
    "traceparent" TEXT,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "run_after" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "nudged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT '-infinity',
    "last_status" INTEGER,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_attempts" (
    "delivery_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "duration_ms" REAL NOT NULL,
    "status" INTEGER,
    "error" TEXT,
    "answer" TEXT,

    CONSTRAINT "webhook_attempts_pkey" PRIMARY KEY ("delivery_id","attempt")
);

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE INDEX "contents_image_id_idx" ON "contents"("image_id");

-- CreateIndex
CREATE INDEX "webhook_endpoints_tenant_id_idx" ON "webhook_endpoints"("tenant_id");

-- CreateIndex
CREATE INDEX "webhook_deliveries_tenant_id_id_idx" ON "webhook_deliveries"("tenant_id", "id" DESC);

-- CreateIndex
CREATE INDEX "webhook_deliveries_created_at_idx" ON "webhook_deliveries"("created_at");

-- AddForeignKey
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "webhook_deliveries"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- The states a delivery can be in.
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_status_check" CHECK ("status" IN ('pending', 'sending', 'delivered', 'dead', 'canceled'));

-- The feed: events in the order in which their transactions can be seen; see prisma/src/events.ts.
CREATE INDEX "events_feed_idx" ON "events"("tenant_id", "xact", "seq") WHERE "type" <> 'job.queued';

-- Small indexes over the few unfinished rows. Jobs wait in the order in which they became due, not in that in which they were made.
CREATE INDEX "jobs_waiting_idx" ON "jobs"("status", "run_after", "id") WHERE "status" IN ('queued', 'processing');

-- Which jobs ended, or were tried again, with this error: few of many.
CREATE INDEX "jobs_error_idx" ON "jobs"("tenant_id", "error_code", "id" DESC) WHERE "error_code" IS NOT NULL;
DROP INDEX "jobs_unfinished_idx";
CREATE INDEX "webhook_deliveries_pending_idx" ON "webhook_deliveries"("run_after", "nudged_at") WHERE "status" = 'pending';
CREATE INDEX "webhook_deliveries_sending_idx" ON "webhook_deliveries"("lease_until") WHERE "status" = 'sending';
CREATE INDEX "webhook_deliveries_unfinished_idx" ON "webhook_deliveries"("endpoint_id", "id") WHERE "status" IN ('pending', 'sending');
CREATE INDEX "webhook_deliveries_dead_idx" ON "webhook_deliveries"("tenant_id", "id" DESC) WHERE "status" = 'dead';

-- What was sent to one endpoint, and for one job.
CREATE INDEX "webhook_deliveries_endpoint_idx" ON "webhook_deliveries"("endpoint_id", "id" DESC) WHERE "endpoint_id" IS NOT NULL;
CREATE INDEX "webhook_deliveries_job_idx" ON "webhook_deliveries"("job_id") WHERE "job_id" IS NOT NULL;

-- What an event says of its job and of its image. Frozen with the event: later changes of the rows do not reach it.
CREATE FUNCTION "tintype_job_data"(j jobs) RETURNS jsonb LANGUAGE sql STABLE
  RETURN jsonb_strip_nulls(jsonb_build_object(
    'id', j.id, 'status', j.status, 'attempt', j.attempt, 'imageId', j.image_id, 'createdAt', tintype_time(j.created_at),
    'startedAt', tintype_time(j.started_at), 'finishedAt', tintype_time(j.finished_at),
    'error', CASE WHEN j.error_code IS NOT NULL THEN
      jsonb_build_object('code', j.error_code, 'message', j.error_message, 'retryable', j.error_retryable) END,
    'links', jsonb_build_object('self', '/v1/jobs/' || j.id, 'image', '/v1/images/' || j.image_id)));

CREATE FUNCTION "tintype_image_data"(i images) RETURNS jsonb LANGUAGE sql STABLE
  RETURN jsonb_build_object(
    'id', i.id, 'title', i.title, 'tags', i.tags, 'fileName', i.file_name, 'bytes', i.bytes, 'format', i.format,
    'width', i.width, 'height', i.height, 'sha256', encode(i.sha256, 'hex'), 'createdAt', tintype_time(i.created_at));

-- The attempts of a job that did not complete, with the one that just ended. The last twenty are kept.
CREATE FUNCTION "tintype_past_attempts"(j jobs, code text, message text) RETURNS jsonb LANGUAGE sql VOLATILE
  RETURN CASE WHEN jsonb_array_length(j.past_attempts) >= 20 THEN j.past_attempts - 0 ELSE j.past_attempts END
    || jsonb_build_array(jsonb_build_object('attempt', j.attempt, 'worker', j.worker, 'startedAt', tintype_time(j.started_at),
      'endedAt', tintype_time(clock_timestamp()), 'code', code, 'message', message));

-- Whatever writes an event has by that written its deliveries: to every endpoint that wants it, and to the job's own address.
CREATE FUNCTION "tintype_fan_out"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO webhook_deliveries (tenant_id, endpoint_id, url, event_id, event_type, job_id, payload, traceparent)
  SELECT e.tenant_id, t.endpoint_id, t.url, e.id, e.type, e.job_id,
    jsonb_build_object('type', e.type, 'timestamp', tintype_time(e.created_at), 'data', coalesce(e.data, '{}')), t.traceparent
  FROM new_events e
  CROSS JOIN LATERAL (
    SELECT w.id AS endpoint_id, w.url, (SELECT j.traceparent FROM jobs j WHERE j.id = e.job_id) AS traceparent
    FROM webhook_endpoints w WHERE w.tenant_id = e.tenant_id AND w.enabled AND (w.events = '{}' OR e.type = ANY (w.events))
    UNION ALL
    SELECT NULL, j.webhook_url, j.traceparent FROM jobs j WHERE j.id = e.job_id AND j.webhook_url IS NOT NULL
  ) t
  WHERE e.type <> 'job.queued';
  RETURN NULL;
END $$;

CREATE TRIGGER "events_fan_out" AFTER INSERT ON "events" REFERENCING NEW TABLE AS new_events
  FOR EACH STATEMENT EXECUTE FUNCTION tintype_fan_out();
