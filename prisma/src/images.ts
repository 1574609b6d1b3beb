// Reads of images, always within one tenant.
import type { Image, PrismaClient } from './generated/client.ts';
import type { ImageSummaryRow } from './jobs.ts';

export interface Images {
  /** One image without its metadata. */
  get(tenantId: string, id: string): Promise<ImageSummaryRow | undefined>;
  /** The metadata document; null while no worker has seen the image; undefined for an unknown image. */
  metadata(tenantId: string, id: string): Promise<Image['metadata'] | undefined>;
  /** Whether the image's last job ended without facts. */
  isFailed(tenantId: string, id: string): Promise<boolean>;
}

export function createImages(prisma: PrismaClient): Images {
  return {
    get: async (tenantId, id) =>
      (await prisma.image.findFirst({ where: { id, tenantId }, omit: { metadata: true } })) ?? undefined,
    metadata: async (tenantId, id) => {
      const image = await prisma.image.findFirst({ where: { id, tenantId }, select: { metadata: true } });
      return image === null ? undefined : image.metadata;
    },
    isFailed: async (tenantId, imageId) => {
      const last = await prisma.job.findFirst({
        where: { imageId, tenantId },
        orderBy: { id: 'desc' },
        select: { status: true },
      });
      return last?.status === 'failed' || last?.status === 'canceled';
    },
  };
}
