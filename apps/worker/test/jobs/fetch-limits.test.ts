import { NO_LIMITS, type PlanLimits } from '@tintype/prisma';
import pg from 'pg';
import t from 'tap';
import { createProcessImage } from '../../src/jobs/process-image.ts';
import { keepLeases } from '../../src/leases.ts';
import { JPEG, LARGE_PNG, MAX_FETCH_BYTES, startImageServer } from '../fetch/image-server.ts';
import { createSurroundings, makeOne } from '../worker-setup.ts';

const { config, deps, databaseUrl, tenantId, accept, acceptUrl, objectKeys } = await createSurroundings({
  OUTGOING_ALLOW: '127.0.0.0/8',
  MAX_FETCH_BYTES: String(MAX_FETCH_BYTES),
});
const leases = keepLeases({ heartbeat: deps.db.work.heartbeat, log: deps.log }, config.leaseMs);
t.teardown(() => leases.giveBack(async () => undefined));
const stopping = new AbortController().signal;
const processImage = createProcessImage({ worker: 'tester', config, leases, makeOne, stopping }, deps);
const server = await startImageServer();
const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
t.teardown(() => client.end());
await client.query(`INSERT INTO tenants (id, name) VALUES ($1, 'test')`, [tenantId]);

async function setPlan(limits: Partial<PlanLimits>): Promise<void> {
  const name = `plan-${crypto.randomUUID().slice(0, 8)}`;
  await deps.db.plans.put({ name, description: '', ...NO_LIMITS, ...limits });
  await client.query('UPDATE tenants SET plan = $1 WHERE id = $2', [name, tenantId]);
}

async function fetchAll(paths: string[]) {
  const ids = await Promise.all(paths.map((path) => acceptUrl(server.origin + path)));
  await Promise.all(ids.map((id) => processImage({ id, generation: 0 })));
  return Promise.all(ids.map((id) => deps.db.jobs.get(tenantId, id)));
}

async function storedBytes(): Promise<number> {
  const { rows } = await client.query('SELECT stored_bytes FROM tenant_usage WHERE tenant_id = $1', [
    tenantId,
  ]);
  return Number(rows[0]?.stored_bytes ?? 0);
}

t.test('the size of one file', async (t) => {
  const rows = [
    { limits: {}, from: '/large.png', told: undefined },
    { limits: { uploadBytes: LARGE_PNG.length }, from: '/large.png', told: undefined },
    {
      limits: { uploadBytes: LARGE_PNG.length - 1 },
      from: '/large.png',
      told: `${LARGE_PNG.length - 1} bytes your plan allows`,
    },
    {
      limits: { uploadBytes: LARGE_PNG.length - 1 },
      from: '/chunked.png',
      told: `${LARGE_PNG.length - 1} bytes your plan allows`,
    },
    {
      limits: { uploadBytes: 1_000_000_000 },
      from: '/too-large',
      told: `${MAX_FETCH_BYTES} bytes this service accepts`,
    },
  ];
  for (const { limits, from, told } of rows) {
    await setPlan(limits);
    const [job] = await fetchAll([from]);
    const status = told === undefined ? 'completed' : 'failed';
    t.match(job, { status, errorCode: told === undefined ? null : 'IMAGE_TOO_LARGE', attempt: 1 });
    if (told !== undefined) t.match(job?.errorMessage, told);
  }
});

t.test('exactly as many bytes as there is room for', async (t) => {
  const before = await storedBytes();
  await accept(JPEG);
  await setPlan({ storedBytes: before + 3 * JPEG.length + 1, concurrentJobs: 1 });
  const jobs = await fetchAll(Array.from({ length: 6 }, () => '/plate.jpg'));
  const ended = jobs.map((job) => job?.errorCode ?? job?.status).sort();
  t.same(ended, [...Array(4).fill('STORAGE_QUOTA_EXCEEDED'), 'completed', 'completed']);
  t.ok(
    jobs.every((job) => job?.attempt === 1),
    'and it is not tried again',
  );
  t.equal(await storedBytes(), before + 3 * JPEG.length);
  const refused = jobs.filter((job) => job?.errorCode !== null).map((job) => job?.imageId ?? '');
  const left = (await objectKeys()).filter((key) => refused.some((id) => key.includes(id)));
  t.same(left, [], 'nothing is left of what was refused');
  t.same((await client.query('SELECT id FROM uploads')).rows, []);
});
