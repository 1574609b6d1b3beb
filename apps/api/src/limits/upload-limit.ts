// How large a file a principal may send: as the service, its tenant's plan and its key's own plan allow.
import { type AppError, tooLarge } from '@tintype/core';
import type { ApiConfig } from '../config.ts';
import type { Principal } from '../principal.ts';

export interface UploadLimit {
  maxBytes: number;
  /** Names whose limit it is. */
  refusal(): AppError;
}

export function uploadLimitOf(
  { limits, keyLimits }: Pick<Principal, 'limits' | 'keyLimits'>,
  { maxUploadBytes }: Pick<ApiConfig, 'maxUploadBytes'>,
): UploadLimit {
  const ofPlan = Math.min(limits.uploadBytes ?? Infinity, keyLimits?.uploadBytes ?? Infinity);
  const maxBytes = Math.min(ofPlan, maxUploadBytes);
  return { maxBytes, refusal: () => tooLarge(maxBytes, ofPlan < maxUploadBytes ? 'plan' : 'service') };
}

/** A quarter of a megabyte is room enough for the other parts of a form. */
const OTHER_PARTS_BYTES = 256 * 1024;

/**
 * Before the body is read, where the client tells its size.
 * @throws AppError IMAGE_TOO_LARGE
 */
export function refuseTooLarge(contentLength: string | undefined, { maxBytes, refusal }: UploadLimit): void {
  if (Number(contentLength ?? 0) > maxBytes + OTHER_PARTS_BYTES) throw refusal();
}
