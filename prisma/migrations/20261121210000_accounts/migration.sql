-- Accounts, sessions, plans, usage and the limits of both.
-- New tables, and columns without work on existing rows. Indexes are built over `jobs` and `request_logs`, and `images` is read once to know how many
-- bytes every tenant stores: writes to these, and uploads, wait that long. `tenants` and `api_keys` are locked last and for a moment: every request
-- looks there.

-- Those who write lock these tables in several orders. Whoever is met half-way is let pass, before PostgreSQL finds a deadlock and ends one of us.
DO $$
DECLARE
  patience text := current_setting('lock_timeout');
BEGIN
  PERFORM set_config('lock_timeout', '300ms', true);
  LOOP
    BEGIN
      LOCK TABLE "uploads" IN ACCESS EXCLUSIVE MODE;
      LOCK TABLE "jobs", "request_logs" IN SHARE MODE;
      LOCK TABLE "images" IN SHARE ROW EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(random() * 0.1);
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', patience, true);
END $$;

-- CreateTable: null is no limit
CREATE TABLE "plans" (
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "requests_per_second" INTEGER,
    "requests_per_day" BIGINT,
    "stored_bytes" BIGINT,
    "upload_bytes" BIGINT,
    "concurrent_jobs" INTEGER,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plans_pkey" PRIMARY KEY ("name")
);

ALTER TABLE "plans" ADD CONSTRAINT "plans_name_check" CHECK ("name" ~ '^[a-z][a-z0-9-]{0,39}$');
INSERT INTO "plans" ("name", "description", "requests_per_second", "requests_per_day", "stored_bytes", "upload_bytes", "concurrent_jobs") VALUES
  ('free', 'To try it.', 10, 10000, 1000000000, 20000000, 20),
  ('pro', 'For a product.', 100, 1000000, 100000000000, 52428800, 500),
  ('unlimited', 'As much as the service takes.', NULL, NULL, NULL, NULL, NULL);

-- AlterTable: how much of the tenant's room an upload has been promised
ALTER TABLE "uploads" ADD COLUMN "admitted_bytes" BIGINT,
ADD COLUMN "admitted_jobs" INTEGER;

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "email" TEXT,
    "name" TEXT,
    "password_hash" TEXT,
    "is_admin" BOOLEAN NOT NULL DEFAULT false,
    "issuer" TEXT,
    "subject" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_login_at" TIMESTAMPTZ(3),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_sha256" BYTEA NOT NULL,
    "user_agent" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable: kept up to date by a trigger
CREATE TABLE "tenant_usage" (
    "tenant_id" UUID NOT NULL,
    "images" BIGINT NOT NULL DEFAULT 0,
    "stored_bytes" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "tenant_usage_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "usage_days" (
    "tenant_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "principal" TEXT NOT NULL,
    "requests" BIGINT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "jobs" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "usage_days_pkey" PRIMARY KEY ("tenant_id","day","principal")
);

