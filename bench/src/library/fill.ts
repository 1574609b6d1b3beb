// Puts a library of many images, and the images of others, into a migrated database. By one statement for some thousand rows, past every limit.
import pg from 'pg';
import { progress } from '../progress.ts';
import { type ImageRow, makeImageRows } from './make-images.ts';

export interface LibrarySizes {
  /** Images of the tenant that is asked about. */
  readonly images: number;
  /** Images of all others together. */
  readonly others: number;
}

const ROWS_AT_ONCE = 2000;
const OTHER_TENANTS = 20;
const OWN_SEED = 1;

export const LIBRARY_TENANT = '01940000-0000-7000-8000-000000000001';

const INSERT = `
  INSERT INTO images (id, tenant_id, object_key, bytes, sha256, format, width, height, title, tags, camera, caption, keywords, taken_at,
    latitude, longitude, phash, is_public, metadata, schema_version, extractor_version, created_at)
  SELECT r.id, r."tenantId", r."tenantId" || '/original/' || r.id, r.bytes, sha256(r.id::text::bytea), r.format, r.width, r.height, r.title,
    r.tags, r.camera, r.caption, r.keywords, r."takenAt", r.latitude, r.longitude, r.phash, r."isPublic", r.metadata, 1, '1.0', r."createdAt"
  FROM jsonb_to_recordset($1::jsonb) AS r(
    id uuid, "tenantId" uuid, bytes bigint, format text, width int, height int, title text, tags text[], camera text, caption text,
    keywords text[], "takenAt" timestamp, latitude float8, longitude float8, phash bigint, "isPublic" boolean, metadata jsonb,
    "createdAt" timestamptz)`;

export async function fillLibrary(databaseUrl: string, sizes: LibrarySizes): Promise<void> {
  const database = new pg.Client(databaseUrl);
  await database.connect();
  try {
    // As it comes about: everybody's images at the same time, not one tenant's after the other's.
    const tenants = [makeImageRows(LIBRARY_TENANT, sizes.images, OWN_SEED)];
    for (let other = 1; other <= OTHER_TENANTS; other += 1) {
      const id = `01940000-0000-7000-9000-${String(other).padStart(12, '0')}`;
      tenants.push(makeImageRows(id, Math.floor(sizes.others / OTHER_TENANTS), OWN_SEED + other));
    }
    await insertInTurn(database, tenants, sizes);
    progress('library: vacuum');
    await database.query('VACUUM ANALYZE');
  } finally {
    await database.end();
  }
}

async function insertInTurn(
  database: pg.Client,
  tenants: Generator<ImageRow>[],
  { images, others }: LibrarySizes,
): Promise<void> {
  const shares = tenants.map((_, at) => (at === 0 ? images : others / OTHER_TENANTS) / (images + others));
  let done = 0;
  for (let waiting = tenants.length; waiting > 0; ) {
    const rows: ImageRow[] = [];
    waiting = tenants.length;
    tenants.forEach((tenant, at) => {
      const taken = take(tenant, Math.max(1, Math.round((shares[at] ?? 0) * ROWS_AT_ONCE)));
      if (taken.length === 0) waiting -= 1;
      rows.push(...taken);
    });
    if (rows.length > 0) await database.query(INSERT, [JSON.stringify(rows)]);
    done += rows.length;
    if (done % 50_000 < rows.length) progress(`library: ${done} images`);
  }
}

function take(rows: Generator<ImageRow>, count: number): ImageRow[] {
  const taken: ImageRow[] = [];
  while (taken.length < count) {
    const { value, done } = rows.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}
