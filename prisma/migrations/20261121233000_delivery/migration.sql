-- Delivery: derivatives, keys that sign addresses, images by path, uploads that go past the API.
-- New tables, and columns without work on existing rows; one index is built over `images`, where nothing has a path yet.

-- Those who write lock these tables in several orders. Whoever is met half-way is let pass, before PostgreSQL finds a deadlock and ends one of us.
DO $$
DECLARE
  patience text := current_setting('lock_timeout');
BEGIN
  PERFORM set_config('lock_timeout', '300ms', true);
  LOOP
    BEGIN
      LOCK TABLE "tenants", "uploads", "images" IN ACCESS EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(random() * 0.1);
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', patience, true);
END $$;

-- AlterTable
ALTER TABLE "images" ADD COLUMN "path" TEXT,
ADD COLUMN "derivatives" JSONB NOT NULL DEFAULT '{}';

-- AlterTable: an upload that goes past the API, and what was said of it
ALTER TABLE "uploads" ADD COLUMN "promised_bytes" BIGINT,
ADD COLUMN "content_type" TEXT,
ADD COLUMN "file_name" TEXT,
ADD COLUMN "expires_at" TIMESTAMPTZ(3);

-- AlterTable: where the files lie that this tenant has beside its images; null: under its own name
ALTER TABLE "tenants" ADD COLUMN "files_prefix" TEXT;

