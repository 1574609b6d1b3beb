// The tags of a tenant: which there are, on how many images, and how they get there. The numbers are kept by triggers.
import type { Prisma, PrismaClient } from './generated/client.ts';
import { storable } from './storable.ts';

export interface TagRow {
  tag: string;
  images: number;
}

export interface Tags {
  /** In the order of their code points, behind `after`; those that begin with `prefix`. */
  list(
    tenantId: string,
    query: { prefix?: string | undefined; after?: string | undefined; limit: number },
  ): Promise<TagRow[]>;
  /** The tags of one image, in the order they came. Undefined: no such image. */
  of(tenantId: string, imageId: string): Promise<string[] | undefined>;
  /** Those that it has then. `too-many`: nothing was changed. */
  add(
    tenantId: string,
    imageId: string,
    tags: string[],
    most: number,
  ): Promise<string[] | 'too-many' | undefined>;
  replace(tenantId: string, imageId: string, tags: string[]): Promise<string[] | undefined>;
  /** `unknown`: the image has no such tag. */
  remove(tenantId: string, imageId: string, tag: string): Promise<string[] | 'unknown' | undefined>;
  clear(tenantId: string, imageId: string): Promise<string[] | undefined>;
  /**
   * Adds and removes on many at once, each image in one go; answers what became of each: those that are not the tenant's are left out,
   * and so are, in `tooMany`, those that would have more than `most`. A tag that is to be added and removed is added.
   */
  change(
    tenantId: string,
    imageIds: string[],
    changes: { add: string[]; remove: string[]; most: number },
  ): Promise<{ changed: string[]; tooMany: string[] }>;
}

interface Tagged {
  id: string;
  tags: string[];
}

export function createTags(prisma: PrismaClient): Tags {
  /** `to` says what the tags of an image are to be, seeing what they are; undefined leaves them. Nobody else changes them meanwhile. */
  function changeOne<Refusal>(
    tenantId: string,
    imageId: string,
    to: (tags: string[]) => string[] | Refusal,
  ): Promise<string[] | Refusal | undefined> {
    return prisma.$transaction(async (tx) => {
      const [image] = await lockTagged(tx, tenantId, [imageId]);
      if (image === undefined) return undefined;
      const tags = to(image.tags);
      if (Array.isArray(tags)) await write(tx, [{ image, tags }]);
      return tags;
    });
  }

  return {
    list: (tenantId, { prefix = '', after = '', limit }) => {
      const [first, from] = [storable(prefix), storable(after)];
      return prisma.$queryRaw<TagRow[]>`
        SELECT tag, images::float8 AS images FROM tags
        WHERE tenant_id = ${tenantId}::uuid AND tag > ${from} AND tag >= ${first} AND tag < ${endOf(first)}
        ORDER BY tag LIMIT ${limit}`;
    },

    of: async (tenantId, id) => {
      const image = await prisma.image.findFirst({
        where: { id, tenantId, rejectedAt: null },
        select: { tags: true },
      });
      return image?.tags;
    },

    add: (tenantId, imageId, tags, most) =>
      changeOne(tenantId, imageId, (had): string[] | 'too-many' => {
        const all = union(had, tags);
        return all.length > most ? 'too-many' : all;
      }),
    replace: (tenantId, imageId, tags) => changeOne(tenantId, imageId, () => union(tags)),
    remove: (tenantId, imageId, tag) =>
      changeOne(tenantId, imageId, (had): string[] | 'unknown' =>
        had.includes(tag) ? had.filter((one) => one !== tag) : 'unknown',
      ),
    clear: (tenantId, imageId) => changeOne(tenantId, imageId, () => []),

    change: (tenantId, imageIds, { add, remove, most }) =>
      prisma.$transaction(async (tx) => {
        const images = await lockTagged(tx, tenantId, imageIds);
        const planned = images.map((image) => ({
          image,
          tags: union(
            image.tags.filter((tag) => !remove.includes(tag)),
            add,
          ),
        }));
        // Who has too many already may still lose some.
        const isTooMuch = ({ image, tags }: Planned) => tags.length > most && tags.length > image.tags.length;
        const fitting = planned.filter((one) => !isTooMuch(one));
        await write(tx, fitting);
        return { changed: idsOf(fitting), tooMany: idsOf(planned.filter(isTooMuch)) };
      }),
  };
}

interface Planned {
  image: Tagged;
  tags: string[];
}

const idsOf = (planned: Planned[]): string[] => planned.map(({ image }) => image.id);

/** By id, as everybody else does. Those that are not the tenant's, gone or rejected are left out. */
function lockTagged(tx: Prisma.TransactionClient, tenantId: string, ids: string[]): Promise<Tagged[]> {
  return tx.$queryRaw<Tagged[]>`
    SELECT id, tags FROM images
    WHERE id = ANY (${ids}::uuid[]) AND tenant_id = ${tenantId}::uuid AND rejected_at IS NULL ORDER BY id FOR NO KEY UPDATE`;
}

/** An image whose tags were changed answers no more for an upload with those that it had. */
async function write(tx: Prisma.TransactionClient, planned: Planned[]): Promise<void> {
  const changed = planned
    .filter(({ image, tags }) => !areSame(image.tags, tags))
    .map(({ image, tags }) => ({ id: image.id, tags }));
  if (changed.length === 0) return;
  await tx.$executeRaw`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) AS r(id uuid, tags text[])
    ), content AS (
      DELETE FROM contents c USING input i WHERE c.image_id = i.id
    )
    UPDATE images m SET tags = i.tags FROM input i WHERE m.id = i.id`;
}

function areSame(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((tag, index) => tag === other[index]);
}

function union(...lists: string[][]): string[] {
  return [...new Set(lists.flat())];
}

/** Behind everything that begins with the prefix: no character comes after U+10FFFF. */
function endOf(prefix: string): string {
  return `${prefix}\u{10ffff}\u{10ffff}`;
}
