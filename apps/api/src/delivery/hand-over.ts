// Sends whoever asks for a picture that is ready on to CloudFront. Knows when the api answers itself all the same.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readConditions } from '../conditional-request.ts';
import type { ApiConfig } from '../config.ts';
import type { Made } from './ask-for-derivative.ts';
import { cacheControlOf } from './cache-control.ts';
import type { Cdn } from './cdn.ts';

export interface HandOver {
  config: Pick<ApiConfig, 'cdnMinBytes' | 'deliveryMaxAgeSeconds'>;
  /** Undefined where there is none. */
  cdn: Cdn | undefined;
}

/**
 * Answers 307. Undefined, and nothing is set: the api is to answer, with bytes, with 304 or with 416.
 * @param picture with the headers that it has wherever it is delivered from
 */
export function handOver(
  picture: { made: Made; etag: string; isFixed: boolean; vary: { vary?: string } },
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { cdn, config }: HandOver,
): FastifyReply | undefined {
  const { made, etag, isFixed, vary } = picture;
  if (cdn === undefined || made.bytes < config.cdnMinBytes) return undefined;
  const { kind } = readConditions(request, { etag, totalBytes: made.bytes });
  if (kind === 'not-modified' || kind === 'unsatisfiable') return undefined;
  const address = cdn.addressOf(made.objectKey);
  if (address === undefined) return undefined;
  const lasting = { isFixed, mostSeconds: config.deliveryMaxAgeSeconds, countsSeconds: address.keptSeconds };
  // Without an ETag: a cache would ask by it whether its picture is the same, and keep an address that has ended.
  return reply
    .headers({ 'cache-control': cacheControlOf(request, lasting), ...vary })
    .redirect(address.url, 307);
}
