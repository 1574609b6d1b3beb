// An address that is signed lets in whoever has it: it stands in no log.
import t from 'tap';
import { request } from 'undici';
import type { Job } from '../../src/schemas/job.ts';
import { addKey, makeParts } from '../app.ts';
import { BOUNDARY, encode, image } from '../client.ts';
import { eventually } from '../eventually.ts';
import { startProcess } from '../process.ts';

t.test('a signed address is in no log, whatever becomes of it', async (t) => {
  const parts = await makeParts();
  t.teardown(parts.remove);
  const key = await addKey(parts.rows, { tenantId: crypto.randomUUID() });
  const api = await startProcess({ ...parts.env, LOG_LEVEL: 'trace', RENDER_WAIT_MS: '10' });
  const ask = async (
    path: string,
    { method = 'GET', headers = {}, body = null as string | Buffer | null } = {},
  ) => {
    const answer = await request(`http://127.0.0.1:${api.port}${path}`, {
      method: method as 'GET',
      headers,
      body,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const form = { 'x-api-key': key, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
  const sent = await ask('/v1/jobs', { method: 'POST', headers: form, body: encode([image()]) });
  const { imageId } = JSON.parse(sent.text) as Job;
  const made = await ask(`/v1/images/${imageId}/signed-urls`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: '{"expiresInSeconds":600}',
  });
  const { url } = JSON.parse(made.text) as { url: string };
  const signature = url.slice(url.indexOf('signature=') + 10);
  const table: [path: string, status: number][] = [
    [url, 503],
    [`${url}&width=1`, 403],
    [url.replace('render', 'nothing'), 404],
    [url.replace(/images.*\/render/, 'images/%zz/render'), 404],
  ];
  for (const [path, status] of table) t.equal((await ask(path)).status, status, path);
  const said = await eventually(
    api.said,
    (text) => text.split('RENDER_TIMEOUT').length > 2 && text.includes('SIGNATURE_INVALID'),
  );
  t.match(said, /"route":"\/v1\/images\/:id\/render"/);
  t.equal(signature.length, 43);
  t.notOk(said.includes(signature), 'the signature');
  t.notOk(said.includes('expires='), 'nor the query');
});
