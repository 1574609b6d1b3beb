// The two services that the harness can run: this one, and the naive control.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { ROOT } from '../service/root.ts';
import type { Door } from './post-image.ts';
import type { FaultyPostgres } from './postgres-server.ts';
import type { Sink } from './sink.ts';

/** One job as the database knows it; times in milliseconds of the clock on the wall. */
export interface Outcome {
  id: string;
  status: string;
  attempt: number;
  createdAt: number;
  finishedAt: number | null;
}

export interface System {
  name: 'tintype' | 'naive';
  apiMain: string;
  workerMain: string;
  /** Beside the addresses. */
  env: Record<string, string>;
  /** Has the sink called back about every job. */
  subscribe(door: Door, sink: Sink): Promise<void>;
  outcomes(postgres: FaultyPostgres): Promise<Outcome[]>;
  /** Webhooks that are still to be sent. */
  unsent(postgres: FaultyPostgres): Promise<number>;
}

const main = (room: string) => path.join(ROOT, `apps/${room}/dist/src/main.js`);
const naive = (room: string) => path.join(ROOT, `test/dist/src/faults/naive/${room}.js`);

const PATIENCE_MS = 20_000;

/** A receiver is tried again every other second instead of every few minutes, for as long as a scenario may take. */
const RETRY_SECONDS = ['1', ...Array(40).fill('2')].join(',');

export const TINTYPE: System = {
  name: 'tintype',
  apiMain: main('api'),
  workerMain: main('worker'),
  env: {
    DATABASE_POOL_SIZE: '5',
    DECODERS: '2',
    WORKER_CONCURRENCY: '6',
    OUTGOING_ALLOW: '127.0.0.0/8',
    WEBHOOK_RETRY_SECONDS: RETRY_SECONDS,
    DRAIN_TIMEOUT_MS: '8000',
  },
  subscribe: async (door, sink) => {
    const endpoint = await ask(door, '/v1/webhook-endpoints', { url: sink.url('endpoint') });
    sink.trust('endpoint', String(endpoint.secret));
    const own = await ask(door, '/v1/webhook-secret/rotate', {});
    sink.trust('job/', String(own.secret));
  },
  outcomes: (postgres) =>
    postgres.rows<Outcome>(
      `SELECT id::text, status, attempt, extract(epoch FROM created_at)::float8 * 1000 AS "createdAt",
         extract(epoch FROM finished_at)::float8 * 1000 AS "finishedAt" FROM jobs`,
    ),
  unsent: (postgres) =>
    count(
      postgres,
      `SELECT count(*)::int AS n FROM webhook_deliveries WHERE status IN ('pending', 'sending')`,
    ),
};

/** Puts, adds to the queue, says 202: no reconciler, no claim, no memory of keys. */
export const NAIVE: System = {
  name: 'naive',
  apiMain: naive('api'),
  workerMain: naive('worker'),
  env: { WORKER_CONCURRENCY: '6' },
  subscribe: async () => undefined,
  outcomes: (postgres) =>
    postgres.rows<Outcome>(
      `SELECT id, 'completed' AS status, count(*)::int AS attempt, min(created_at) AS "createdAt", min(finished_at) AS "finishedAt"
       FROM naive_results GROUP BY id`,
    ),
  unsent: async () => 0,
};

async function count(postgres: FaultyPostgres, sql: string): Promise<number> {
  const [row] = await postgres.rows<{ n: number }>(sql);
  return row?.n ?? 0;
}

/** Asks until it is answered well: a process that has just begun may be busy for a moment. */
async function ask({ address, apiKey }: Door, where: string, body: object): Promise<Record<string, unknown>> {
  const key = randomUUID();
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(500)) {
    const answer = await request(address + where, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode < 300) return JSON.parse(text) as Record<string, unknown>;
    if (answer.statusCode !== 503 || Date.now() > deadline)
      throw new Error(`POST ${where} answered ${answer.statusCode}: ${text}`);
  }
}
