// Uploads at a fixed rate, each one followed to the end of its job: what one client waits for at low load.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { LoadReport, PacedOrder } from './load-order.ts';
import { multipartType, stampUpload, type UploadBody } from './multipart.ts';
import { startTally } from './tally.ts';

interface Job {
  readonly id: string;
  readonly status: string;
}

const unfinished = new Set(['queued', 'processing']);
const waitSeconds = 10;

export async function runPacedLoop(order: PacedOrder, bodies: readonly UploadBody[]): Promise<LoadReport> {
  const { origin, pathname: path } = new URL(order.url);
  const pool = new Pool(origin, { connections: 64, pipelining: 1 });
  const tally = startTally();

  const waitForJob = async (id: string): Promise<Job> => {
    const answer = await pool.request({
      path: `${path}/${id}?wait=${waitSeconds}`,
      method: 'GET',
      headers: order.headers,
    });
    if (answer.statusCode !== 200) throw new Error(`GET ${path}/${id} answered ${answer.statusCode}`);
    return (await answer.body.json()) as Job;
  };

  const follow = async (serial: number): Promise<void> => {
    const body = bodies[serial % bodies.length];
    if (!body) throw new Error('no images to upload');
    const sentAt = performance.now();
    const answer = await pool.request({
      path,
      method: 'POST',
      headers: { ...order.headers, 'content-type': multipartType },
      body: stampUpload(body),
    });
    if (answer.statusCode !== 202) {
      await answer.body.dump();
      tally.refuse(String(answer.statusCode));
      return;
    }
    let job = (await answer.body.json()) as Job;
    while (unfinished.has(job.status)) job = await waitForJob(job.id);
    if (job.status === 'completed') tally.accept(performance.now() - sentAt);
    else tally.refuse(job.status);
  };

  const followed: Promise<void>[] = [];
  for (let serial = 0; serial < order.count; serial += 1) {
    followed.push(follow(serial).catch((error: unknown) => tally.refuse(String(error))));
    await sleep(1000 / order.ratePerSecond);
  }
  await Promise.all(followed);
  const report = tally.report();
  await pool.close();
  return report;
}
