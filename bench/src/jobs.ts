// Questions to the table `jobs` of the system under test: what is unfinished, when the work began and ended.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface Jobs {
  /** Resolves when no job is queued or processing; throws when nothing moves for a minute, or a job failed. */
  drained(): Promise<void>;
  /** Unix time in milliseconds at which the last job finished. */
  lastFinishedAtMs(): Promise<number>;
  /** Jobs finished after the first `warmUp` of those created since `sinceMs`, and the seconds that took. */
  finishedSince(sinceMs: number, warmUp: number): Promise<{ count: number; seconds: number }>;
  close(): Promise<void>;
}

const pollMs = 50;
const stuckMs = 60_000;

interface Counts {
  readonly unfinished: number;
  readonly failed: number;
}

export async function openJobs(databaseUrl: string): Promise<Jobs> {
  const database = new pg.Client(databaseUrl);
  // A lost connection makes the query that needs it fail; between queries nobody needs to hear of it.
  database.on('error', () => undefined);
  await database.connect();

  const one = async <Row>(sql: string, values: unknown[] = []): Promise<Row> =>
    (await database.query(sql, values)).rows[0] as Row;
  const count = () =>
    one<Counts>(`SELECT count(*) FILTER (WHERE status IN ('queued', 'processing'))::int AS unfinished,
      count(*) FILTER (WHERE status NOT IN ('queued', 'processing', 'completed'))::int AS failed FROM jobs`);

  return {
    drained: async () => {
      let left = Number.POSITIVE_INFINITY;
      let movedAt = Date.now();
      while (left > 0) {
        const { unfinished, failed } = await count();
        if (failed > 0) throw new Error(`${failed} jobs did not complete`);
        if (unfinished < left) movedAt = Date.now();
        if (Date.now() - movedAt > stuckMs) throw new Error(`${unfinished} jobs have not moved for a minute`);
        left = unfinished;
        if (left > 0) await sleep(pollMs);
      }
    },
    lastFinishedAtMs: async () =>
      (
        await one<{ ms: number }>(
          'SELECT (extract(epoch FROM max(finished_at)) * 1000)::float8 AS ms FROM jobs',
        )
      ).ms,
    finishedSince: (sinceMs, warmUp) =>
      one(
        `WITH ranked AS (
           SELECT finished_at, row_number() OVER (ORDER BY finished_at, id) AS rank FROM jobs
           WHERE status = 'completed' AND created_at >= to_timestamp($1::float8 / 1000))
         SELECT (count(*) FILTER (WHERE rank > $2))::int AS count,
           extract(epoch FROM max(finished_at) - max(finished_at) FILTER (WHERE rank <= $2))::float8 AS seconds
         FROM ranked`,
        [sinceMs, warmUp],
      ),
    close: () => database.end(),
  };
}
