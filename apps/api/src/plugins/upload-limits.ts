// Says no to an upload before its body is read: while too many jobs wait, or too many uploads are under way, in all or of one tenant.
import { AppError } from '@tintype/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { principalOf } from '../principal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes images in. */
    intake?: true;
  }
}

/** A backlog of that size is not worked off in a moment. */
const BACKLOG_RETRY_SECONDS = 30;

type Limits = Pick<ApiConfig, 'maxQueuedJobs' | 'maxUploadsAtOnce' | 'maxUploadsAtOncePerTenant'>;

export interface Uploads {
  /** Under way in this process. */
  readonly count: number;
}

/** 0 is no limit. To be added after those who find out who is asking. */
export function addUploadLimits(
  app: FastifyInstance,
  { config, deps }: { config: Limits; deps: Deps },
): Uploads {
  const { maxQueuedJobs, maxUploadsAtOnce, maxUploadsAtOncePerTenant } = config;
  const byTenant = new Map<string, number>();
  let count = 0;

  function refuseBeyondLimits(tenantId: string): void {
    if (isBeyond(maxQueuedJobs, deps.backlog.queued))
      throw new AppError('OVERLOADED', {
        message: 'Many jobs wait already. Try again later.',
        retryAfterSeconds: BACKLOG_RETRY_SECONDS,
      });
    if (isBeyond(maxUploadsAtOnce, count))
      throw new AppError('OVERLOADED', { message: 'Many uploads are under way. Try again soon.' });
    if (isBeyond(maxUploadsAtOncePerTenant, byTenant.get(tenantId) ?? 0))
      throw new AppError('TOO_MANY_REQUESTS', {
        message: `This service takes ${maxUploadsAtOncePerTenant} uploads of yours at once. Try again when one has ended.`,
      });
  }

  function take(tenantId: string): () => void {
    count += 1;
    byTenant.set(tenantId, (byTenant.get(tenantId) ?? 0) + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      count -= 1;
      const left = (byTenant.get(tenantId) ?? 1) - 1;
      if (left > 0) byTenant.set(tenantId, left);
      else byTenant.delete(tenantId);
    };
  }

  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    if (request.routeOptions.config.intake !== true) return;
    const { tenantId } = principalOf(request);
    refuseBeyondLimits(tenantId);
    const release = take(tenantId);
    // The body has been read, or will never be: who waits for the job's end after that holds nothing up.
    request.raw.once('close', release);
    reply.raw.once('close', release);
  });

  return {
    get count() {
      return count;
    },
  };
}

function isBeyond(limit: number, count: number): boolean {
  return limit > 0 && count >= limit;
}
