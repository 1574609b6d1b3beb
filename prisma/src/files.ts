// What a tenant's paths lead to: an image that was given the path, or else a place in the object store.
import type { PrismaClient } from './generated/client.ts';
import type { ImageSummaryRow } from './jobs.ts';

export interface FilePlace {
  /** Undefined: no image of the tenant has the path. One that was rejected has none. */
  image: ImageSummaryRow | undefined;
  /** Where the tenant's files lie that are no images here; null: under its own name. */
  prefix: string | null;
}

export interface Files {
  find(tenantId: string, path: string): Promise<FilePlace>;
}

export function createFiles(prisma: PrismaClient): Files {
  return {
    find: async (tenantId, path) => {
      const image = await prisma.image.findFirst({
        where: { tenantId, path, rejectedAt: null },
        omit: { metadata: true },
      });
      if (image !== null) return { image, prefix: null };
      const tenant = await prisma.tenant.findUnique({
        where: { id: tenantId },
        select: { filesPrefix: true },
      });
      return { image: undefined, prefix: tenant?.filesPrefix ?? null };
    },
  };
}
