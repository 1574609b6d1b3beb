import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { derivedKey, incomingKey, originalKey } from '@tintype/core';
import { newId } from '@tintype/prisma';
import t from 'tap';
import { maintenanceTasks } from '../../src/jobs/maintenance-tasks.ts';
import { createSweeps } from '../../src/jobs/sweep.ts';
import { sweepOrphans } from '../../src/jobs/sweep-orphans.ts';
import { startWorker } from '../../src/worker.ts';
import { createSurroundings, eventually, makeJpeg, QUEUE_KINDS, type Surroundings } from '../worker-setup.ts';

const DAY_MS = 86_400_000;
const jpeg = await makeJpeg();

/** Stores an object as if it were `ageMs` old. */
async function store({ deps, config }: Surroundings, key: string, ageMs = 2 * DAY_MS): Promise<string> {
  await deps.objects.put(key, [Buffer.from('x')], { contentType: 'image/jpeg', sha256Hex: '' });
  const at = new Date(Date.now() - ageMs);
  await utimes(path.join(fileURLToPath(config.objectStoreUrl), key), at, at);
  return key;
}

async function isThere({ deps }: Surroundings, key: string): Promise<boolean> {
  return (await deps.objects.read(key, 1)) !== undefined;
}

async function keyOf({ deps, tenantId }: Surroundings, jobId: string): Promise<string> {
  const job = await deps.db.jobs.get(tenantId, jobId);
  return originalKey(tenantId, job?.imageId ?? '');
}

t.test('orphans: old objects that neither an image nor an upload knows go, the rest stays', async (t) => {
  const surroundings = await createSurroundings();
  const { deps, config, tenantId, accept } = surroundings;
  const of = () => originalKey(tenantId, newId());
  const image = await keyOf(surroundings, await accept(jpeg));
  await store(surroundings, image);
  const upload = newId();
  const uploading = await store(surroundings, originalKey(tenantId, upload));
  await deps.db.uploads.begin({ id: upload, tenantId, objectKey: uploading });
  const [orphan, fetched] = [await store(surroundings, of()), await store(surroundings, `${of()}-3`)];
  const derived = derivedKey({ tenantId, imageId: newId(), id: newId(), attempt: 1 });
  const ofFile = derivedKey({ tenantId, imageId: null, id: newId(), attempt: 2 });
  const others = [derived, ofFile, incomingKey(tenantId, newId())];
  for (const key of others) await store(surroundings, key);
  const young = await store(surroundings, of(), DAY_MS / 2);
  const foreign = await Promise.all(
    ['backup.tar', 'someone/original/thing', `${tenantId}/derived/${newId()}`, `${tenantId}/files/a.jpg`].map(
      (key) => store(surroundings, key),
    ),
  );
  t.equal(await sweepOrphans(config, deps), 5);
  for (const key of [orphan, fetched, ...others]) t.notOk(await isThere(surroundings, key), key);
  for (const key of [image, uploading, young, ...foreign]) t.ok(await isThere(surroundings, key), key);
});

t.test('orphans: a database that knows none of the objects removes none', async (t) => {
  const surroundings = await createSurroundings();
  const { deps, config, tenantId } = surroundings;
  const keys = await Promise.all(
    Array.from({ length: 20 }, () => store(surroundings, originalKey(tenantId, newId()))),
  );
  t.equal(await sweepOrphans(config, deps), 0);
  for (const key of keys) t.ok(await isThere(surroundings, key));
});

t.test('orphans: more than a page, with the known ones anywhere', async (t) => {
  const surroundings = await createSurroundings();
  const { deps, config, tenantId, accept } = surroundings;
  await Promise.all(Array.from({ length: 1500 }, () => store(surroundings, originalKey(tenantId, newId()))));
  const image = await keyOf(surroundings, await accept(jpeg));
  await store(surroundings, image);
  t.equal(await sweepOrphans(config, deps), 1500);
  t.ok(await isThere(surroundings, image));
});

t.test(
  'orphans: one that can not be removed stays for the next time, and the error is heard of',
  async (t) => {
    const surroundings = await createSurroundings();
    const { deps, config, tenantId, accept } = surroundings;
    await store(surroundings, await keyOf(surroundings, await accept(jpeg)));
    for (let count = 0; count < 3; count += 1) await store(surroundings, originalKey(tenantId, newId()));
    let first: string | undefined;
    const remove = async (key: string) => {
      first ??= key;
      if (key === first) throw new Error('no');
      await deps.objects.remove(key);
    };
    await t.rejects(sweepOrphans(config, { ...deps, objects: { ...deps.objects, remove } }), {
      message: 'no',
    });
    t.equal(await sweepOrphans(config, deps), 1, 'it kept none behind it');
  },
);