-- CreateTable
CREATE TABLE "derivatives" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "image_id" UUID,
    "source_key" TEXT NOT NULL,
    "digest" BYTEA NOT NULL,
    "transform" JSONB NOT NULL,
    "is_kept" BOOLEAN NOT NULL DEFAULT false,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "run_after" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "nudged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "object_key" TEXT,
    "format" TEXT,
    "width" INTEGER,
    "height" INTEGER,
    "bytes" BIGINT,
    "sha256" BYTEA,
    "error_code" TEXT,
    "error_message" TEXT,
    "request_id" TEXT NOT NULL,
    "traceparent" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "derivatives_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery_keys" (
    "id" TEXT NOT NULL,
    "tenant_id" UUID NOT NULL,
    "secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "delivery_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "images_tenant_id_path_key" ON "images"("tenant_id", "path");

-- CreateIndex
CREATE UNIQUE INDEX "derivatives_tenant_id_digest_key" ON "derivatives"("tenant_id", "digest");

-- CreateIndex
CREATE INDEX "derivatives_image_id_idx" ON "derivatives"("image_id");

-- CreateIndex
CREATE INDEX "delivery_keys_tenant_id_idx" ON "delivery_keys"("tenant_id");

-- AddForeignKey
ALTER TABLE "derivatives" ADD CONSTRAINT "derivatives_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "images"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery_keys" ADD CONSTRAINT "delivery_keys_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- The states a derivative can be in.
ALTER TABLE "derivatives" ADD CONSTRAINT "derivatives_status_check" CHECK ("status" IN ('waiting', 'making', 'ready', 'failed'));
ALTER TABLE "derivatives" ADD CONSTRAINT "derivatives_digest_check" CHECK (octet_length("digest") = 32);

-- Small indexes over the few that are not ready, and over those that may go when nobody has asked for them for long.
CREATE INDEX "derivatives_waiting_idx" ON "derivatives"("run_after", "nudged_at") WHERE "status" = 'waiting';
CREATE INDEX "derivatives_making_idx" ON "derivatives"("lease_until") WHERE "status" = 'making';
CREATE INDEX "derivatives_used_idx" ON "derivatives"("used_at") WHERE NOT "is_kept" AND "status" IN ('ready', 'failed');
-- How many one source has that are not kept.
CREATE INDEX "derivatives_source_idx" ON "derivatives"("source_key", "tenant_id") WHERE NOT "is_kept";

-- What was made counts as what is stored; finish() has locked these rows in the order of their tenants before.
CREATE FUNCTION "tintype_count_derived"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tenant_usage AS u (tenant_id, stored_bytes)
  VALUES (NEW.tenant_id, coalesce(NEW.bytes, 0) - CASE TG_OP WHEN 'UPDATE' THEN coalesce(OLD.bytes, 0) ELSE 0 END)
  ON CONFLICT (tenant_id) DO UPDATE SET stored_bytes = u.stored_bytes + excluded.stored_bytes;
  RETURN NULL;
END $$;
CREATE TRIGGER "derivatives_count_inserted" AFTER INSERT ON "derivatives"
  FOR EACH ROW WHEN (NEW."bytes" IS NOT NULL) EXECUTE FUNCTION "tintype_count_derived"();
CREATE TRIGGER "derivatives_count_bytes" AFTER UPDATE OF "bytes" ON "derivatives"
  FOR EACH ROW WHEN (OLD."bytes" IS DISTINCT FROM NEW."bytes") EXECUTE FUNCTION "tintype_count_derived"();

-- Whatever removes a derivative, the removal of its image too, leaves the object to the sweep, as an upload long abandoned under the derivative's own
-- id; takes its bytes off what its tenant stores; and wakes who waits for it.
CREATE FUNCTION "tintype_leave_derived"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO uploads (id, tenant_id, object_key, created_at)
  SELECT g.id, g.tenant_id, g.object_key, 'epoch' FROM gone g WHERE g.object_key IS NOT NULL;
  INSERT INTO tenant_usage AS u (tenant_id, stored_bytes)
  SELECT g.tenant_id, -sum(g.bytes) FROM gone g WHERE g.bytes IS NOT NULL GROUP BY g.tenant_id ORDER BY g.tenant_id
  ON CONFLICT (tenant_id) DO UPDATE SET stored_bytes = u.stored_bytes + excluded.stored_bytes;
  PERFORM pg_notify('tintype_job_finished', g.id::text) FROM gone g WHERE g.status IN ('waiting', 'making');
  RETURN NULL;
END $$;
CREATE TRIGGER "derivatives_leave" AFTER DELETE ON "derivatives" REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION "tintype_leave_derived"();

-- What is wanted, made a row once: see prisma/src/derivatives.ts. Who wants of a source waits for the one before him, so that the count is exact.
-- Locks: sources, images by id, derivatives by id.
CREATE FUNCTION "tintype_want"("wanted" jsonb) RETURNS TABLE ("outcome" text, "is_new" boolean, "made" "derivatives") LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT DISTINCT hashtextextended(w."sourceKey", 0) AS source FROM jsonb_to_recordset(wanted) AS w("sourceKey" text) ORDER BY 1
  LOOP
    PERFORM pg_advisory_xact_lock(one.source);
  END LOOP;
  PERFORM FROM images m
  WHERE m.id IN (SELECT w."imageId" FROM jsonb_to_recordset(wanted) AS w("imageId" uuid)) ORDER BY m.id FOR KEY SHARE;
  PERFORM FROM derivatives d
  WHERE d.id IN (
    SELECT x.id FROM jsonb_to_recordset(wanted) AS w("tenantId" uuid, "digestHex" text, "isKept" boolean)
    JOIN derivatives x ON x.tenant_id = w."tenantId" AND x.digest = decode(w."digestHex", 'hex')
    WHERE x.status = 'failed' OR (w."isKept" AND NOT x.is_kept))
  ORDER BY d.id FOR NO KEY UPDATE;

  FOR one IN
    SELECT w.* FROM ROWS FROM (jsonb_to_recordset(wanted) AS (
      id uuid, "tenantId" uuid, "imageId" uuid, "sourceKey" text, "digestHex" text, transform jsonb, "isKept" boolean,
      "requestId" text, traceparent text, most int, "retryFailedAfterMs" float8
    )) WITH ORDINALITY AS w(
      id, "tenantId", "imageId", "sourceKey", "digestHex", transform, "isKept", "requestId", traceparent, most, "retryFailedAfterMs", nth)
    ORDER BY w.nth
  LOOP
    is_new := false;
    SELECT d.* INTO made FROM derivatives d WHERE d.tenant_id = one."tenantId" AND d.digest = decode(one."digestHex", 'hex');
    IF FOUND THEN
      outcome := 'found';
      IF made.status = 'failed' AND made.finished_at < now() - one."retryFailedAfterMs" * interval '1 millisecond' THEN
        UPDATE derivatives d
        SET status = 'waiting', failures = 0, generation = d.generation + 1, run_after = now(), nudged_at = now(), used_at = now(),
            finished_at = NULL, error_code = NULL, error_message = NULL, request_id = one."requestId", traceparent = one.traceparent
        WHERE d.id = made.id AND d.status = 'failed' RETURNING d.* INTO made;
        is_new := FOUND;
      END IF;
      IF one."isKept" AND NOT made.is_kept THEN
        UPDATE derivatives d SET is_kept = true WHERE d.id = made.id RETURNING d.* INTO made;
      END IF;
    ELSIF one."imageId" IS NOT NULL AND NOT EXISTS (
      SELECT FROM images m WHERE m.id = one."imageId" AND m.tenant_id = one."tenantId" AND m.rejected_at IS NULL
    ) THEN
      outcome := 'gone';
    ELSIF NOT one."isKept" AND one.most <= (
      SELECT count(*) FROM derivatives d WHERE d.source_key = one."sourceKey" AND d.tenant_id = one."tenantId" AND NOT d.is_kept
    ) THEN
      outcome := 'too-many';
    ELSE
      outcome := 'found';
      is_new := true;
      INSERT INTO derivatives AS d (id, tenant_id, image_id, source_key, digest, transform, is_kept, request_id, traceparent)
      VALUES (one.id, one."tenantId", one."imageId", one."sourceKey", decode(one."digestHex", 'hex'), one.transform, one."isKept",
        one."requestId", one.traceparent)
      RETURNING d.* INTO made;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;
