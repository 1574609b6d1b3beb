// Images without their metadata, read by their ids. The columns are named one by one: a document of some kilobytes is not read to be thrown away.
import { Prisma, type PrismaClient } from './generated/client.ts';
import type { ImageSummaryRow } from './jobs.ts';

/** Each field and its column. One that is missing here does not compile. */
const COLUMNS: Record<keyof ImageSummaryRow, string> = {
  id: 'id',
  tenantId: 'tenant_id',
  objectKey: 'object_key',
  bytes: 'bytes',
  sha256: 'sha256',
  fileName: 'file_name',
  declaredMimeType: 'declared_mime_type',
  format: 'format',
  title: 'title',
  tags: 'tags',
  width: 'width',
  height: 'height',
  schemaVersion: 'schema_version',
  extractorVersion: 'extractor_version',
  takenAt: 'taken_at',
  latitude: 'latitude',
  longitude: 'longitude',
  phash: 'phash',
  dominantColor: 'dominant_color',
  sourceUrl: 'source_url',
  createdAt: 'created_at',
  camera: 'camera',
  caption: 'caption',
  keywords: 'keywords',
  duplicateOf: 'duplicate_of',
  rejectedAt: 'rejected_at',
  path: 'path',
  isPublic: 'is_public',
  derivatives: 'derivatives',
};

/** For SELECT and RETURNING. */
export const IMAGE_SUMMARY = Prisma.raw(
  Object.entries(COLUMNS)
    .map(([field, column]) => `${column} AS "${field}"`)
    .join(', '),
);

/** In the order of the ids; those that are gone meanwhile are left out. */
export async function readSummaries(
  prisma: Pick<PrismaClient, '$queryRaw'>,
  tenantId: string,
  ids: string[],
): Promise<ImageSummaryRow[]> {
  if (ids.length === 0) return [];
  const rows = await prisma.$queryRaw<ImageSummaryRow[]>`
    SELECT ${IMAGE_SUMMARY} FROM images WHERE id = ANY (${ids}::uuid[]) AND tenant_id = ${tenantId}::uuid`;
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
