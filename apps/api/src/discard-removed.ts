// Removes the objects of images that are gone, a few at a time, while nobody waits. Whatever stays is left to the sweep.
import type { TenantDatabase } from '@tintype/prisma';
import type { Deps } from './deps.ts';

export interface RemovedObject {
  uploadId: string;
  objectKey: string;
}

const AT_ONCE = 8;

/** Never rejects. A store that is away is asked no more than a few times. */
export async function discardRemoved(
  removed: readonly RemovedObject[],
  { own: { uploads }, objects }: Pick<Deps, 'objects'> & { own: Pick<TenantDatabase, 'uploads'> },
): Promise<void> {
  const left = [...removed];
  const lane = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      await objects.remove(next.objectKey);
      await uploads.abandon(next.uploadId);
    }
  };
  await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
}
