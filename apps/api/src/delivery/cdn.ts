// Addresses at which CloudFront delivers an object, signed for a while (a canned policy). Knows nothing of who asks, and asks nobody.
import { storePrefix } from '@tintype/core';
import type { FastifyBaseLogger } from 'fastify';
import type { ApiConfig } from '../config.ts';

export interface Cdn {
  /** Undefined where it can't be signed. */
  addressOf(objectKey: string): CdnAddress | undefined;
}

export interface CdnAddress {
  url: string;
  /** How long others may keep it and still find the picture, in seconds. */
  keptSeconds: number;
}

type CdnOptions = Pick<
  ApiConfig,
  'cdnUrl' | 'cdnKeyId' | 'cdnPrivateKey' | 'cdnUrlSeconds' | 'objectStoreUrl'
>;

/** Half a kilobyte each. */
const MOST_KEPT = 10_000;

/** Undefined where none is configured. @param nowMs the clock by which addresses end */
export async function openCdn(
  { cdnUrl, cdnKeyId: keyPairId, cdnPrivateKey: privateKey, cdnUrlSeconds, objectStoreUrl }: CdnOptions,
  log: Pick<FastifyBaseLogger, 'warn'>,
  nowMs: () => number = Date.now,
): Promise<Cdn | undefined> {
  if (cdnUrl === '') return undefined;
  // It takes 10 MB: only who uses it loads it.
  const { getSignedUrl } = await import('@aws-sdk/cloudfront-signer');
  const prefix = storePrefix(new URL(objectStoreUrl));
  const root = [cdnUrl, ...(prefix === '' ? [] : [encodePath(prefix)])].join('/');
  const stepSeconds = Math.floor(cdnUrlSeconds / 2);
  let kept = new Map<string, string>();
  let keptUntil = 0;

  function sign(objectKey: string, expiresAt: number): string {
    const known = expiresAt === keptUntil ? kept.get(objectKey) : undefined;
    if (known !== undefined) return known;
    if (expiresAt !== keptUntil || kept.size >= MOST_KEPT) kept = new Map();
    keptUntil = expiresAt;
    const signed = getSignedUrl({
      url: `${root}/${encodePath(objectKey)}`,
      dateLessThan: new Date(expiresAt * 1000).toISOString(),
      ...{ keyPairId, privateKey, algorithm: 'SHA256' },
    });
    kept.set(objectKey, signed);
    return signed;
  }

  return {
    addressOf: (objectKey) => {
      const now = nowMs() / 1000;
      // In steps, so that an object has one address for a while, in all processes, and browsers know it again.
      const expiresAt = (Math.floor(now / stepSeconds) + 2) * stepSeconds;
      // A quarter is left for slow clients and for clocks that differ.
      const keptSeconds = Math.floor(expiresAt - now - stepSeconds / 2);
      try {
        return { url: sign(objectKey, expiresAt), keptSeconds };
      } catch (err) {
        log.warn({ err }, 'CloudFront addresses can not be signed: pictures are delivered from here');
        return undefined;
      }
    },
  };
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
