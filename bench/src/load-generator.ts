// The run's handle on the load generator's process.
import { type Child, startScript } from './child.ts';
import type { GetOrder, LoadOrder, LoadReport } from './load-order.ts';
import type { SystemUnderTest } from './system.ts';

type Target = Pick<SystemUnderTest, 'uploadUrl' | 'headers'>;

export interface LoadGenerator {
  /** As fast as `target` answers until `count` uploads are accepted. */
  flood(target: Target, count: number, concurrency: number, images?: readonly string[]): Promise<LoadReport>;
  /** `count` uploads at `ratePerSecond`, each followed until its job is completed. */
  pace(target: Target, count: number, ratePerSecond: number): Promise<LoadReport>;
  /** As fast as `origin` answers. */
  get(order: Omit<GetOrder, 'kind'>): Promise<LoadReport>;
}

/** A load in which more than one in a hundred was refused measures something else. */
function checked(report: LoadReport, asked: number, url: string): LoadReport {
  const refusals = Object.values(report.refused).reduce((sum, count) => sum + count, 0);
  if (report.accepted < asked * 0.99 || refusals > Math.max(1, asked / 100)) {
    throw new Error(
      `${url} accepted ${report.accepted} of ${asked}; refused: ${JSON.stringify(report.refused)}`,
    );
  }
  return report;
}

export function startLoadGenerator(images: readonly string[]): LoadGenerator {
  const child: Child = startScript('load');
  const send = async (order: LoadOrder) =>
    checked(await child.ask<LoadReport>(order), order.count, order.kind === 'get' ? order.origin : order.url);
  return {
    flood: ({ uploadUrl: url, headers }, count, concurrency, chosen = images) =>
      send({ kind: 'closed', url, headers, images: chosen, count, concurrency }),
    pace: ({ uploadUrl: url, headers }, count, ratePerSecond) =>
      send({ kind: 'paced', url, headers, images, count, ratePerSecond }),
    get: (order) => send({ kind: 'get', ...order }),
  };
}
