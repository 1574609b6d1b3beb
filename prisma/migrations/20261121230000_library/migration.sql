-- The library: what images are found by, tags, near duplicates.
-- Columns are added without work on existing rows; what is found of them is gathered once, and whoever reads or writes `images` waits that long. Extensions are
-- of PostgreSQL's own contrib and trusted: whoever owns the database may create them.

CREATE EXTENSION IF NOT EXISTS "btree_gin";
CREATE EXTENSION IF NOT EXISTS "pg_trgm";

LOCK TABLE "images" IN ACCESS EXCLUSIVE MODE;

-- AlterTable
ALTER TABLE "images" ADD COLUMN "camera" TEXT,
ADD COLUMN "caption" TEXT,
ADD COLUMN "keywords" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN "duplicate_of" UUID,
ADD COLUMN "is_public" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "rejected_at" TIMESTAMPTZ(3);

-- CreateTable: kept up to date by triggers. Its rows are narrow, so that all of a tenant's can be looked through, and `images` has none of its indexes
CREATE TABLE "library" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "taken" TIMESTAMP(3) NOT NULL,
    "bytes" BIGINT NOT NULL,
    "phash" BIGINT,
    "width" INTEGER,
    "height" INTEGER,
    "is_dated" BOOLEAN NOT NULL,
    "has_gps" BOOLEAN NOT NULL,
    "is_public" BOOLEAN NOT NULL,
    "format" TEXT COLLATE "C",
    "title" TEXT NOT NULL COLLATE "C",
    "camera" TEXT NOT NULL COLLATE "C",
    "tags" TEXT[] NOT NULL,
    "words" tsvector NOT NULL,

    CONSTRAINT "library_pkey" PRIMARY KEY ("id")
);

-- CreateTable: kept up to date by triggers
CREATE TABLE "tags" (
    "tenant_id" UUID NOT NULL,
    "tag" TEXT NOT NULL COLLATE "C",
    "images" BIGINT NOT NULL,

    CONSTRAINT "tags_pkey" PRIMARY KEY ("tenant_id","tag")
);

