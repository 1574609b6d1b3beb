// The control's bench: takes from the queue, reads, writes a row, calls back once.
import { openObjectStore } from '@tintype/core';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import sharp from 'sharp';
import { ending, setting } from './process.ts';

/** No image of the harness is larger. */
const MAX_BYTES = 10_000_000;

const objects = await openObjectStore(setting('OBJECT_STORE_URL'));
const pool = new pg.Pool({ connectionString: setting('DATABASE_URL'), connectionTimeoutMillis: 3000 });
pool.on('error', () => undefined);
await pool.query(
  'CREATE TABLE IF NOT EXISTS naive_results (id text, width int, created_at float8, finished_at float8)',
);
const connection = new Redis(setting('QUEUE_URL'), { maxRetriesPerRequest: null });
connection.on('error', () => undefined);

async function inspect({ id, createdAt }: { id: string; createdAt: number }): Promise<void> {
  const file = await objects.read(id, MAX_BYTES);
  const { width } = await sharp(file).metadata();
  await pool.query('INSERT INTO naive_results VALUES ($1, $2, $3, $4)', [id, width, createdAt, Date.now()]);
  await fetch(setting('SINK_URL'), {
    method: 'POST',
    headers: { 'webhook-id': id },
    body: JSON.stringify({ type: 'job.completed', data: { job: { id } } }),
  }).catch(() => undefined);
}

// It notices a dead worker as soon as the real one does, and tries as often as BullMQ is told to by most.
const worker = new Worker<{ id: string; createdAt: number }>('naive', ({ data }) => inspect(data), {
  connection,
  concurrency: Number(setting('WORKER_CONCURRENCY')),
  lockDuration: 10_000,
  stalledInterval: 5_000,
});
worker.on('error', () => undefined);
process.send?.({ ready: true });
ending(() => worker.close());
