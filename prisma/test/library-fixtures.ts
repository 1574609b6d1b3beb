// Puts images into a library past the upload, for tests that look for them; and counts again what triggers have counted.
import { newId } from '../src/index.ts';
import type { TestDatabase } from './database.ts';

type Query = TestDatabase['query'];

/** What a test may say of an image; the rest is the same for all. */
export interface LibraryImage {
  id: string;
  createdAt: string;
  bytes: number | null;
  format: string | null;
  title: string | null;
  tags: string[];
  width: number | null;
  height: number | null;
  takenAt: string | null;
  latitude: number | null;
  /** 16 hexadecimal digits. */
  phash: string | null;
  camera: string | null;
  caption: string | null;
  keywords: string[];
  isPublic: boolean;
  rejectedAt: string | null;
}

export function aLibraryImage(given: Partial<LibraryImage> = {}): LibraryImage {
  return {
    id: newId(),
    createdAt: '2026-01-01T00:00:00.000Z',
    bytes: 1000,
    format: 'jpeg',
    title: null,
    tags: [],
    width: 640,
    height: 480,
    takenAt: null,
    latitude: null,
    phash: null,
    camera: null,
    caption: null,
    keywords: [],
    isPublic: false,
    rejectedAt: null,
    ...given,
  };
}

/** Answers them as they are in the library. */
export async function addImages(
  query: Query,
  tenantId: string,
  given: Partial<LibraryImage>[],
): Promise<LibraryImage[]> {
  const images = given.map(aLibraryImage);
  await query(
    `INSERT INTO images (id, tenant_id, object_key, created_at, bytes, sha256, format, title, tags, width, height, taken_at, latitude, longitude,
       phash, camera, caption, keywords, is_public, rejected_at, metadata)
     SELECT id, $1::uuid, $1::text || '/original/' || id, "createdAt", bytes, decode(repeat('ab', 32), 'hex'), format, title, tags, width, height,
       "takenAt", latitude, latitude, ('x' || phash)::bit(64)::bigint, camera, caption, keywords, "isPublic", "rejectedAt", '{"heavy": true}'
     FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, "createdAt" timestamptz, bytes bigint, format text, title text, tags text[], width int,
       height int, "takenAt" timestamp, latitude float8, phash text, camera text, caption text, keywords text[], "isPublic" boolean,
       "rejectedAt" timestamptz)`,
    [tenantId, JSON.stringify(images)],
  );
  return images;
}

/** By tenant and tag: what the images themselves say, and what was counted. */
export async function countTags(query: Query): Promise<{ counted: object[]; recounted: object[] }> {
  const counted = await query(
    'SELECT tenant_id, tag, images::int AS images FROM tags ORDER BY tenant_id, tag COLLATE "C"',
  );
  const recounted = await query(
    `SELECT tenant_id, tag COLLATE "C" AS tag, count(DISTINCT id)::int AS images FROM images CROSS JOIN LATERAL unnest(tags) AS t(tag)
     WHERE rejected_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return { counted, recounted };
}
