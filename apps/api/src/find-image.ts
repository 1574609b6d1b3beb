// One image as its owner's row, or the error that says it is not there.
import { AppError } from '@tintype/core';
import type { ImageSummaryRow, TenantDatabase } from '@tintype/prisma';

/** @throws AppError IMAGE_NOT_FOUND, for another tenant's too */
export async function findImage(
  id: string,
  { images }: Pick<TenantDatabase, 'images'>,
): Promise<ImageSummaryRow> {
  const row = await images.get(id);
  if (row === undefined) throw new AppError('IMAGE_NOT_FOUND');
  return row;
}

/** Of an image that nothing was found out about. */
export async function whyNoMetadata(
  id: string,
  { images }: Pick<TenantDatabase, 'images'>,
): Promise<AppError> {
  return (await images.isFailed(id))
    ? new AppError('METADATA_UNAVAILABLE')
    : new AppError('METADATA_NOT_READY', { retryAfterSeconds: 1 });
}
