// What the database and the object store of the stack hold.
import type { JobRow } from './ledger.ts';
import type { Stack } from './stack.ts';

/** Jobs that have not ended, for {@link countOf}. */
export const UNFINISHED = "jobs WHERE status IN ('queued', 'processing')";

const ENDS = "('job.completed', 'job.failed', 'job.canceled')";

export async function jobRows({ sql }: Stack): Promise<JobRow[]> {
  const rows = await sql(
    `SELECT j.id, j.image_id, j.status, encode(i.sha256, 'hex'),
       (SELECT count(*) FROM events e WHERE e.job_id = j.id AND e.type IN ${ENDS})
     FROM jobs j JOIN images i ON i.id = j.image_id`,
  );
  return rows.map(([jobId = '', imageId = '', status = '', sha256Hex = '', ends]) => ({
    ...{ jobId, imageId, status, sha256Hex },
    ends: Number(ends),
  }));
}

/** How many rows a statement counts. */
export async function countOf({ sql }: Stack, from: string): Promise<number> {
  const [[count] = []] = await sql(`SELECT count(*) FROM ${from}`);
  return Number(count);
}

/** Everything that waits in BullMQ's lists and sets, or is in a worker's hand, but what is done by the clock. */
const QUEUED = `
local queued = 0
for _, key in ipairs(redis.call('keys', '*')) do
  local isWork = not key:find(':maintenance:', 1, true)
  if isWork and (key:match(':wait$') or key:match(':active$')) then queued = queued + redis.call('llen', key) end
  if isWork and (key:match(':prioritized$') or key:match(':delayed$')) then queued = queued + redis.call('zcard', key) end
end
return queued`;

/** How many hints the queue holds. */
export async function queuedHints({ exec }: Stack): Promise<number> {
  return Number(await exec('valkey', ['valkey-cli', '--raw', 'EVAL', QUEUED, '0']));
}

/** Keys of objects without a row, and of rows without an object. */
export async function compareObjects(stack: Stack): Promise<{ orphans: string[]; missing: string[] }> {
  const rows = await stack.sql(
    `SELECT object_key FROM images WHERE bytes IS NOT NULL AND rejected_at IS NULL
     UNION SELECT object_key FROM derivatives WHERE object_key IS NOT NULL`,
  );
  const wanted = new Set(rows.flat());
  const stored = new Set((await stack.rclone('lsf', '--recursive', '--files-only', 'store:')).split('\n'));
  stored.delete('');
  return {
    orphans: [...stored].filter((key) => !wanted.has(key)),
    missing: [...wanted].filter((key) => !stored.has(key)),
  };
}
