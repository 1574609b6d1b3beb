import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '@tintype/local';
import { newId } from '@tintype/prisma';
import t from 'tap';
import { NO_TRACES, startApi } from './app.ts';
import { call, field, image, problem, upload } from './client.ts';
import { pictureOf } from './pictures.ts';

process.env.AWS_ACCESS_KEY_ID ??= 'test';
process.env.AWS_SECRET_ACCESS_KEY ??= 'test';

/** A folder that can't be made, for its parent is a file: root may write anywhere else. */
async function impossibleFolder(): Promise<string> {
  const file = join(tmpdir(), `tintype-file-${crypto.randomUUID()}`);
  await writeFile(file, '');
  return `${pathToFileURL(file).href}/store`;
}

/** Accepts connections and ends them: a proxy whose server is gone. */
async function startHangUp(): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as { port: number }).port;
}

const stores: [what: string, url: string][] = [
  ['a folder that can not be made', await impossibleFolder()],
  ['S3 that refuses', `s3://bucket?endpoint=http://127.0.0.1:${await freePort()}&region=us-east-1`],
  ['S3 that hangs up', `s3://bucket?endpoint=http://127.0.0.1:${await startHangUp()}&region=us-east-1`],
];

for (const [what, url] of stores) {
  t.test(what, async (t) => {
    const api = await startApi({ env: { OBJECT_STORE_URL: url } });
    for (const parts of [[image()], [image(pictureOf(2_000_000)), field('title', 'a')]]) {
      const answer = await upload(api, parts);
      t.equal(answer.status, 503);
      t.equal(problem(answer).code, 'OBJECT_STORE_UNAVAILABLE');
      t.equal(answer.headers['retry-after'], '2');
      t.notMatch(answer.body.toString(), /127\.0\.0\.1|tintype-file|ENO/, 'tells nothing of the inside');
    }
    const { images, jobs, events } = await api.traces();
    t.same({ images, jobs, events }, { images: 0, jobs: 0, events: 0 });
    t.equal((await call(api, '/readyz')).status, 200, 'reading still works');
    t.equal((await call(api, '/v1/jobs')).status, 200);
  });
}

t.test('a store that fails once is no reason to remember anything', async (t) => {
  const api = await startApi({
    swap: ({ objects }) => {
      let failures = 2;
      const failFirst = <Args extends unknown[]>(store: (...args: Args) => Promise<void>) => {
        return async (...args: Args) => {
          await store(...args);
          failures -= 1;
          if (failures >= 0) throw new Error('the answer was lost');
        };
      };
      return {
        objects: { ...objects, put: failFirst(objects.put), putStream: failFirst(objects.putStream) },
      };
    },
  });
  const large = [image(pictureOf(2_000_000))];
  for (const parts of [[image()], large]) {
    const answer = await upload(api, parts);
    t.equal(answer.status, 500);
    t.equal(problem(answer).code, 'INTERNAL');
    t.notMatch(answer.body.toString(), 'the answer was lost');
    t.same(await api.traces(), NO_TRACES, 'stored, and taken back');
  }
  t.equal((await upload(api, large)).status, 202);
});

t.test('an original that can not be read now', async (t) => {
  const url = `s3://bucket?endpoint=http://127.0.0.1:${await freePort()}&region=us-east-1`;
  const api = await startApi({ env: { OBJECT_STORE_URL: url } });
  const imageId = newId();
  await api.database.uploads.begin({ id: imageId, tenantId: api.tenantId, objectKey: 'a' });
  await api.database.uploads.accept({
    ...{
      imageId,
      jobId: newId(),
      tenantId: api.tenantId,
      bytes: 10,
      sha256Hex: '0'.repeat(64),
      format: 'png',
      requestId: 'a',
      options: {},
    },
    ...{ fileName: null, declaredMimeType: null, title: null, tags: [] },
    ...{
      webhookUrl: null,
      traceparent: null,
      contentDigestHex: null,
      idempotency: null,
      path: null,
      isPublic: false,
    },
  });
  const path = `/v1/images/${imageId}/original`;
  const answer = await call(api, path);
  t.equal(answer.status, 503);
  t.equal(problem(answer).code, 'OBJECT_STORE_UNAVAILABLE');
  t.equal(answer.headers['retry-after'], '2');
  t.equal(answer.headers['cache-control'], 'no-store', 'an error is not for keeping');
  t.equal((await call(api, path, { method: 'HEAD' })).status, 200, 'the head needs no store');
});
