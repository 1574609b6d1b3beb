-- What a job wants to know, facts of the document that are searched for, who may operate, and runs over images that exist.
-- Columns without work on existing rows: no table is locked for longer than a moment.

-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN "scopes" TEXT[] NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "images" ADD COLUMN "taken_at" TIMESTAMP(3),
ADD COLUMN "latitude" DOUBLE PRECISION,
ADD COLUMN "longitude" DOUBLE PRECISION,
ADD COLUMN "phash" BIGINT,
ADD COLUMN "dominant_color" TEXT;

-- AlterTable
ALTER TABLE "jobs" ADD COLUMN "options" JSONB NOT NULL DEFAULT '{}';

-- CreateTable
CREATE TABLE "reprocess_runs" (
    "id" UUID NOT NULL,
    "filter" JSONB NOT NULL,
    "options" JSONB NOT NULL DEFAULT '{}',
    "last_image_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "request_id" TEXT NOT NULL,

    CONSTRAINT "reprocess_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reprocess_jobs" (
    "run_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,

    CONSTRAINT "reprocess_jobs_pkey" PRIMARY KEY ("run_id", "job_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "reprocess_jobs_job_id_key" ON "reprocess_jobs"("job_id");

-- AddForeignKey
ALTER TABLE "reprocess_jobs" ADD CONSTRAINT "reprocess_jobs_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "reprocess_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reprocess_jobs" ADD CONSTRAINT "reprocess_jobs_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
