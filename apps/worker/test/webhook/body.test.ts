import t from 'tap';
import { bodyOf, MAX_BODY_BYTES } from '../../src/webhook/body.ts';

const job = { id: 'job-1', status: 'completed', links: { self: '/v1/jobs/job-1' } };
const image = { id: 'image-1', title: 'Æther', tags: ['a'] };
const about = { type: 'job.completed', timestamp: '2026-11-21T10:00:00.000Z' };

t.test('as it is', async (t) => {
  t.equal(bodyOf({ ...about, data: { job, image } }), JSON.stringify({ ...about, data: { job, image } }));
  t.same(JSON.parse(bodyOf({ ...about, data: {} })), { ...about, data: {} });
});

t.test('in this order, whatever the order in the database, and nothing else', async (t) => {
  const body = bodyOf({ secret: 1, data: { job }, timestamp: about.timestamp, type: about.type });
  t.equal(body, JSON.stringify({ ...about, data: { job } }));
});

t.test('too large: the image goes first, then all but the ids', async (t) => {
  const large = 'x'.repeat(MAX_BODY_BYTES);
  const withLargeImage = bodyOf({ ...about, data: { job, image: { ...image, title: large } } });
  t.same(JSON.parse(withLargeImage).data, { job, image: { id: 'image-1' } });
  const withLargeJob = bodyOf({ ...about, data: { job: { ...job, error: large }, image, note: large } });
  t.same(JSON.parse(withLargeJob).data, { job: { id: 'job-1' }, image: { id: 'image-1' } });
});

t.test('bytes count, not characters', async (t) => {
  const body = bodyOf({
    ...about,
    data: { job, image: { ...image, title: '写'.repeat(MAX_BODY_BYTES / 2) } },
  });
  t.ok(Buffer.byteLength(body) < MAX_BODY_BYTES);
  t.same(JSON.parse(body).data.image, { id: 'image-1' });
});
