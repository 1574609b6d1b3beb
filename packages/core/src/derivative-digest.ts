// What makes two wishes for a picture the same wish.
import { createHash } from 'node:crypto';
import type { CanonicalTransform } from './transform.ts';

/** Grows whenever the same wish would give another picture: what was made before is then made anew. */
const RENDER_VERSION = 1;

export interface DerivativeSource {
  /** Key of the object that is rendered. */
  sourceKey: string;
  /** What changes when its bytes do: sha256, etag, or size and time. */
  version: string;
  /** From `canonicalTransform`. */
  transform: CanonicalTransform;
}

/** SHA-256, hexadecimal. */
export function derivativeDigest({ sourceKey, version, transform }: DerivativeSource): string {
  return createHash('sha256')
    .update(JSON.stringify([RENDER_VERSION, sourceKey, version, transform]))
    .digest('hex');
}
