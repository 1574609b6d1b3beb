// Refuses what a page of another site makes a browser do: browsers send cookies along by themselves, and log in as whoever a page says.
// Anything that no browser sends by itself, such as a key in a header, is nobody else's doing.
import { AppError } from '@tintype/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { cookieNameOf, readCredential } from './auth/read-credential.ts';
import type { ApiConfig } from './config.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** To be added after those who find out who is asking. */
export function addCrossSite(
  app: FastifyInstance,
  { config }: { config: Pick<ApiConfig, 'secureCookies'> },
): void {
  const cookieName = cookieNameOf(config);

  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || SAFE_METHODS.has(request.method)) return;
    const isAtRisk = access === 'public' || readCredential(request, cookieName)?.isAmbient === true;
    if (isAtRisk && isFromElsewhere(request)) throw new AppError('CROSS_SITE_REQUEST');
  });
}

/** Fetch Metadata, and for browsers without it Origin. Who sends neither is no browser. */
function isFromElsewhere({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return headers.origin !== undefined && hostOf(headers.origin) !== host.toLowerCase();
}

/** Undefined for `null`, which stands for pages that have no origin. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
