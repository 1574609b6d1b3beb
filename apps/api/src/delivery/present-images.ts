// Images as their owner sees them, with their derivatives.
import type { ImageSummaryRow, TenantDatabase } from '@tintype/prisma';
import { type Image, presentImage } from '../schemas/image.ts';
import { listDerivatives } from './list-derivatives.ts';

type Own = Pick<TenantDatabase, 'derivatives'>;

/** In the same order. */
export async function presentImages(rows: readonly ImageSummaryRow[], own: Own): Promise<Image[]> {
  const derivatives = await listDerivatives(rows, own);
  return rows.map((row) => presentImage(row, derivatives.get(row.id) ?? []));
}

export async function presentOneImage(row: ImageSummaryRow, own: Own): Promise<Image> {
  const derivatives = await listDerivatives([row], own);
  return presentImage(row, derivatives.get(row.id) ?? []);
}
