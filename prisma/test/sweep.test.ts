import t from 'tap';
import { type Acceptance, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { anImage, beginUpload, queueJob } from './queued-job.ts';

const { db, query } = await createTestDatabase();
const HOUR_MS = 3_600_000;

t.beforeEach(async () => {
  await query('TRUNCATE uploads, events, request_logs');
});

async function beginOld(age = '2 hours'): Promise<ReturnType<typeof anImage>> {
  const image = anImage();
  await beginUpload(db, image);
  await query('UPDATE uploads SET created_at = now() - $2::interval WHERE id = $1', [image.imageId, age]);
  return image;
}

async function uploads(): Promise<string[]> {
  return (await query<{ id: string }>('SELECT id FROM uploads ORDER BY id')).map((row) => row.id);
}

/** Sweeps what is older than an hour; answers what was removed. */
async function sweep(isStuck: (key: string) => boolean = () => false, limit = 100): Promise<string[]> {
  const removed: string[] = [];
  const remove = async (key: string) => {
    if (isStuck(key)) throw new Error('The object store is away.');
    removed.push(key);
  };
  const count = await db.sweep.abandonedUploads({ olderThanMs: HOUR_MS, limit, remove });
  if (count !== removed.length) throw new Error(`${count} counted, ${removed.length} removed`);
  return removed;
}

t.test('old uploads go with their objects, young ones stay', async (t) => {
  const old = await beginOld();
  const young = await beginOld('59 minutes');
  t.same(await sweep(), [`${old.tenantId}/original/${old.imageId}`]);
  t.same(await uploads(), [young.imageId]);
  t.same(await sweep(), []);
});

t.test('an upload whose object can not be removed is kept for the next time', async (t) => {
  const [stuck, other] = [await beginOld('3 hours'), await beginOld()];
  const isStuck = (key: string) => key.endsWith(stuck.imageId);
  t.same(await sweep(isStuck), [`${other.tenantId}/original/${other.imageId}`]);
  t.same(await uploads(), [stuck.imageId]);
  t.equal((await sweep()).length, 1);
  t.same(await uploads(), []);
});

t.test('the oldest first, no more than the limit', async (t) => {
  const ages = ['5 hours', '2 hours', '4 hours', '3 hours'];
  const [fifth, second, fourth, third] = await Promise.all(ages.map(beginOld));
  const order = [...(await sweep(undefined, 3)), ...(await sweep(undefined, 3))];
  t.same(
    order,
    [fifth, fourth, third, second].map((image) => `${image?.tenantId}/original/${image?.imageId}`),
  );
});

t.test('two sweepers at once remove each object once', async (t) => {
  await Promise.all(Array.from({ length: 20 }, () => beginOld()));
  const removed: string[] = [];
  const remove = async (key: string) => {
    removed.push(key);
  };
  const options = { olderThanMs: HOUR_MS, limit: 100, remove };
  const counts = await Promise.all([db.sweep.abandonedUploads(options), db.sweep.abandonedUploads(options)]);
  t.equal((counts[0] ?? 0) + (counts[1] ?? 0), 20);
  t.equal(new Set(removed).size, 20);
  t.equal(removed.length, 20);
});

t.test('an upload whose object is being removed can not be accepted any more, removed or not', async (t) => {
  for (const { works } of [{ works: true }, { works: false }]) {
    const image = await beginOld();
    const accepted: Acceptance[] = [];
    const remove = async () => {
      accepted.push(await db.uploads.accept(image));
      if (!works) throw new Error('the store is away');
    };
    const options = { olderThanMs: HOUR_MS, limit: 1, remove };
    t.equal(await db.sweep.abandonedUploads(options), works ? 1 : 0);
    accepted.push(await db.uploads.accept(image));
    t.same(accepted, [{ outcome: 'expired' }, { outcome: 'expired' }]);
    t.equal(await db.images.get(image.tenantId, image.imageId), undefined);
    if (!works) t.equal(await db.sweep.abandonedUploads({ ...options, remove: async () => undefined }), 1);
  }
});

t.test('no transaction stays open while objects are removed', async (t) => {
  await beginOld();
  let open = -1;
  const remove = async () => {
    const [row] = await query<{ open: number }>(
      `SELECT count(*)::int AS open FROM pg_stat_activity
       WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
    );
    open = row?.open ?? -1;
  };
  await db.sweep.abandonedUploads({ olderThanMs: HOUR_MS, limit: 1, remove });
  t.equal(open, 0);
});

t.test('request logs and events live as long as they are to be kept', async (t) => {
  for (const at of [new Date(Date.now() - 2 * HOUR_MS), new Date()]) {
    const rest = { method: 'POST', route: '/', status: 202, durationMs: 1, bytes: 1 };
    await db.requestLogs.write({
      at,
      ip: '::1',
      principal: null,
      tenantId: newId(),
      requestId: at.toJSON(),
      ...rest,
    });
    const { jobId } = await queueJob(db);
    await query('UPDATE events SET created_at = $2 WHERE job_id = $1', [jobId, at]);
  }
  const left = async () => {
    const [row] = await query(
      'SELECT (SELECT count(*)::int FROM request_logs) AS logs, (SELECT count(*)::int FROM events) AS events',
    );
    return row;
  };
  t.equal(await db.sweep.requestLogs({ olderThanMs: HOUR_MS, limit: 100 }), 1);
  t.same(await left(), { logs: 1, events: 2 });
  t.equal(await db.sweep.events({ olderThanMs: HOUR_MS, limit: 100 }), 1);
  t.same(await left(), { logs: 1, events: 1 });
  t.equal(await db.sweep.requestLogs({ olderThanMs: HOUR_MS, limit: 100 }), 0);
});
