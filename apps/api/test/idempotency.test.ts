import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { addKey, startApi } from './app.ts';
import { type Answer, accept, call, field, image, type Part, postJson, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { chunked, FILE_HEAD, FORM_END, openWire, postHead } from './wire.ts';
import { fail, finish } from './worker.ts';

const MAX_BYTES = 2_000_000;
const env = { MAX_UPLOAD_BYTES: String(MAX_BYTES), OUTGOING_ALLOW: '127.0.0.0/8' };
const api = await startApi({ env });
const CHUNKED = 'transfer-encoding: chunked';
const newKey = () => crypto.randomUUID();
const under = (key: string, more: Record<string, string> = {}) => ({
  headers: { 'idempotency-key': key, ...more },
});
const codeOf = (answer: Answer) => `${answer.status} ${problem(answer).code}`;
const locked = (key: string) =>
  api.rows<{ until: Date | null }>('SELECT locked_until AS until FROM idempotency_keys WHERE key = $1', [
    key,
  ]);

interface Tap {
  equal: typeof t.equal;
  same: typeof t.same;
  match: typeof t.match;
}

async function expectReplay(t: Tap, first: Answer, again: Answer): Promise<void> {
  t.equal(again.status, first.status);
  t.same(again.json(), first.json(), 'the same answer');
  t.equal(again.headers.location, first.headers.location);
  t.equal(first.headers['idempotent-replayed'], undefined);
  t.equal(again.headers['idempotent-replayed'], 'true');
}

t.test('the same upload again: the same answer, and nothing twice', async (t) => {
  for (const parts of [
    [image()],
    [field('title', 'A title'), image(), field('tags', '["a","b"]'), field('stats', 'true')],
    [image(pictureOf(900_000)), field('webhookUrl', 'http://127.0.0.1:9/hook')],
  ]) {
    const before = await api.traces();
    const key = newKey();
    const first = await upload(api, parts, under(key));
    t.equal(first.status, 202);
    for (let time = 0; time < 3; time += 1)
      await expectReplay(t, first, await upload(api, parts, under(key)));
    const left = await api.traces();
    t.same(
      left,
      {
        uploads: 0,
        objects: before.objects + 1,
        images: before.images + 1,
        jobs: before.jobs + 1,
        events: before.events + 1,
      },
      'one of each',
    );
  }
});

t.test('the same request for an URL again', async (t) => {
  const key = newKey();
  const body = { url: 'http://127.0.0.1:9/a.png', title: 'a', tags: ['b'] };
  const first = await postJson(api, '/v1/jobs', body, under(key));
  t.equal(first.status, 202);
  const reordered = { tags: ['b'], title: 'a', url: body.url };
  await expectReplay(t, first, await postJson(api, '/v1/jobs', reordered, under(key)));
  const other = await postJson(api, '/v1/jobs', { ...body, title: 'b' }, under(key));
  t.equal(codeOf(other), '422 IDEMPOTENCY_KEY_REUSED');
});

t.test('another request under the key is refused', async (t) => {
  const file = image(pictureOf(1000));
  const own = [file, field('title', 'a'), field('tags', '["a","b"]')];
  const hook = field('webhookUrl', 'http://127.0.0.1:9/');
  const key = newKey();
  const first = await upload(api, own, under(key));
  t.equal(first.status, 202);
  const before = await api.traces();
  const table: [what: string, parts: Part[]][] = [
    ['another file', [image(pictureOf(1000)), ...own.slice(1)]],
    ['another file of another size', [image(pictureOf(700_000)), ...own.slice(1)]],
    ['another name', [image(Buffer.from(file.body), { fileName: 'b.png' }), ...own.slice(1)]],
    ['another title', [file, field('title', 'b'), field('tags', '["a","b"]')]],
    ['no title', [file, field('tags', '["a","b"]')]],
    ['fewer tags', [file, field('title', 'a'), field('tags', 'a')]],
    ['an option', [...own, field('pixels', 'false')]],
    ['an address', [...own, hook]],
    ['a duplicate', [...own, field('duplicate', 'allow')]],
  ];
  for (const [what, parts] of table)
    t.equal(codeOf(await upload(api, parts, under(key))), '422 IDEMPOTENCY_KEY_REUSED', what);
  const json = await postJson(api, '/v1/jobs', { url: 'http://127.0.0.1:9/' }, under(key));
  t.equal(codeOf(json), '422 IDEMPOTENCY_KEY_REUSED', 'JSON');
  t.equal(codeOf(await postJson(api, '/v1/jobs/retry', {}, under(key))), '422 IDEMPOTENCY_KEY_REUSED');
  t.equal(codeOf(await upload(api, [], under(key))), '400 IMAGE_PART_MISSING', 'what is wrong is told first');
  t.same(await api.traces(), before, 'nothing was stored');
  await expectReplay(t, first, await upload(api, own, under(key)));
});

t.test('a key is its tenant’s', async (t) => {
  const other = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const key = newKey();
  const mine = await upload(api, [image()], under(key));
  const theirs = await upload(api, [image(pictureOf(2000))], { ...under(key), key: other });
  t.equal(theirs.status, 202);
  t.not(theirs.json<Job>().id, mine.json<Job>().id);
  t.equal(theirs.headers['idempotent-replayed'], undefined);
});

t.test('keys that are none', async (t) => {
  const before = await api.rows('SELECT 1 FROM idempotency_keys');
  for (const key of ['', ' ', 'x'.repeat(256), 'schlüssel', 'tab\there']) {
    const raw = await openWire(api);
    await raw.send(postHead(api, [`idempotency-key: ${key}`, 'content-length: 0', 'connection: close']));
    t.match(await raw.read(), /^HTTP\/1.1 400 [\s\S]*"IDEMPOTENCY_KEY_INVALID"/, JSON.stringify(key));
  }
  t.equal((await api.rows('SELECT 1 FROM idempotency_keys')).length, before.length);
  for (const key of ['x', 'x'.repeat(255), '"8e03978e, quoted"', '~!@#$%^&*()']) {
    const first = await upload(api, [image()], under(key));
    await expectReplay(t, first, await upload(api, [image()], under(key)));
  }
  t.equal((await call(api, '/v1/jobs', under('ü'))).status, 200, 'a GET has no use for one');
});

t.test('while the first is under way', async (t) => {
  const key = newKey();
  const file = pictureOf(900_000);
  const wire = await openWire(api);
  const head = postHead(api, [CHUNKED, `idempotency-key: ${key}`, 'connection: close']);
  await wire.send(head);
  await eventually(
    () => locked(key),
    ({ length }) => length === 1,
  );
  const early = await upload(api, [image(file, { fileName: 'a.png' })], under(key));
  t.equal(codeOf(early), '409 IDEMPOTENCY_KEY_IN_USE', 'before the first byte of its body');
  t.equal(early.headers['retry-after'], '1');
  await wire.send(chunked(Buffer.concat([Buffer.from(FILE_HEAD), file.subarray(0, 600_000)])));
  await eventually(api.objects, (files) => files.length > 0);
  for (const parts of [[image(file, { fileName: 'a.png' })], [image()]])
    t.equal(codeOf(await upload(api, parts, under(key))), '409 IDEMPOTENCY_KEY_IN_USE', 'in the middle');
  await wire.send(Buffer.concat([chunked(file.subarray(600_000)), chunked(FORM_END), chunked('')]));
  const said = await wire.read();
  t.match(said, /^HTTP\/1.1 202 /);
  const again = await upload(api, [image(file, { fileName: 'a.png' })], under(key));
  t.equal(again.headers['idempotent-replayed'], 'true', 'and then');
  t.match(said, `"id":"${again.json<Job>().id}"`);
});

t.test('answers that are errors are not kept', async (t) => {
  const text = image(Buffer.from('Hello'));
  const table: [what: string, code: string, bad: Part[]][] = [
    ['no image', '415 NOT_AN_IMAGE', [text]],
    ['no file', '400 IMAGE_PART_MISSING', [field('title', 'a')]],
    ['a bad field', '422 URL_NOT_ALLOWED', [image(), field('webhookUrl', 'ftp://a')]],
    ['too large, told at once', '413 IMAGE_TOO_LARGE', [image(pictureOf(MAX_BYTES + 300_000))]],
    ['too large by a byte', '413 IMAGE_TOO_LARGE', [image(pictureOf(MAX_BYTES + 1))]],
  ];
  for (const [what, code, bad] of table) {
    const key = newKey();
    for (let time = 0; time < 2; time += 1) t.equal(codeOf(await upload(api, bad, under(key))), code, what);
    t.equal((await upload(api, [image()], under(key))).status, 202, 'another request under it');
  }
  const key = newKey();
  t.equal(codeOf(await postJson(api, '/v1/jobs', { url: 'no' }, under(key))), '422 URL_NOT_ALLOWED');
  t.equal(codeOf(await postJson(api, '/v1/jobs', {}, under(key))), '400 INVALID_REQUEST');
  t.equal(codeOf(await postJson(api, '/v1/jobs/retry', { a: 1 }, under(key))), '400 INVALID_REQUEST');
  const missing = `/v1/jobs/${crypto.randomUUID()}/retry`;
  t.equal(codeOf(await call(api, missing, { method: 'POST', ...under(key) })), '404 JOB_NOT_FOUND');
  t.equal((await upload(api, [image()], under(key))).status, 202);
});

t.test('twenty at once: one job', async (t) => {
  for (const parts of [[image()], [image(pictureOf(600_000))]]) {
    const before = await api.traces();
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => upload(api, parts, under(key))));
    const ids = new Set(answers.filter(({ status }) => status === 202).map((one) => one.json<Job>().id));
    const others = answers.filter(({ status }) => status !== 202);
    t.equal(ids.size, 1, 'one id');
    t.ok(others.every((answer) => codeOf(answer) === '409 IDEMPOTENCY_KEY_IN_USE'));
    const { jobs, objects, uploads } = await api.traces();
    t.same({ jobs, objects, uploads }, { jobs: before.jobs + 1, objects: before.objects + 1, uploads: 0 });
    t.same([...ids], [(await upload(api, parts, under(key))).json<Job>().id]);
  }
});

