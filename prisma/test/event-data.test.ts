import t from 'tap';
import { EVENT_TYPES, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { claimJob, type Ended, endJob, FAILURE } from './finish-job.ts';

const { db, query } = await createTestDatabase();
const HOOK = 'https://example.com/own';

/** An endpoint, by SQL: this file is about the trigger alone. */
async function anEndpoint(
  tenantId: string,
  name: string,
  events: string[] = [],
  enabled = true,
): Promise<void> {
  await query(
    'INSERT INTO webhook_endpoints (id, tenant_id, url, events, secret, enabled) VALUES ($1, $2, $3, $4, $5, $6)',
    [newId(), tenantId, name, events, 'whsec_', enabled],
  );
}

interface Delivery {
  url: string;
  event_type: string;
  event_id: string;
  job_id: string | null;
  payload: { type: string; timestamp: string; data: Record<string, Record<string, unknown>> };
}

function deliveries(tenantId: string): Promise<Delivery[]> {
  return query<Delivery>('SELECT * FROM webhook_deliveries WHERE tenant_id = $1 ORDER BY url, event_type', [
    tenantId,
  ]);
}

async function end(
  how: Ended | 'deleted',
  webhookUrl: string | null,
  tenantId: string,
): Promise<{ id: string; imageId: string }> {
  const job = await endJob(db, how === 'deleted' ? 'completed' : how, {
    tenantId,
    webhookUrl,
    traceparent: '00-ab-cd-01',
  });
  if (how === 'deleted') await db.images.remove(tenantId, job.imageId);
  return job;
}

const ENDS = {
  'job.completed': 'completed',
  'job.failed': 'failed',
  'job.canceled': 'canceled',
  'image.deleted': 'deleted',
} as const;

for (const type of EVENT_TYPES) {
  t.test(`${type} goes once to each endpoint that wants it, and to the job's own address`, async (t) => {
    const tenantId = newId();
    await anEndpoint(tenantId, 'https://example.com/all');
    await anEndpoint(tenantId, 'https://example.com/matching', ['job.other', type]);
    await anEndpoint(tenantId, 'https://example.com/not-matching', ['job.other']);
    await anEndpoint(tenantId, 'https://example.com/disabled', [], false);
    await anEndpoint(newId(), 'https://example.com/stranger');
    const { id, imageId } = await end(ENDS[type], HOOK, tenantId);
    const found = (await deliveries(tenantId)).filter(({ event_type }) => event_type === type);
    const ofJob = type.startsWith('job.');
    t.same(
      found.map(({ url }) => url),
      ['https://example.com/all', 'https://example.com/matching', ...(ofJob ? [HOOK] : [])],
    );
    const [event] = await query<{ id: string; created_at: Date; data: object }>(
      'SELECT id, created_at, data FROM events WHERE tenant_id = $1 AND type = $2',
      [tenantId, type],
    );
    for (const { payload, event_id, job_id } of found) {
      t.same(payload, { type, timestamp: event?.created_at.toISOString(), data: event?.data });
      t.equal(event_id, event?.id);
      t.equal(job_id, ofJob ? id : null);
      if (ofJob)
        t.match(payload.data.job, {
          id,
          imageId,
          status: ENDS[type],
          attempt: 1,
          links: { self: `/v1/jobs/${id}` },
        });
      t.match(
        Object.keys(payload.data).sort(),
        type === 'job.completed' ? ['image', 'job'] : [ofJob ? 'job' : 'image'],
      );
    }
  });
}

t.test('an event says how the row is after the change', async (t) => {
  const tenantId = newId();
  await end('completed', HOOK, tenantId);
  await end('failed', HOOK, tenantId);
  const [completed, failed] = await deliveries(tenantId);
  t.match(completed?.payload.data, {
    job: { status: 'completed', startedAt: String, finishedAt: String, createdAt: String },
    image: { format: 'webp', width: 640, height: 480, fileName: 'plate.jpg', tags: [], bytes: 1234 },
  });
  t.notOk(completed?.payload.data.job?.error);
  const { errorCode: code, errorMessage: message } = FAILURE;
  t.match(failed?.payload.data.job, { status: 'failed', error: { code, message, retryable: false } });
});

t.test('a job that is queued, or queued again, tells nobody', async (t) => {
  const tenantId = newId();
  await anEndpoint(tenantId, 'https://example.com/all');
  const job = await claimJob(db, { tenantId, webhookUrl: HOOK });
  await db.work.fail({ ...job, ...FAILURE, options: {}, retryAfterMs: 0 });
  t.same(await deliveries(tenantId), []);
});
