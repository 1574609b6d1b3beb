import t from 'tap';
import { startApi } from './app.ts';
import { call, field, image, upload } from './client.ts';
import { picture } from './pictures.ts';
import { claim, finish } from './worker.ts';

t.test('alive and ready', async (t) => {
  const api = await startApi();
  t.same((await call(api, '/healthz', { key: null })).json(), { status: 'ok' });
  const ready = await call(api, '/readyz', { key: null });
  t.equal(ready.status, 200);
  t.same(ready.json(), { status: 'ready', database: true, draining: false });

  api.drain();
  const draining = await call(api, '/readyz', { key: null });
  t.equal(draining.status, 503);
  t.same(draining.json(), { status: 'unready', database: true, draining: true });
  t.equal((await call(api, '/healthz')).status, 200, 'still alive');
  t.equal((await upload(api)).status, 202, 'still at work');
});

t.test('/metrics', async (t) => {
  const api = await startApi({ env: { DUPLICATES: 'allow' } });
  const read = async () => {
    const answer = await call(api, '/metrics', { key: null });
    t.match(answer.headers['content-type'], /^text\/plain/);
    const figures = new Map<string, number>();
    for (const line of answer.body.toString().split('\n')) {
      const [, name, value] = /^(tintype_\S+) (\S+)$/.exec(line) ?? [];
      if (name !== undefined) figures.set(name, Number(value));
    }
    return figures;
  };
  const before = await read();
  const first = (await upload(api)).json<{ id: string }>();
  const second = (await upload(api)).json<{ id: string }>();
  const keyed = { headers: { 'idempotency-key': 'a-key' } };
  await upload(api, undefined, keyed);
  await upload(api, undefined, keyed);
  await upload(api, [image(), field('duplicate', 'reuse')]);
  await upload(api, [image(), field('duplicate', 'reuse')]);
  await upload(api, []);
  await call(api, `/v1/jobs/${crypto.randomUUID()}`);
  await call(api, '/a/path/of/a/caller');
  await finish(api, first);
  await claim(api, second);

  const after = await read();
  const table: [name: string, moved: number][] = [
    ['tintype_uploads_accepted_total', 4],
    ['tintype_upload_bytes_total', 4 * picture.length],
    ['tintype_uploads_reused_total', 1],
    ['tintype_http_replayed_total', 1],
    ['tintype_jobs{status="queued"}', 2],
    ['tintype_jobs{status="processing"}', 1],
    ['tintype_http_problems_total{code="IMAGE_PART_MISSING"}', 1],
    ['tintype_http_problems_total{code="JOB_NOT_FOUND"}', 1],
    ['tintype_http_problems_total{code="NOT_FOUND"}', 1],
    ['tintype_http_request_duration_seconds_count{method="POST",route="/v1/jobs",status="202"}', 6],
    ['tintype_http_request_duration_seconds_count{method="POST",route="/v1/jobs",status="400"}', 1],
    ['tintype_http_request_duration_seconds_count{method="GET",route="/v1/jobs/:id",status="404"}', 1],
    ['tintype_http_request_duration_seconds_count{method="GET",route="unknown",status="404"}', 1],
  ];
  for (const [name, moved] of table) t.equal((after.get(name) ?? 0) - (before.get(name) ?? 0), moved, name);
  t.ok((after.get('tintype_oldest_queued_job_age_seconds') ?? 0) > 0);
  t.equal(after.get('tintype_database_up'), 1);
  for (const status of ['pending', 'sending', 'dead'])
    t.equal(after.get(`tintype_webhook_deliveries{status="${status}"}`), 0);
  t.notOk(
    [...after.keys()].some((name) => name.includes('caller')),
    'no label is a caller’s text',
  );
});
