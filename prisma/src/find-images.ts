// How a tenant finds its images: by facts, by words, by looks; page by page.
import { PLANNED_ANEW } from './client.ts';
import { findSimilar } from './find-similar.ts';
import { Prisma, type PrismaClient } from './generated/client.ts';
import { filtersOf, type ImageFilters } from './image-filters.ts';
import { cursorValue, type ImageCursor, type ImageSort, orderOf } from './image-order.ts';
import { readSummaries } from './image-summary.ts';
import type { ImageSummaryRow } from './jobs.ts';

/** Rejected images are never found. */
export interface ImageQuery extends ImageFilters {
  sort: ImageSort;
  /** Where the page before ended: see isImageCursor. */
  after?: ImageCursor | undefined;
  limit: number;
}

export interface ImagePage {
  images: ImageSummaryRow[];
  /** Undefined: this is the last page. */
  next: ImageCursor | undefined;
}

export interface SimilarImage {
  image: ImageSummaryRow;
  /** Bits of the 64 of the perceptual hash that differ. */
  distance: number;
}

export interface FindImages {
  list(tenantId: string, query: ImageQuery): Promise<ImagePage>;
  /** Nearest first, without the image itself. `no-hash`: its pixels were not read. Undefined: no such image. */
  similar(
    tenantId: string,
    id: string,
    options: { maxDistance: number; limit: number },
  ): Promise<SimilarImage[] | 'no-hash' | undefined>;
}

/** Rows that a page looks through in its own order before it gathers all that match. */
const LOOKED_AT = 1000;

interface Found {
  id: string;
  value: Date | bigint | string;
}

export function createFindImages(prisma: PrismaClient): FindImages {
  return {
    list: async (tenantId, query) => {
      const found = (await lookThrough(prisma, tenantId, query)) ?? (await gather(prisma, tenantId, query));
      const page = found.slice(0, query.limit);
      const last = found.length > page.length ? page.at(-1) : undefined;
      const ids = page.map(({ id }) => id);
      return {
        images: await readSummaries(prisma, tenantId, ids),
        next: last && { value: cursorValue(last.value), id: last.id },
      };
    },
    similar: (tenantId, id, options) => findSimilar(prisma, tenantId, id, options),
  };
}

/** What many images match is soon found by looking at one after the other. Undefined: it was not. */
async function lookThrough(
  prisma: PrismaClient,
  tenantId: string,
  { sort, after, limit, ...filters }: ImageQuery,
): Promise<Found[] | undefined> {
  const { column, direction, behind } = orderOf(sort);
  const conditions = filtersOf(filters);
  const most = conditions.length === 0 ? limit + 1 : LOOKED_AT;
  const rows = await prisma.$queryRaw<(Found & { fits: boolean | null; isEdge: boolean })[]>`${PLANNED_ANEW}
    SELECT id, value, fits, nth = ${most} AS "isEdge" FROM (
      SELECT id, value, fits, row_number() OVER (ORDER BY value ${direction}, id ${direction}) AS nth FROM (
        SELECT id, ${column} AS value, ${all(conditions)} AS fits FROM library
        WHERE tenant_id = ${tenantId}::uuid ${after === undefined ? Prisma.empty : behind(after)}
        ORDER BY ${column} ${direction}, id ${direction} LIMIT ${most}
      ) looked
    ) numbered
    WHERE fits OR nth = ${most}
    LIMIT ${limit + 1}`;
  const found = rows.filter(({ fits }) => fits === true);
  return found.length <= limit && rows.at(-1)?.isEdge === true ? undefined : found;
}

/** What few images match is found by what they match, and put in order then. */
function gather(
  prisma: PrismaClient,
  tenantId: string,
  { sort, after, limit, ...filters }: ImageQuery,
): Promise<Found[]> {
  const { column, direction, behind } = orderOf(sort);
  return prisma.$queryRaw<Found[]>`${PLANNED_ANEW}
    WITH found AS MATERIALIZED (
      SELECT id, ${column} AS value FROM library
      WHERE tenant_id = ${tenantId}::uuid AND ${all(filtersOf(filters))} ${after === undefined ? Prisma.empty : behind(after)}
    )
    SELECT id, value FROM found ORDER BY value ${direction}, id ${direction} LIMIT ${limit + 1}`;
}

function all(conditions: Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.sql`true` : Prisma.join(conditions, ' AND ');
}