-- CreateTable: counters that may be lost with the server; those of a day are begun anew from usage_days
CREATE UNLOGGED TABLE "rate_windows" (
    "subject" TEXT NOT NULL,
    "seconds" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "used" BIGINT NOT NULL,

    CONSTRAINT "rate_windows_pkey" PRIMARY KEY ("subject","seconds")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_tenant_id_key" ON "users"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "users_issuer_subject_key" ON "users"("issuer", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_token_sha256_key" ON "sessions"("token_sha256");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

-- CreateIndex
CREATE INDEX "usage_days_day_idx" ON "usage_days"("day");

-- CreateIndex
CREATE INDEX "rate_windows_started_at_idx" ON "rate_windows"("started_at");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- One account with a password an address, whatever its capitals. Accounts of an OIDC provider are known by issuer and subject alone.
CREATE UNIQUE INDEX "users_email_key" ON "users"(lower("email")) WHERE "password_hash" IS NOT NULL;
-- Whom administrators look for, however they log in.
CREATE INDEX "users_any_email_idx" ON "users"(lower("email"), "id" DESC);
ALTER TABLE "users" ADD CONSTRAINT "users_way_in_check" CHECK (("password_hash" IS NOT NULL AND "email" IS NOT NULL) OR ("issuer" IS NOT NULL AND "subject" IS NOT NULL));
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_token_sha256_check" CHECK (octet_length("token_sha256") = 32);

-- What a tenant has unfinished.
CREATE INDEX "jobs_unfinished_tenant_idx" ON "jobs"("tenant_id") WHERE "status" IN ('queued', 'processing');
-- What a tenant was promised and has not used.
CREATE INDEX "uploads_admitted_idx" ON "uploads"("tenant_id") WHERE "admitted_bytes" IS NOT NULL;

-- How often a tenant, or a key, was let in on a day, as usage_days knows; of other subjects nothing is known.
CREATE FUNCTION "tintype_used_on"("subject" text, "on_day" date) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF starts_with(subject, 'tenant:') THEN
    RETURN (SELECT coalesce(sum(u.requests), 0) FROM usage_days u WHERE u.tenant_id = substr(subject, 8)::uuid AND u.day = on_day);
  ELSIF starts_with(subject, 'key:') THEN
    RETURN coalesce((
      SELECT u.requests FROM api_keys k JOIN usage_days u ON u.tenant_id = k.tenant_id AND u.day = on_day AND u.principal = k.id
      WHERE k.id = substr(subject, 5)), 0);
  END IF;
  RETURN 0;
END $$;

-- Counts in windows of time: see prisma/src/rate-windows.ts. `takes` is [[{subject, seconds, limit, cost}, …], …]; each is counted in all
-- of its windows or in none, one after the other. Rows are locked in the order of their key before the clock is read: nobody goes back
-- to a window that somebody else has ended.
CREATE FUNCTION "tintype_take"("takes" jsonb) RETURNS TABLE ("is_allowed" boolean, "remaining" bigint[], "reset_seconds" int[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  read_at timestamptz;
  names text[];
  subjects text[];
  starts timestamptz[];
  counts bigint[];
  lengths int[];
  taken boolean[];
  one record;
  nth int;
BEGIN
  INSERT INTO rate_windows (subject, seconds, started_at, used)
  SELECT DISTINCT w.subject, w.seconds, '-infinity'::timestamptz, 0
  FROM jsonb_array_elements(takes) t(windows), jsonb_to_recordset(t.windows) w(subject text, seconds int)
  ORDER BY 1, 2
  -- Writes nothing, and locks all the same.
  ON CONFLICT (subject, seconds) DO UPDATE SET used = 0 WHERE false;

  read_at := clock_timestamp();
  SELECT array_agg(c.subject || ' ' || c.seconds), array_agg(c.subject), array_agg(c.seconds), array_agg(s.start), array_agg(false),
    array_agg(greatest(
      CASE WHEN c.started_at >= s.start THEN c.used ELSE 0 END,
      -- Counters are lost with the server, or were kept elsewhere meanwhile: the day is not.
      CASE WHEN c.seconds = 86400 THEN tintype_used_on(c.subject, (s.start AT TIME ZONE 'UTC')::date) ELSE 0 END))
  INTO names, subjects, lengths, starts, taken, counts
  FROM (
    SELECT DISTINCT w.subject, w.seconds
    FROM jsonb_array_elements(takes) t(windows), jsonb_to_recordset(t.windows) w(subject text, seconds int)
  ) k
  JOIN rate_windows c ON c.subject = k.subject AND c.seconds = k.seconds
  CROSS JOIN LATERAL (
    SELECT greatest(to_timestamp(floor(extract(epoch FROM read_at) / c.seconds) * c.seconds), c.started_at) AS start
  ) s;

  FOR one IN
    SELECT t.nth, array_agg(array_position(names, w.subject || ' ' || w.seconds) ORDER BY w.nth) AS at,
      array_agg(w."limit" ORDER BY w.nth) AS limits, array_agg(coalesce(w.cost, 1) ORDER BY w.nth) AS costs
    FROM jsonb_array_elements(takes) WITH ORDINALITY t(windows, nth)
    CROSS JOIN LATERAL ROWS FROM (
      jsonb_to_recordset(t.windows) AS (subject text, seconds int, "limit" bigint, cost bigint)
    ) WITH ORDINALITY w(subject, seconds, "limit", cost, nth)
    GROUP BY t.nth ORDER BY t.nth
  LOOP
    is_allowed := true;
    FOR nth IN 1 .. cardinality(one.at) LOOP
      -- Who only looks wants to know whether there is room for one.
      is_allowed := is_allowed AND counts[one.at[nth]] + greatest(one.costs[nth], 1) <= one.limits[nth];
    END LOOP;
    remaining := '{}';
    reset_seconds := '{}';
    FOR nth IN 1 .. cardinality(one.at) LOOP
      IF is_allowed AND one.costs[nth] > 0 THEN
        counts[one.at[nth]] := counts[one.at[nth]] + one.costs[nth];
        taken[one.at[nth]] := true;
      END IF;
      remaining := remaining || greatest(one.limits[nth] - counts[one.at[nth]], 0);
      reset_seconds := reset_seconds
        || least(ceil(extract(epoch FROM starts[one.at[nth]] - read_at) + lengths[one.at[nth]]), 2147483647)::int;
    END LOOP;
    RETURN NEXT;
  END LOOP;

  UPDATE rate_windows c SET started_at = n.start, used = n.used
  FROM unnest(subjects, lengths, starts, counts, taken) AS n(subject, seconds, start, used, is_taken)
  WHERE n.is_taken AND c.subject = n.subject AND c.seconds = n.seconds;
END $$;

-- What tenants store, kept by whatever changes images. Several rows are locked in the order of their tenants.
CREATE FUNCTION "tintype_count_images"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign int := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
BEGIN
  INSERT INTO tenant_usage AS u (tenant_id, images, stored_bytes)
  SELECT c.tenant_id, sign * count(*), sign * coalesce(sum(c.bytes), 0) FROM changed c GROUP BY c.tenant_id ORDER BY c.tenant_id
  ON CONFLICT (tenant_id) DO UPDATE SET images = u.images + excluded.images, stored_bytes = u.stored_bytes + excluded.stored_bytes;
  RETURN NULL;
END $$;
CREATE TRIGGER "images_count_inserted" AFTER INSERT ON "images" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION "tintype_count_images"();
CREATE TRIGGER "images_count_deleted" AFTER DELETE ON "images" REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION "tintype_count_images"();

-- For the row alone that has got its bytes: a trigger over the statement would be run by every write of metadata as well.
CREATE FUNCTION "tintype_count_bytes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE tenant_usage SET stored_bytes = stored_bytes + coalesce(NEW.bytes, 0) - coalesce(OLD.bytes, 0) WHERE tenant_id = NEW.tenant_id;
  RETURN NULL;
END $$;
CREATE TRIGGER "images_count_bytes" AFTER UPDATE OF "bytes" ON "images"
  FOR EACH ROW WHEN (OLD."bytes" IS DISTINCT FROM NEW."bytes") EXECUTE FUNCTION "tintype_count_bytes"();

-- The triggers wait for writers that are under way, and keep others out until all is counted.
INSERT INTO "tenant_usage" ("tenant_id", "images", "stored_bytes")
SELECT "tenant_id", count(*), coalesce(sum("bytes"), 0) FROM "images" GROUP BY "tenant_id";

-- What a tenant has and was promised, in one look: what is promised becomes an image and a job in one transaction.
CREATE FUNCTION "tintype_held"("of_tenant" uuid, OUT "bytes" bigint, OUT "jobs" bigint) LANGUAGE sql STABLE AS $$
  SELECT (coalesce(sum(p.admitted_bytes), 0)
      + coalesce((SELECT u.stored_bytes FROM tenant_usage u WHERE u.tenant_id = of_tenant), 0))::bigint,
    (coalesce(sum(p.admitted_jobs), 0)
      + (SELECT count(*) FROM jobs j WHERE j.tenant_id = of_tenant AND j.status IN ('queued', 'processing')))::bigint
  FROM uploads p WHERE p.tenant_id = of_tenant AND p.admitted_bytes IS NOT NULL AND p.swept_at IS NULL
$$;

-- Promises room to uploads: see prisma/src/admission.ts. Who asks for a tenant waits for the one before him to have been answered.
CREATE FUNCTION "tintype_admit"("wanted" jsonb) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  one record;
  held record;
BEGIN
  INSERT INTO tenant_usage (tenant_id)
  SELECT DISTINCT w."tenantId" FROM jsonb_to_recordset(wanted) AS w("tenantId" uuid) ORDER BY 1
  -- Writes nothing, and locks all the same.
  ON CONFLICT (tenant_id) DO UPDATE SET images = 0 WHERE false;

  FOR one IN
    SELECT w.* FROM ROWS FROM (jsonb_to_recordset(wanted) AS (
      "tenantId" uuid, "uploadId" uuid, "objectKey" text, bytes bigint, jobs int, "storedBytes" bigint, "concurrentJobs" int
    )) WITH ORDINALITY AS w("tenantId", "uploadId", "objectKey", bytes, jobs, "storedBytes", "concurrentJobs", nth)
    ORDER BY w.nth
  LOOP
    SELECT h.bytes, h.jobs INTO held FROM tintype_held(one."tenantId") h;
    IF held.bytes + one.bytes > one."storedBytes" THEN
      RETURN NEXT 'storage';
      CONTINUE;
    ELSIF one.jobs > 0 AND held.jobs + one.jobs > one."concurrentJobs" THEN
      RETURN NEXT 'jobs';
      CONTINUE;
    END IF;
    IF one."objectKey" IS NULL THEN
      UPDATE uploads u SET admitted_bytes = one.bytes, admitted_jobs = one.jobs
      WHERE u.id = one."uploadId" AND u.tenant_id = one."tenantId" AND u.swept_at IS NULL;
    ELSE
      INSERT INTO uploads (id, tenant_id, object_key, admitted_bytes, admitted_jobs)
      VALUES (one."uploadId", one."tenantId", one."objectKey", one.bytes, one.jobs);
    END IF;
    RETURN NEXT CASE WHEN FOUND THEN 'admitted' ELSE 'expired' END;
  END LOOP;
END $$;

-- Addresses that are still to be truncated: rows come in at the end and go out at the beginning, so what is done is never looked at again.
CREATE INDEX "request_logs_full_ip_idx" ON "request_logs"("at") WHERE masklen("ip") IN (32, 128);
-- The one thing that is looked for without a time.
CREATE INDEX "request_logs_request_id_at_idx" ON "request_logs"("request_id", "at");

-- Answers that hold a secret are kept sealed from now on; of those that were kept before, the rest is.
UPDATE "idempotency_keys" SET "body" = "body" - 'secret' WHERE "body" ? 'secret';

-- AlterTable: who is there already keeps what he has
ALTER TABLE "tenants" ADD COLUMN "plan" TEXT NOT NULL DEFAULT 'unlimited',
ADD COLUMN "suspended_at" TIMESTAMPTZ(3),
ADD COLUMN "deleted_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN "plan" TEXT,
ADD COLUMN "replaced_by" TEXT;
-- Until now every key could do everything with what was its tenant's.
ALTER TABLE "api_keys" ALTER COLUMN "scopes" SET DEFAULT '{jobs:write,images:read,images:write,webhooks}';
UPDATE "api_keys" SET "scopes" = "scopes" || '{jobs:write,images:read,images:write,webhooks}'::text[];

CREATE INDEX "tenants_deleted_idx" ON "tenants"("deleted_at") WHERE "deleted_at" IS NOT NULL;

-- Keys that stopped working, by when.
CREATE INDEX "api_keys_ended_idx" ON "api_keys"(LEAST("revoked_at", "expires_at")) WHERE "revoked_at" IS NOT NULL OR "expires_at" IS NOT NULL;

-- AddForeignKey
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_plan_fkey" FOREIGN KEY ("plan") REFERENCES "plans"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_plan_fkey" FOREIGN KEY ("plan") REFERENCES "plans"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
