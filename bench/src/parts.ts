// The parts of one job, a process of its own: each part alone, one after the other, paced like the low load it is
// compared with. It knows nothing of our api, worker or tables.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import sharp from 'sharp';
import { Client } from 'undici';
import { uploadPart } from './load-order.ts';
import { encodeUpload, multipartType, stampUpload } from './multipart.ts';
import { percentile } from './statistics.ts';

export interface PartsOrder {
  readonly sinkUrl: string;
  readonly databaseUrl: string;
  readonly image: string;
  readonly count: number;
  readonly warmUp: number;
  readonly ratePerSecond: number;
}

/** Milliseconds of each part, by name. */
export interface PartsReport {
  readonly p50Ms: Readonly<Record<string, number>>;
  readonly p99Ms: Readonly<Record<string, number>>;
}

async function openTable(databaseUrl: string): Promise<pg.Client> {
  const database = new pg.Client(databaseUrl);
  await database.connect();
  await database.query(`CREATE TABLE IF NOT EXISTS bench_parts
    (id bigint PRIMARY KEY, status text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), facts jsonb)`);
  await database.query('TRUNCATE bench_parts');
  return database;
}

async function run(order: PartsOrder): Promise<PartsReport> {
  const image = await readFile(order.image);
  const body = encodeUpload(image, uploadPart, 'part.jpg');
  const database = await openTable(order.databaseUrl);
  const sink = new Client(order.sinkUrl);
  const parts: Record<string, (serial: number) => Promise<unknown>> = {
    post: async () => {
      const headers = { 'content-type': multipartType };
      const bytes = stampUpload(body);
      return (await sink.request({ path: '/', method: 'POST', headers, body: bytes })).body.json();
    },
    insert: (serial) =>
      database.query("INSERT INTO bench_parts (id, status) VALUES ($1, 'queued')", [serial]),
    metadata: () => sharp(image).metadata(),
    update: (serial) =>
      database.query("UPDATE bench_parts SET status = 'completed', facts = $2 WHERE id = $1", [
        serial,
        { width: 1, height: 1, format: 'jpeg' },
      ]),
    get: async () => (await sink.request({ path: '/', method: 'GET' })).body.json(),
  };
  const timings = new Map(Object.keys(parts).map((name) => [name, [] as number[]]));
  for (let serial = 0; serial < order.warmUp + order.count; serial += 1) {
    for (const [name, part] of Object.entries(parts)) {
      const startedAt = performance.now();
      await part(serial);
      if (serial >= order.warmUp) timings.get(name)?.push(performance.now() - startedAt);
    }
    await sleep(1000 / order.ratePerSecond);
  }
  await Promise.all([database.end(), sink.close()]);
  const share = (wanted: number) =>
    Object.fromEntries([...timings].map(([name, list]) => [name, percentile(list, wanted)]));
  return { p50Ms: share(0.5), p99Ms: share(0.99) };
}

process.on('message', (order: PartsOrder) => {
  void run(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit(0));