-- Words as an image is found by them, and as they are asked for: what joins them in names of files and addresses parts them here.
-- 'simple' knows no language.
CREATE FUNCTION "tintype_part_words"("words" text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN translate(words, '_./\@:&', '       ');

CREATE FUNCTION "tintype_words"("title" text, "tags" text[], "camera" text, "caption" text, "keywords" text[]) RETURNS tsvector
LANGUAGE sql STABLE PARALLEL SAFE
  RETURN to_tsvector('pg_catalog.simple'::regconfig, tintype_part_words(left(concat_ws(' ', title, camera, caption,
    array_to_string(tags, ' '), array_to_string(keywords, ' ')), 20000)));

-- The beginning of a word is enough, except of one that must not be there. What is in quotes in a query's text is a word, quotes in it doubled.
CREATE FUNCTION "tintype_query"("wanted" text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(
    regexp_replace(websearch_to_tsquery('pg_catalog.simple'::regconfig, tintype_part_words(wanted))::text,
      '''((?:[^'']|'''')*)''', '''\1'':*', 'g'),
    '(!''(?:[^'']|'''')*''):\*', '\1', 'g')::tsquery;

-- Four parts of a perceptual hash, each with its place and with the end of the tenant's id, which is chance: two hashes that differ in at most 11
-- bits have a part in common that differs in at most 2. See prisma/src/find-similar.ts.
CREATE FUNCTION "tintype_bands"("tenant" uuid, "phash" bigint) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  -- Not said once in a subquery: PostgreSQL could not put that in the place of the call.
  RETURN ARRAY[(('x' || right(tenant::text, 8))::bit(32)::bigint << 18) + ((phash >> 48) & 65535),
    (('x' || right(tenant::text, 8))::bit(32)::bigint << 18) + ((phash >> 32) & 65535) + 65536,
    (('x' || right(tenant::text, 8))::bit(32)::bigint << 18) + ((phash >> 16) & 65535) + 131072,
    (('x' || right(tenant::text, 8))::bit(32)::bigint << 18) + (phash & 65535) + 196608];

-- Adds to the numbers of tags. Who counts for a tenant waits for the one before him.
CREATE FUNCTION "tintype_count_tags"("tenants" uuid[], "names" text[], "deltas" bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM tenant_usage u WHERE u.tenant_id = ANY (tenants) ORDER BY u.tenant_id FOR NO KEY UPDATE;
  INSERT INTO tags AS t (tenant_id, tag, images)
  SELECT d.tenant_id, d.tag, d.delta FROM unnest(tenants, names, deltas) AS d(tenant_id, tag, delta) ORDER BY d.tenant_id, d.tag COLLATE "C"
  ON CONFLICT (tenant_id, tag) DO UPDATE SET images = t.images + excluded.images;
  IF EXISTS (SELECT FROM unnest(deltas) AS d WHERE d < 0) THEN
    DELETE FROM tags t USING unnest(tenants, names) AS d(tenant_id, tag)
    WHERE t.tenant_id = d.tenant_id AND t.tag = d.tag AND t.images <= 0;
  END IF;
END $$;

-- Of images that are new or changed. Who writes here holds the image: nobody else changes its row of the library at the same time.
CREATE FUNCTION "tintype_shelve"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  counted record;
BEGIN
  SELECT array_agg(d.tenant_id) AS tenants, array_agg(d.tag) AS names, array_agg(d.delta) AS deltas INTO counted FROM (
    SELECT e.tenant_id, e.tag, sum(e.delta)::bigint AS delta FROM (
      SELECT c.tenant_id, n.tag, 1 AS delta FROM changed c LEFT JOIN library l ON l.id = c.id
      CROSS JOIN LATERAL (SELECT DISTINCT unnest(c.tags) AS tag) n
      WHERE c.rejected_at IS NULL AND l.tags IS DISTINCT FROM coalesce(c.tags, '{}')
      UNION ALL
      SELECT c.tenant_id, o.tag, -1 FROM changed c JOIN library l ON l.id = c.id
      CROSS JOIN LATERAL (SELECT DISTINCT unnest(l.tags) AS tag) o
      WHERE c.rejected_at IS NOT NULL OR l.tags IS DISTINCT FROM coalesce(c.tags, '{}')
    ) e GROUP BY e.tenant_id, e.tag HAVING sum(e.delta) <> 0
  ) d;

  DELETE FROM library l USING changed c WHERE l.id = c.id AND c.rejected_at IS NOT NULL;

  INSERT INTO library AS l (id, tenant_id, created_at, taken, bytes, phash, width, height, is_dated, has_gps, is_public, format, title, camera,
    tags, words)
  SELECT c.id, c.tenant_id, c.created_at, coalesce(c.taken_at, c.created_at AT TIME ZONE 'UTC'), coalesce(c.bytes, 0), c.phash, c.width, c.height,
    c.taken_at IS NOT NULL, c.latitude IS NOT NULL, c.is_public, c.format, lower(coalesce(c.title, '')), lower(coalesce(c.camera, '')),
    coalesce(c.tags, '{}'), tintype_words(c.title, c.tags, c.camera, c.caption, c.keywords)
  FROM changed c WHERE c.rejected_at IS NULL
  ON CONFLICT (id) DO UPDATE
  SET taken = excluded.taken, bytes = excluded.bytes, phash = excluded.phash, width = excluded.width, height = excluded.height,
    is_dated = excluded.is_dated, has_gps = excluded.has_gps, is_public = excluded.is_public, format = excluded.format, title = excluded.title,
    camera = excluded.camera, tags = excluded.tags, words = excluded.words
  WHERE (l.*) IS DISTINCT FROM (excluded.*);

  IF counted.tenants IS NOT NULL THEN
    PERFORM tintype_count_tags(counted.tenants, counted.names, counted.deltas);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION "tintype_unshelve"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  counted record;
BEGIN
  WITH gone AS (
    DELETE FROM library l USING removed r WHERE l.id = r.id RETURNING l.tenant_id, l.id, l.tags
  )
  SELECT array_agg(d.tenant_id) AS tenants, array_agg(d.tag) AS names, array_agg(d.delta) AS deltas INTO counted FROM (
    SELECT g.tenant_id, t.tag, -count(DISTINCT g.id) AS delta FROM gone g CROSS JOIN LATERAL unnest(g.tags) AS t(tag) GROUP BY 1, 2
  ) d;
  IF counted.tenants IS NOT NULL THEN
    PERFORM tintype_count_tags(counted.tenants, counted.names, counted.deltas);
  END IF;
  RETURN NULL;
END $$;

-- Named so that they come behind those that count images, which lock the tenant's row of tenant_usage.
CREATE TRIGGER "images_library_inserted" AFTER INSERT ON "images" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION "tintype_shelve"();
CREATE TRIGGER "images_library_updated" AFTER UPDATE ON "images" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION "tintype_shelve"();
CREATE TRIGGER "images_library_deleted" AFTER DELETE ON "images" REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION "tintype_unshelve"();

-- What is there already.
INSERT INTO "library" ("id", "tenant_id", "created_at", "taken", "bytes", "phash", "width", "height", "is_dated", "has_gps", "is_public", "format",
  "title", "camera", "tags", "words")
SELECT i.id, i.tenant_id, i.created_at, coalesce(i.taken_at, i.created_at AT TIME ZONE 'UTC'), coalesce(i.bytes, 0), i.phash, i.width, i.height,
  i.taken_at IS NOT NULL, i.latitude IS NOT NULL, false, i.format, lower(coalesce(i.title, '')), '', coalesce(i.tags, '{}'),
  tintype_words(i.title, i.tags, NULL, NULL, NULL)
FROM "images" i;

INSERT INTO "tags" ("tenant_id", "tag", "images")
SELECT l.tenant_id, t.tag, count(DISTINCT l.id) FROM "library" l CROSS JOIN LATERAL unnest(l.tags) AS t(tag) GROUP BY 1, 2;

-- One for each order. The first holds what else is asked about, too: a condition on it is checked in the index.
CREATE INDEX "library_created_idx" ON "library"("tenant_id", "created_at", "id", "format", "width", "height", "bytes", "taken", "is_dated", "has_gps", "is_public");
CREATE INDEX "library_taken_idx" ON "library"("tenant_id", "taken", "id");
CREATE INDEX "library_title_idx" ON "library"("tenant_id", "title", "id");
CREATE INDEX "library_bytes_idx" ON "library"("tenant_id", "bytes", "id");

-- What is found by its parts. New rows wait in a short list, which every search reads.
CREATE INDEX "library_words_idx" ON "library" USING gin ("tenant_id", "tags", "words", "title" gin_trgm_ops, "camera" gin_trgm_ops)
  WITH (gin_pending_list_limit = 256);
CREATE INDEX "library_phash_idx" ON "library" USING gin ("tintype_bands"("tenant_id", "phash"))
  WITH (gin_pending_list_limit = 256) WHERE "phash" IS NOT NULL;
