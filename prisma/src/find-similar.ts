// Near duplicates by perceptual hash. What is near has one of four parts of the hash nearly in common: the index finds each neighbor of each part.
import { PLANNED_ANEW } from './client.ts';
import type { SimilarImage } from './find-images.ts';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { readSummaries } from './image-summary.ts';

type Client = Pick<Prisma.TransactionClient, '$queryRaw'>;

interface Neighbor {
  id: string;
  distance: number;
}

const PARTS = 4;
const PART_BITS = 16;
/** Most bits in which two hashes may differ whose parts are looked for with two of them wrong. */
export const MAX_SIMILAR_DISTANCE = 11;

export async function findSimilar(
  prisma: PrismaClient,
  tenantId: string,
  id: string,
  { maxDistance, limit }: { maxDistance: number; limit: number },
): Promise<SimilarImage[] | 'no-hash' | undefined> {
  const [image] = await prisma.$queryRaw<{ phash: bigint | null }[]>`
    SELECT phash FROM images WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid AND rejected_at IS NULL`;
  if (image === undefined) return undefined;
  if (image.phash === null) return 'no-hash';
  const neighbors = await findNeighbors(prisma, tenantId, {
    phash: image.phash,
    exceptId: id,
    maxDistance,
    limit,
  });
  const distances = new Map(neighbors.map((neighbor) => [neighbor.id, neighbor.distance]));
  const images = await readSummaries(prisma, tenantId, [...distances.keys()]);
  return images.map((one) => ({ image: one, distance: distances.get(one.id) ?? 0 }));
}

/** The nearest image of a tenant, of several the first that came, but the one that asks. `phash`: 16 hexadecimal digits. */
export async function findNearest(
  client: Client,
  tenantId: string,
  { phash, exceptId, maxDistance }: { phash: string; exceptId: string; maxDistance: number },
): Promise<string | undefined> {
  const hash = BigInt.asIntN(64, BigInt(`0x${phash}`));
  const [nearest] = await findNeighbors(client, tenantId, { phash: hash, exceptId, maxDistance, limit: 1 });
  return nearest?.id;
}

interface Neighborhood {
  phash: bigint;
  exceptId: string;
  maxDistance: number;
  limit: number;
}

function findNeighbors(
  client: Client,
  tenantId: string,
  { phash, exceptId, maxDistance, limit }: Neighborhood,
): Promise<Neighbor[]> {
  // IS NOT DISTINCT FROM is no question for an index: the planner finds candidates by their parts, never by looking at all of the tenant's.
  return client.$queryRaw<Neighbor[]>`${PLANNED_ANEW}
    WITH near AS MATERIALIZED (
      SELECT id, bit_count((phash # ${phash}::bigint)::bit(64))::int AS distance FROM library
      WHERE tintype_bands(tenant_id, phash) && ${partsNear(tenantId, phash, maxDistance)}::bigint[] AND phash IS NOT NULL
        AND tenant_id IS NOT DISTINCT FROM ${tenantId}::uuid
    )
    SELECT id, distance FROM near WHERE distance <= ${maxDistance}::int AND id <> ${exceptId}::uuid
    ORDER BY distance, id LIMIT ${limit}`;
}

/** Of bits that differ in all, one of the parts has a fourth at most. As the index has them: each with its place, and the end of its tenant's id. */
function partsNear(tenantId: string, phash: bigint, maxDistance: number): bigint[] {
  const wrong = Math.floor(Math.min(maxDistance, MAX_SIMILAR_DISTANCE) / PARTS);
  const tenant = BigInt(`0x${tenantId.slice(-8)}`) << 18n;
  const parts = Array.from({ length: PARTS }, (_, place) =>
    Number(BigInt.asUintN(PART_BITS, phash >> BigInt(PART_BITS * (PARTS - 1 - place)))),
  );
  return parts.flatMap(
    (part, place) => MASKS[wrong]?.map((mask) => tenant + BigInt((part ^ mask) + (place << PART_BITS))) ?? [],
  );
}

/** By how many bits may be wrong: every way in which so many, or fewer, are. */
const MASKS: readonly (readonly number[])[] = Array.from({ length: 3 }, (_, wrong) => masksOf(wrong));

function masksOf(wrong: number, from = 0): number[] {
  if (wrong === 0) return [0];
  const masks = [0];
  for (let bit = from; bit < PART_BITS; bit += 1)
    for (const mask of masksOf(wrong - 1, bit + 1)) masks.push(mask | (1 << bit));
  return masks;
}
