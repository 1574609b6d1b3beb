// Lets as many requests in as their principal's plan allows, and counts them. Who has no limit is asked nothing about. To be added after
// those who find out who is asking.
import type { RateAnswer, RateWindow } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { standingOf, windowsOf } from '../limits/request-windows.ts';

export function addLimits(app: FastifyInstance, { rates, usage }: Pick<Deps, 'rates' | 'usage'>): void {
  let isCounting = true;

  /** Undefined when nobody counts: the database is away, and most requests fail by that. */
  async function take(windows: RateWindow[]): Promise<RateAnswer | undefined> {
    try {
      const answer = await rates.take(windows);
      isCounting = true;
      return answer;
    } catch (err) {
      if (isCounting) app.log.warn({ err }, 'requests are let in without being counted');
      isCounting = false;
      return undefined;
    }
  }

  app.addHook('onRequest', async ({ principal }, reply) => {
    if (principal === undefined) return;
    const windows = windowsOf(principal);
    const answer = windows.length === 0 ? undefined : await take(windows);
    if (answer !== undefined) {
      const { headers, refusal } = standingOf(windows, answer);
      reply.headers(headers);
      if (refusal !== undefined) throw refusal;
    }
    usage.letIn(principal);
  });
}
