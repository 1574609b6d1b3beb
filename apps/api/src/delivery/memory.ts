// What one process remembers of what it delivered, so that a picture that is asked for again costs neither the database nor the store a call.
// Other processes' changes are seen after KEY_CACHE_MS, one's own at once.
import type { FastifyInstance } from 'fastify';
import type { ApiConfig } from '../config.ts';
import type { Made } from './ask-for-derivative.ts';
import { createKept, type Kept } from './kept.ts';
import { createKeptBytes, type KeptBytes } from './kept-bytes.ts';
import type { Source } from './source.ts';

export interface DeliveryMemory {
  sources: Kept<Source>;
  made: Kept<Made>;
  bytes: KeptBytes;
  /** They are gone, or may be seen by others than before. */
  forgetImages(imageIds: readonly string[]): void;
}

/** A source takes less than a kilobyte, but for the derivatives that it was given names for. */
const MAX_KEPT = 20_000;

export function createDeliveryMemory({
  keyCacheMs: forMs,
  deliveryCacheBytes,
}: Pick<ApiConfig, 'keyCacheMs' | 'deliveryCacheBytes'>): DeliveryMemory {
  const kept = { forMs, most: MAX_KEPT };
  const sources = createKept<Source>(kept);
  const made = createKept<Made>(kept);
  const bytes = createKeptBytes(deliveryCacheBytes);
  return {
    sources,
    made,
    bytes,
    forgetImages: (imageIds) => {
      const ids = new Set(imageIds);
      for (const one of [sources, made, bytes]) one.forget(ids);
    },
  };
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whatever a request has changed of images is forgotten before it is answered, so that no route can forget to say so. */
export function forgetWhatChanges(app: FastifyInstance, forget: (imageIds: readonly string[]) => void): void {
  app.addHook('onSend', async ({ method, routeOptions, params, body }) => {
    if (SAFE_METHODS.has(method) || routeOptions.url?.startsWith('/v1/images/') !== true) return;
    const { id } = (params ?? {}) as { id?: unknown };
    const { ids } = (body ?? {}) as { ids?: unknown };
    const named = [id, ...(Array.isArray(ids) ? ids : [])].filter((one) => typeof one === 'string');
    // They may be written with capitals, and are remembered without.
    if (named.length > 0) forget(named.map((one) => one.toLowerCase()));
  });
}
