// Ends a job whose image has been described: as completed, or, where near duplicates were not wanted and this is one, as failed.
import type { ClaimedJob, CompletedJob, CompletedOrDuplicate, Database } from '@tintype/prisma';
import type { InspectWishes } from '../image/file-facts.ts';

/** What is near is told by the pixels: who asks about duplicates has them read. */
export function withPixels(wishes: InspectWishes, options: ClaimedJob['options']): InspectWishes {
  return refusalOf(options) === undefined ? wishes : { ...wishes, pixels: true };
}

export async function endDescribed(
  { tenantId, imageId, options }: ClaimedJob,
  job: CompletedJob,
  { db, maxDistance }: { db: Pick<Database, 'work'>; maxDistance: number },
): Promise<CompletedOrDuplicate> {
  const onDuplicate = refusalOf(options);
  if (onDuplicate === undefined)
    return (await db.work.complete(job)) && { outcome: 'completed', duplicateOf: undefined };
  const wishes = { tenantId, imageId, onDuplicate, maxDistance, messageFor };
  return db.work.completeUnlessDuplicate(job, wishes);
}

function refusalOf({ onDuplicate }: ClaimedJob['options']): 'flag' | 'reject' | undefined {
  return onDuplicate === 'flag' || onDuplicate === 'reject' ? onDuplicate : undefined;
}

function messageFor(otherId: string): string {
  return `Nearly the same image is there already: ${otherId}. Duplicates were not wanted.`;
}
