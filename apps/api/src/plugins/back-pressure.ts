// Says no before a request costs anything: while the event loop or the memory is at its end, or the database is away.
import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import { AppError } from '@tintype/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';

/** Beyond this share of what Node.js may use, collecting garbage eats the process. */
const MOST_OF_HEAP = 0.9;

/** Seconds are longer where the event loop is late. */
const FORGET_AFTER_MS = 5000;

type Limits = Pick<ApiConfig, 'maxEventLoopDelayMs' | 'maxEventLoopUtilizationPercent' | 'maxHeapBytes'>;

export async function addBackPressure(
  app: FastifyInstance,
  { config, deps }: { config: Limits; deps: Deps },
): Promise<void> {
  const lasts = createLasting();
  await app.register(underPressure, {
    maxEventLoopDelay: config.maxEventLoopDelayMs,
    maxEventLoopUtilization: config.maxEventLoopUtilizationPercent / 100,
    eventLoopUtilizationMode: 'interval',
    maxHeapUsedBytes: config.maxHeapBytes || getHeapStatistics().heap_size_limit * MOST_OF_HEAP,
    pressureHandler: async (request, _reply, type, value = 0) => {
      const isReal = type === underPressure.TYPE_HEAP_USED_BYTES || lasts(value);
      if (isReal && !isForOperators(request)) throw new AppError('OVERLOADED');
    },
  });
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    const needsDatabase = access !== undefined && access !== 'public';
    if (needsDatabase && !deps.health.isUp) throw new AppError('DATABASE_UNAVAILABLE');
  });
}

/**
 * One bad second is a process that starts, or was not given the processor, and is over when it is noticed. A second one in a row is load.
 * Each second has a figure of its own.
 */
function createLasting(): (figure: number) => boolean {
  let seen = { figure: Number.NaN, at: Number.NEGATIVE_INFINITY, inRow: 0 };
  return (figure) => {
    const now = performance.now();
    const isNext = figure !== seen.figure;
    const inRow = now - seen.at > FORGET_AFTER_MS ? 1 : seen.inRow + (isNext ? 1 : 0);
    seen = { figure, at: now, inRow };
    return inRow > 1;
  };
}

/** How a process does must be told above all when it does badly. */
export function isForOperators({ routeOptions, method }: FastifyRequest): boolean {
  // To register and to log in are public, too, and cost more than most.
  return routeOptions.config.access === 'public' && (method === 'GET' || method === 'HEAD');
}