t.test('the same again may wait for the job as the first would have', async (t) => {
  const key = newKey();
  const { id } = (await upload(api, [image()], under(key))).json<Job>();
  const late = await upload(api, [image()], under(key, { prefer: 'wait=1' }));
  t.equal(late.status, 202);
  await finish(api, { id });
  const done = await upload(api, [image()], under(key, { prefer: 'wait=30' }));
  t.equal(done.status, 200);
  t.match(done.headers, { 'idempotent-replayed': 'true', 'preference-applied': 'wait=30' });
  t.match(done.json(), { id, status: 'completed', image: { metadata: {} } });
  t.equal((await upload(api, [image()], under(key))).status, 202, 'who does not wait is answered as before');
});

t.test('JSON routes', async (t) => {
  const admin = await addKey(api.rows, { tenantId: api.tenantId, alter: `scopes = '{admin}'` });
  const body = { olderThan: '9.0.0', format: 'png' };
  const key = newKey();
  const first = await postJson(api, '/v1/jobs/reprocess', body, { ...under(key), key: admin });
  t.equal(first.status, 202);
  const again = await postJson(api, '/v1/jobs/reprocess', body, { ...under(key), key: admin });
  await expectReplay(t, first, again);
  const reordered = { format: 'png', olderThan: '9.0.0' };
  const third = await postJson(api, '/v1/jobs/reprocess', reordered, { ...under(key), key: admin });
  await expectReplay(t, first, third);
  t.equal((await api.rows('SELECT 1 FROM reprocess_runs')).length, 1, 'one run');
  const other = await postJson(
    api,
    '/v1/jobs/reprocess',
    { olderThan: '8.0.0' },
    { ...under(key), key: admin },
  );
  t.equal(codeOf(other), '422 IDEMPOTENCY_KEY_REUSED');

  const [one, two] = [await accept(api), await accept(api)];
  for (const job of [one, two]) await fail(api, job);
  const retry = { method: 'POST', ...under(newKey()) } as const;
  const retried = await call(api, `${one.links.self}/retry`, retry);
  t.equal(retried.status, 202);
  await expectReplay(t, retried, await call(api, `${one.links.self}/retry`, retry));
  t.equal(
    codeOf(await call(api, `${two.links.self}/retry`, retry)),
    '422 IDEMPOTENCY_KEY_REUSED',
    'another path',
  );

  const all = under(newKey());
  const many = await postJson(api, '/v1/jobs/retry', { limit: 10 }, all);
  t.match(many.json(), { retried: 1, more: false });
  await fail(api, two);
  await expectReplay(t, many, await postJson(api, '/v1/jobs/retry', { limit: 10 }, all));
  t.equal((await call(api, two.links.self)).json<Job>().status, 'failed', 'nothing twice');
});

t.test('an answer that is too old is none', async (t) => {
  const key = newKey();
  const first = await upload(api, [image()], under(key));
  await api.rows(`UPDATE idempotency_keys SET created_at = now() - interval '167 hours' WHERE key = $1`, [
    key,
  ]);
  await expectReplay(t, first, await upload(api, [image()], under(key)));
  await api.rows(`UPDATE idempotency_keys SET created_at = now() - interval '169 hours' WHERE key = $1`, [
    key,
  ]);
  const later = await upload(api, [image(pictureOf(500))], under(key));
  t.equal(later.status, 202);
  t.not(later.json<Job>().id, first.json<Job>().id);
});
