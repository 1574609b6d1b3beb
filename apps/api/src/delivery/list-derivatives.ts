// The named derivatives of images, as their owner sees them: those that were asked for at upload, made or not.
import { ERRORS, type ErrorCode, type Presets } from '@tintype/core';
import type { DerivativeRow, ImageSummaryRow, TenantDatabase } from '@tintype/prisma';
import type { ImageDerivative } from '../schemas/image.ts';
import { wishOf } from './wish.ts';

type Row = Pick<ImageSummaryRow, 'id' | 'objectKey' | 'sha256' | 'derivatives'>;

/** By image. Asked for in one turn, which is one statement for a page. Only images that have some are in it. */
export async function listDerivatives(
  rows: readonly Row[],
  own: Pick<TenantDatabase, 'derivatives'>,
): Promise<ReadonlyMap<string, ImageDerivative[]>> {
  const named = rows.filter(({ derivatives }) => Object.keys(derivatives as Presets).length > 0);
  const lists = await Promise.all(named.map((row) => derivativesOf(row, row.derivatives as Presets, own)));
  return new Map(named.map(({ id }, at) => [id, lists[at] ?? []]));
}

/** Those of these names, in their order, as far as they were made. One that nobody has asked for yet is waiting. */
export async function derivativesOf(
  { id, objectKey, sha256 }: Row,
  transforms: Presets,
  own: Pick<TenantDatabase, 'derivatives'>,
): Promise<ImageDerivative[]> {
  const byName = Object.entries(transforms).sort(([one], [other]) => (one < other ? -1 : 1));
  return Promise.all(
    byName.map(async ([name, transform]) => {
      const row = sha256 && (await own.derivatives.find(digestOf({ objectKey, sha256 }, transform)));
      return presentDerivative(id, name, row ?? undefined);
    }),
  );
}

/** Of `format=auto` it is what is made without anybody's Accept. */
function digestOf(
  { objectKey, sha256 }: { objectKey: string; sha256: Uint8Array },
  transform: Presets[string],
): string {
  const version = Buffer.from(sha256).toString('hex');
  const source = { imageId: null, sourceKey: objectKey, version, derivatives: {} };
  return wishOf(source, transform).digestHex;
}

function presentDerivative(imageId: string, name: string, row: DerivativeRow | undefined): ImageDerivative {
  const { made = null, status = 'waiting', errorCode = null, errorMessage = null } = row ?? {};
  return {
    name,
    url: `/v1/images/${imageId}/derivatives/${name}`,
    status,
    ...(made !== null && {
      ...{ format: made.format, width: made.width, height: made.height, bytes: made.bytes },
    }),
    ...(status === 'failed' &&
      errorCode !== null && {
        error: {
          code: errorCode,
          message: errorMessage ?? ERRORS[errorCode as ErrorCode]?.message ?? errorCode,
        },
      }),
  };
}
