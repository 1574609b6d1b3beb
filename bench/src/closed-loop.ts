// A closed loop of uploads: as fast as the server answers, never more than `concurrency` at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { ClosedOrder, LoadReport } from './load-order.ts';
import { multipartType, stampUpload, type UploadBody } from './multipart.ts';
import { startTally } from './tally.ts';

/** A refused client waits this long before its next try, so that refusals don't become the load. */
const refusedPauseMs = 50;

export async function runClosedLoop(order: ClosedOrder, bodies: readonly UploadBody[]): Promise<LoadReport> {
  const { origin, pathname: path } = new URL(order.url);
  const pool = new Pool(origin, { connections: order.concurrency, pipelining: 1 });
  const headers = { ...order.headers, 'content-type': multipartType };
  let started = 0;
  const tally = startTally();

  const upload = async (serial: number): Promise<boolean> => {
    const body = bodies[serial % bodies.length];
    if (!body) throw new Error('no images to upload');
    const sentAt = performance.now();
    const answer = await pool.request({
      path,
      method: 'POST',
      headers,
      body: stampUpload(body),
    });
    await answer.body.dump();
    if (answer.statusCode === 202) tally.accept(performance.now() - sentAt);
    else tally.refuse(String(answer.statusCode));
    return answer.statusCode === 202;
  };

  const client = async (): Promise<void> => {
    while (started < order.count && tally.refusedCount() <= order.count) {
      started += 1;
      const accepted = await upload(started).catch(() => {
        tally.refuse('error');
        return false;
      });
      if (accepted) continue;
      started -= 1;
      await sleep(refusedPauseMs);
    }
  };

  await Promise.all(Array.from({ length: order.concurrency }, client));
  const report = tally.report();
  await pool.close();
  return report;
}
