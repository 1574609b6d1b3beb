// How long whoever is between us and the eye may keep a picture (RFC 9111). What is asked for with a credential is kept by its browser alone.
import { readSignature } from '@tintype/core';
import type { FastifyRequest } from 'fastify';
import { principalOf } from '../principal.ts';

const YEAR_SECONDS = 31_536_000;

interface Lasting {
  /** Nothing else will ever be at this address. */
  isFixed: boolean;
  /** Of what may change. */
  mostSeconds: number;
  /** Of an answer that is worth nothing after it, whatever is at the address. */
  countsSeconds?: number;
}

export function cacheControlOf(
  request: FastifyRequest,
  { isFixed, mostSeconds, countsSeconds }: Lasting,
): string {
  const lastsSeconds = Math.min(isFixed ? YEAR_SECONDS : mostSeconds, countsSeconds ?? YEAR_SECONDS);
  const immutable = isFixed && countsSeconds === undefined ? ', immutable' : '';
  const { kind } = principalOf(request);
  if (kind === 'signature') {
    const seconds = Math.min(lastsSeconds, validSeconds(request.query as Record<string, unknown>));
    return `public, max-age=${seconds}${immutable}`;
  }
  // An image that is public may be so no longer.
  if (kind === 'public') return `public, max-age=${Math.min(lastsSeconds, mostSeconds)}${immutable}`;
  return `private, max-age=${lastsSeconds}${immutable}`;
}

function validSeconds(query: Record<string, unknown>): number {
  const until = readSignature(query)?.expiresAt.getTime() ?? 0;
  return Math.max(0, Math.floor((until - Date.now()) / 1000));
}