t.test('a sweep goes on slice by slice until nothing is left', async (t) => {
  const { deps, config } = await createSurroundings();
  const asked: number[] = [];
  let left = 2500;
  const events = async ({ limit, olderThanMs }: { limit: number; olderThanMs: number }) => {
    t.equal(olderThanMs, 30 * DAY_MS);
    const removed = Math.min(limit, left);
    left -= removed;
    asked.push(removed);
    return removed;
  };
  const db = { ...deps.db, sweep: { ...deps.db.sweep, events } };
  t.equal(await createSweeps(config, { ...deps, db }).events?.(), 2500);
  t.same(asked, [1000, 1000, 500]);
});

t.test('each is asked for its own age', async (t) => {
  const { deps, config } = await createSurroundings({
    REQUEST_LOG_RETENTION_DAYS: '200',
    REQUEST_LOG_FULL_IP_DAYS: '0',
    EVENT_RETENTION_DAYS: '3',
    IDEMPOTENCY_KEEP_HOURS: '4',
    WEBHOOK_LOG_RETENTION_DAYS: '5',
    API_KEY_RETENTION_DAYS: '6',
    USAGE_RETENTION_DAYS: '7',
    ACCOUNT_PURGE_GRACE_MS: '8',
    DERIVATIVE_RETENTION_DAYS: '9',
  });
  const ages: Record<string, number> = {};
  const record =
    (name: string) => async (asked: { olderThanMs?: number; graceMs?: number; unusedMs?: number }) => {
      ages[name] = asked.olderThanMs ?? asked.graceMs ?? asked.unusedMs ?? Number.NaN;
      return 0;
    };
  const sweep = Object.fromEntries(
    Object.keys(deps.db.sweep).map((name) => [name, record(name)]),
  ) as unknown as typeof deps.db.sweep;
  const db = {
    ...deps.db,
    sweep,
    purge: { next: record('accounts') },
    making: { ...deps.db.making, forgetUnused: record('derivatives') },
  };
  for (const run of Object.values(createSweeps(config, { ...deps, db }))) await run();
  t.same(ages, {
    abandonedUploads: config.uploadAbandonedMs,
    requestLogs: 200 * DAY_MS,
    requestLogAddresses: 0,
    events: 3 * DAY_MS,
    idempotencyKeys: DAY_MS / 6,
    webhookDeliveries: 5 * DAY_MS,
    sessions: 0,
    apiKeys: 6 * DAY_MS,
    usageDays: 7 * DAY_MS,
    rateWindows: DAY_MS / 24,
    accounts: 8,
    derivatives: 9 * DAY_MS,
  });
});

t.test('what a deleted account owned goes until nothing is left', async (t) => {
  const { deps, config } = await createSurroundings();
  const left = [700, 1200, 3, 0];
  const next = async () => left.shift() ?? Number.NaN;
  const { accounts } = createSweeps(config, { ...deps, db: { ...deps.db, purge: { next } } });
  t.equal(await accounts?.(), 1903);
  t.same(left, []);
});

t.test('every task runs on a real database', async (t) => {
  const { deps, config } = await createSurroundings();
  for (const task of maintenanceTasks(config, deps)) await t.resolves(task.run(), task.name);
});

for (const { kind, skip } of QUEUE_KINDS) {
  t.test(`queue on ${kind}: a worker sweeps by itself`, { skip }, async (t) => {
    const env = { SWEEP_EVERY_MS: '200', ORPHAN_SWEEP_EVERY_MS: '300', UPLOAD_ABANDONED_MS: '1000' };
    const surroundings = await createSurroundings(env, kind);
    const { config, deps, tenantId, accept } = surroundings;
    await store(surroundings, await keyOf(surroundings, await accept(jpeg)));
    const upload = newId();
    const abandoned = await store(surroundings, originalKey(tenantId, upload));
    await deps.db.uploads.begin({ id: upload, tenantId, objectKey: abandoned });
    const orphan = await store(surroundings, originalKey(tenantId, newId()));
    const worker = await startWorker(config, deps, () => t.fail('stuck'));
    for (const key of [abandoned, orphan]) await eventually(async () => !(await isThere(surroundings, key)));
    await worker.stop(5000);
    t.pass('both are gone');
  });
}
