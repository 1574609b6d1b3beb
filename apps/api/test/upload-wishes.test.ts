import t from 'tap';
import type { Image } from '../src/schemas/image.ts';
import type { Job } from '../src/schemas/job.ts';
import { startApi } from './app.ts';
import { call, field, image, type Part, postJson, problem, upload } from './client.ts';
import { pictureOf } from './pictures.ts';

const api = await startApi({ env: { OUTGOING_ALLOW: '127.0.0.0/8' } });
const url = 'http://127.0.0.1:8080/a.png';
const imageOf = async ({ links }: Job) => (await call(api, links.image)).json<Image>();
const optionsOf = async ({ id }: Job) => {
  const [row] = await api.rows<{ options: object }>('SELECT options FROM jobs WHERE id = $1', [id]);
  return row?.options;
};

t.test('path and public, in a form and in JSON', async (t) => {
  const table: [given: Record<string, string | boolean>, kept: Partial<Image>][] = [
    [{}, { path: null, public: false }],
    [{ path: 'a/b.png' }, { path: 'a/b.png', public: false }],
    [
      { path: 'ü/🌸 %.png', public: true },
      { path: 'ü/🌸 %.png', public: true },
    ],
    [{ public: false }, { path: null, public: false }],
  ];
  for (const [given, kept] of table) {
    const parts = Object.entries(given).map(([name, value]) => field(name, String(value)));
    const form = await upload(api, [image(), ...parts]);
    t.equal(form.status, 202);
    t.match(await imageOf(form.json<Job>()), kept);
    await call(api, form.json<Job>().links.image, { method: 'DELETE' });
    const json = await postJson(api, '/v1/jobs', { url, ...given });
    t.equal(json.status, 202);
    t.match(await imageOf(json.json<Job>()), kept);
    await call(api, json.json<Job>().links.image, { method: 'DELETE' });
  }
});

t.test('a path that another image has', async (t) => {
  const first = await upload(api, [image(), field('path', 'taken.png')]);
  t.equal(first.status, 202);
  const before = await api.traces();
  const again = await upload(api, [image(pictureOf(1000)), field('path', 'taken.png')]);
  t.equal(`${again.status} ${problem(again).code}`, '409 PATH_TAKEN');
  const fetched = await postJson(api, '/v1/jobs', { url, path: 'taken.png' });
  t.equal(`${fetched.status} ${problem(fetched).code}`, '409 PATH_TAKEN');
  t.same(await api.traces(), before, 'nothing is left of those who came later');
  const both = await Promise.all([1, 2, 3].map(() => upload(api, [image(), field('path', 'race.png')])));
  t.same(both.map(({ status }) => status).sort(), [202, 409, 409], 'one wins');
});

t.test('what is wrong with them', async (t) => {
  const table: [part: Part, code?: string][] = [
    [field('path', '')],
    [field('path', '/a')],
    [field('path', 'a/../b')],
    [field('path', 'x'.repeat(1025))],
    [field('public', 'yes')],
    [field('onDuplicate', 'maybe')],
    [field('derivatives', 'Thumb')],
    [field('derivatives', '__proto__')],
    [field('derivatives', '{"__proto__":{"width":1}}')],
    [field('derivatives', '[1]')],
    [field('derivatives', '["a"'), 'BAD_JSON'],
    [field('derivatives', '{"a":{"width":0}}')],
    [field('derivatives', '{"a":{"width":"wide"}}')],
    [field('derivatives', '{"a":{"depth":3}}')],
    [field('derivatives', '{"a":false}')],
    [field('derivatives', '"a b"')],
  ];
  const before = await api.traces();
  for (const [part, code = 'INVALID_REQUEST'] of table) {
    const answer = await upload(api, [image(), part]);
    const about = `${part.name} ${String(part.body).slice(0, 40)}`;
    t.match({ about, ...problem(answer) }, { about, status: 400, code });
    t.match(problem(answer).errors?.[0]?.pointer, new RegExp(`^/${part.name}`));
  }
  for (const wrong of [
    { path: '..' },
    { public: 'x' },
    { onDuplicate: 'x' },
    { derivatives: { a: 'x' } },
    { derivatives: 5 },
  ]) {
    const answer = await postJson(api, '/v1/jobs', { url, ...wrong });
    t.equal(`${answer.status} ${problem(answer).code}`, '400 INVALID_REQUEST', JSON.stringify(wrong));
  }
  const noPreset = await postJson(api, '/v1/jobs', { uploadId: crypto.randomUUID(), derivatives: ['nope'] });
  t.equal(
    `${noPreset.status} ${problem(noPreset).code}`,
    '400 INVALID_REQUEST',
    'before anything is looked for',
  );
  const inUnion = await postJson(api, '/v1/jobs', { url, derivatives: { thumb: true, a: { width: -1 } } });
  t.match(problem(inUnion).detail, 'derivatives/a/width must be >= 1', 'of what may be one thing or another');
  t.same(await api.traces(), before, 'nothing is left');
});

t.test('onDuplicate, as wished or as configured', async (t) => {
  const flagging = await startApi({ env: { ON_DUPLICATE: 'flag', OUTGOING_ALLOW: '127.0.0.0/8' } });
  const job = (await upload(api, [image(), field('onDuplicate', 'reject')])).json<Job>();
  t.same(await optionsOf(job), { onDuplicate: 'reject' });
  t.same(await optionsOf((await upload(api, [image()])).json<Job>()), {}, 'allow is not written down');
  const table: [wish: string | undefined, kept: string][] = [
    [undefined, 'flag'],
    ['allow', 'allow'],
    ['reject', 'reject'],
  ];
  for (const [wish, kept] of table) {
    const parts = wish === undefined ? [] : [field('onDuplicate', wish)];
    const made = (await upload(flagging, [image(), ...parts])).json<Job>();
    const fetched = (
      await postJson(flagging, '/v1/jobs', { url, ...(wish !== undefined && { onDuplicate: wish }) })
    ).json<Job>();
    const rows = await flagging.rows(
      `SELECT options ->> 'onDuplicate' AS kept FROM jobs WHERE id = ANY ($1)`,
      [[made.id, fetched.id]],
    );
    t.same(rows, [{ kept }, { kept }]);
  }
});

t.test('a file with other wishes is another image', async (t) => {
  const reusing = await startApi({ env: { DUPLICATES: 'reuse' } });
  const file = image(pictureOf(1000));
  const send = async (...parts: Part[]) =>
    (await upload(reusing, [file, ...parts])).json<{ imageId: string; code?: string }>();
  const plain = await send();
  const wishes: Part[][] = [
    [field('path', 'a.png')],
    [field('public', 'true')],
    [field('onDuplicate', 'flag')],
  ];
  for (const parts of wishes) {
    const first = await send(...parts);
    t.not(first.imageId, plain.imageId, parts[0]?.name ?? '');
    t.equal((await send(...parts)).imageId, first.imageId, 'and the same with the same');
  }
  t.equal((await send()).imageId, plain.imageId);
});

t.test('the same Idempotency-Key, other wishes', async (t) => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const file = image(pictureOf(1000));
  const first = await upload(api, [file, field('path', 'key.png')], { headers });
  t.equal(first.status, 202);
  const again = await upload(api, [file, field('path', 'key.png')], { headers });
  t.equal(again.json<Job>().id, first.json<Job>().id);
  const other = await upload(api, [file, field('path', 'other.png')], { headers });
  t.equal(problem(other).code, 'IDEMPOTENCY_KEY_REUSED');
});
