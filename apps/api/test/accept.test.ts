import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { NO_TRACES, startApi } from './app.ts';
import { call, encode, image, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { picture, pictureIn, pictureOf } from './pictures.ts';

interface ImageRow {
  tenant_id: string;
  object_key: string;
  bytes: string;
  sha256: Buffer;
  file_name: string | null;
  declared_mime_type: string | null;
  format: string;
  title: string | null;
  tags: string[];
}

const api = await startApi();
const imageRow = async (id: string) =>
  (await api.rows<ImageRow>('SELECT * FROM images WHERE id = $1', [id]))[0] as ImageRow;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

t.test('202: a job, its address, and everything in its place', async (t) => {
  const before = Date.now();
  const answer = await upload(api, [image()], { headers: { 'x-request-id': 'request-of-a-test' } });
  t.equal(answer.status, 202);
  const job = answer.json<Job>();
  t.match(answer.headers, {
    location: `/v1/jobs/${job.id}`,
    'retry-after': '1',
    'content-type': 'application/json; charset=utf-8',
    'x-request-id': 'request-of-a-test',
  });
  t.match(job, {
    status: 'queued',
    attempt: 0,
    startedAt: null,
    finishedAt: null,
    timings: {},
    links: { self: `/v1/jobs/${job.id}`, image: `/v1/images/${job.imageId}` },
  });
  t.ok(Date.parse(job.createdAt) >= before - 60_000, 'made now');

  const row = await imageRow(job.imageId);
  t.match(row, {
    tenant_id: api.tenantId,
    object_key: `${api.tenantId}/original/${job.imageId}`,
    bytes: String(picture.length),
    format: 'png',
    file_name: 'tiny.png',
    declared_mime_type: 'image/png',
    title: null,
    tags: [],
  });
  t.equal(row.sha256.toString('hex'), sha256(picture));
  t.same(
    await api.traces(),
    { ...NO_TRACES, objects: 1, images: 1, jobs: 1, events: 1 },
    'no upload is left',
  );
  const [file = ''] = await api.objects();
  t.ok(file.endsWith(row.object_key));
  t.ok(picture.equals(await readFile(file)));
  const [event] = await api.rows('SELECT * FROM events');
  t.match(event, { type: 'job.queued', job_id: job.id, image_id: job.imageId, tenant_id: api.tenantId });
  const [stored] = await api.rows('SELECT * FROM jobs');
  t.match(stored, { id: job.id, status: 'queued', request_id: 'request-of-a-test', generation: 0 });
  t.equal(
    await eventually(
      () => api.deps.nudges.waiting(),
      (waiting) => waiting === 1,
    ),
    1,
    'nudged',
  );
  t.same(await api.deps.nudges.forgotten([{ id: job.id, generation: 0 }]), [], 'by its id and generation');

  const seen = (await call(api, job.links.self)).json<Job>();
  t.same({ ...seen, queue: undefined }, { ...job, queue: undefined }, 'GET says the same');
  t.same(seen.queue, { position: 0 });
});

t.test('files of any size arrive whole', async (t) => {
  const mebibyte = 1024 * 1024;
  const sizes = [picture.length, 1023 + 2, 256 * 1024 - 1, 256 * 1024, 513_000, 12 * mebibyte];
  for (const bytes of sizes) {
    const file = pictureOf(bytes);
    const answer = await upload(api, [image(file)]);
    t.equal(answer.status, 202, `${bytes} bytes`);
    const row = await imageRow(answer.json<Job>().imageId);
    t.equal(row.bytes, String(bytes));
    t.equal(row.sha256.toString('hex'), sha256(file));
    const stored = (await api.objects()).find((name) => name.endsWith(row.object_key));
    t.ok(file.equals(await readFile(stored ?? '')), 'the bytes of the object');
  }
  t.equal((await api.traces()).uploads, 0);
});

t.test('the format is by content, the name and the declared type are only noted', async (t) => {
  const bytes = await pictureIn('webp');
  const answer = await upload(api, [image(bytes, { fileName: 'photo.jpg', type: 'image/jpeg' })]);
  const row = await imageRow(answer.json<Job>().imageId);
  t.match(row, { format: 'webp', file_name: 'photo.jpg', declared_mime_type: 'image/jpeg' });
});

t.test('the address without a version, and names of requests', async (t) => {
  const body = encode([image()]);
  const headers = { 'content-type': 'multipart/form-data; boundary=a-boundary' };
  const answer = await call(api, '/jobs', { method: 'POST', body, headers });
  t.equal(answer.status, 202);
  const { id } = answer.json<Job>();
  t.equal((await call(api, `/jobs/${id}`)).json<Job>().id, id);
  t.equal((await call(api, '/jobs?limit=1')).status, 200);
  t.equal((await call(api, '/jobsx', {})).status, 404, 'no other address');

  const made = answer.headers['x-request-id'] ?? '';
  t.match(made, /^[0-9a-f-]{36}$/, 'made where none was given');
  for (const bad of ['short', 'a b c d e f g', '"><script>alert(1)', 'x'.repeat(65)]) {
    const seen = (await call(api, '/healthz', { headers: { 'x-request-id': bad } })).headers['x-request-id'];
    t.match(seen, /^[0-9a-f-]{36}$/, `not taken over: ${bad}`);
  }
});

t.test('HEAD answers the head alone', async (t) => {
  const { links } = (await upload(api)).json<Job>();
  for (const path of [links.self, links.image, '/v1/jobs', '/healthz']) {
    const answer = await call(api, path, { method: 'HEAD' });
    t.equal(answer.status, 200, path);
    t.equal(answer.body.length, 0);
  }
});
