// A worker's surroundings with derivatives: images to make them of, wishes, and what became of them.
import { canonicalTransform, derivativeDigest, type Presets, type Transform } from '@tintype/core';
import { type DerivativeRow, listenForFinishedJobs, type Nudge } from '@tintype/prisma';
import pg from 'pg';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import type { Deps } from '../../src/deps.ts';
import { type RunningWorker, startWorker } from '../../src/worker.ts';
import { createSurroundings, eventually, type QueueKind, type Surroundings } from '../worker-setup.ts';

export interface StoredImage {
  imageId: string;
  objectKey: string;
  jobId: string;
}

/** A row as PostgreSQL has it, by the names of its columns. */
export type DerivativeColumns = {
  id: string;
  status: string;
  attempt: number;
  failures: number;
  is_kept: boolean;
  error_code: string | null;
  object_key: string | null;
};

export interface MakingSurroundings extends Surroundings {
  query: <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;
  addImage(
    file?: Buffer,
    about?: { presets?: Presets; format?: string; store?: boolean },
  ): Promise<StoredImage>;
  /** The row of what is wanted, and its nudge, which nobody has sent. */
  want(
    of: { imageId: string } | { file: string },
    transform?: Transform,
  ): Promise<{ row: DerivativeRow; nudge: Nudge }>;
  /** Wants, and sends the nudge. Answers the id. */
  ask(of: { imageId: string } | { file: string }, transform?: Transform): Promise<string>;
  row(id: string): Promise<DerivativeColumns>;
  rowsOf(imageId: string): Promise<DerivativeColumns[]>;
  /** As soon as it is ready, or has failed. */
  ended(id: string): Promise<DerivativeColumns>;
  start(t: Test, deps?: Partial<Deps>): Promise<RunningWorker>;
  /** Resolves when it is announced. */
  heard(t: Test, id: string): Promise<boolean>;
}

export async function createMakingSurroundings(
  env: NodeJS.ProcessEnv = {},
  queue: QueueKind = 'postgres',
): Promise<MakingSurroundings> {
  const surroundings = await createSurroundings(env, queue);
  const { config, deps, databaseUrl, tenantId, accept } = surroundings;

  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  // tap runs the last teardown first: the pool is closed before its database is dropped… or disconnected by that.
  pool.on('error', () => undefined);
  t.teardown(() => pool.end());
  const query = async <Row extends object>(sql: string, values: unknown[] = []) =>
    (await pool.query<Row>(sql, values)).rows;

  const rows = (column: 'id' | 'image_id', value: string) =>
    query<DerivativeColumns>(`SELECT * FROM derivatives WHERE ${column} = $1 ORDER BY id`, [value]);

  async function row(id: string): Promise<DerivativeColumns> {
    const [found] = await rows('id', id);
    if (found === undefined) throw new Error('no such derivative');
    return found;
  }

  async function addImage(
    file?: Buffer,
    { presets, ...about }: { presets?: Presets; format?: string; store?: boolean } = {},
  ): Promise<StoredImage> {
    const options = presets === undefined ? {} : { derivatives: presets };
    const jobId = await accept(file ?? (await makePicture()), { options, ...about });
    const job = await deps.db.jobs.get(tenantId, jobId);
    if (job === undefined) throw new Error('no such job');
    return { jobId, imageId: job.imageId, objectKey: `${tenantId}/original/${job.imageId}` };
  }

  async function want(of: { imageId: string } | { file: string }, wish: Transform = { width: 20 }) {
    const imageId = 'imageId' in of ? of.imageId : null;
    const sourceKey = 'file' in of ? of.file : `${tenantId}/original/${of.imageId}`;
    const transform = canonicalTransform(wish);
    const digestHex = derivativeDigest({ sourceKey, version: 'ab'.repeat(32), transform });
    const about = { isKept: false, requestId: 'request-1', traceparent: null };
    const wanted = { imageId, sourceKey, digestHex, transform, ...about };
    const found = await deps.db.derivatives.want(tenantId, wanted, { most: 200, retryFailedAfterMs: 60_000 });
    if (found === undefined || found === 'too-many' || found.nudge === undefined)
      throw new Error('not wanted');
    return { row: found.row, nudge: found.nudge };
  }

  return {
    ...surroundings,
    query,
    row,
    rowsOf: (imageId) => rows('image_id', imageId),
    addImage,
    want,
    ask: async (of, transform) => {
      const { row, nudge } = await want(of, transform);
      await deps.renders.send([nudge]);
      return row.id;
    },
    ended: (id) =>
      eventually(async () => {
        const found = await row(id);
        return (found.status === 'ready' || found.status === 'failed') && found;
      }),
    start: async (t, changed = {}) => {
      const worker = await startWorker(config, { ...deps, ...changed }, () => t.fail('stuck'));
      t.teardown(() => worker.stop(5000));
      return worker;
    },
    heard: async (t, id) => {
      const finished = listenForFinishedJobs(databaseUrl, () => undefined);
      t.teardown(() => finished.close());
      return finished.wait(id, { timeoutMs: 30_000 });
    },
  };
}

export function makePicture(width = 64, height = 48): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#357' } })
    .jpeg()
    .toBuffer();
}

/** Lets calls through once it is opened. */
export function createGate(): { pass: Promise<void>; open: () => void } {
  const gate: { open?: () => void } = {};
  const pass = new Promise<void>((resolve) => {
    gate.open = resolve;
  });
  return { pass, open: () => gate.open?.() };
}
