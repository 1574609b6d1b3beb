// The derivatives that an upload asked for, made by its job. What can't be made is written on its own row and fails no job.
import { canonicalTransform, derivativeDigest, type Presets } from '@tintype/core';
import type { ClaimedJob, StoredFile } from '@tintype/prisma';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';
import type { MakeOne } from './make-derivative.ts';
import { readSourceOf } from './read-source.ts';

export interface DeriveOptions {
  presets: Presets;
  /** Larger files are not rendered. */
  maxBytes: number;
  makeOne: MakeOne;
  lost: AbortSignal;
}

/** They stay as long as their image: no number limits them but that of the wishes. */
const NO_LIMIT = 2 ** 31 - 1;
/** A run over existing images tries anew what failed before; a job that is tried again soon does not. */
const RETRY_FAILED_AFTER_MS = 3_600_000;

/** Those that are ready are left alone; those that somebody else is making are left to him. */
export async function derive(
  job: Pick<ClaimedJob, 'tenantId' | 'imageId' | 'requestId' | 'traceparent'>,
  { objectKey, stored }: { objectKey: string; stored: StoredFile },
  { presets, maxBytes, makeOne, lost }: DeriveOptions,
  deps: Pick<Deps, 'db' | 'objects'>,
): Promise<void> {
  const { tenantId, imageId, requestId, traceparent } = job;
  const about = { imageId, sourceKey: objectKey, isKept: true, requestId, traceparent };
  const read = readSourceOf({ imageId, sourceKey: objectKey, source: stored }, { maxBytes }, deps);
  const options = { most: NO_LIMIT, retryFailedAfterMs: RETRY_FAILED_AFTER_MS };

  async function deriveOne(wish: Presets[string]): Promise<void> {
    const transform = canonicalTransform(wish);
    const source = { sourceKey: objectKey, version: stored.sha256Hex, transform };
    const wanted = { ...about, digestHex: derivativeDigest(source), transform };
    const found = await untilWritten(() => deps.db.derivatives.want(tenantId, wanted, options), lost);
    if (found === undefined || found === 'too-many' || found.row.status !== 'waiting') return;
    await makeOne(found.row.id, { line: 'upload', read, unlessLost: lost });
  }

  await Promise.all(Object.values(presets).map(deriveOne));
}
