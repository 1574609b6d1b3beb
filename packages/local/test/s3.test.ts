// An S3 server of our own, or the one TEST_S3_ENDPOINT names.
import t from 'tap';
import { type S3Server, startS3 } from '../src/index.ts';
import { isAlive } from '../src/scratch.ts';
import { comesTrue, makeFolder } from './folder.ts';
import { startOrSkip } from './start-or-skip.ts';

async function answers(server: S3Server): Promise<number> {
  return fetch(server.endpoint).then(
    (response) => response.status,
    () => 0,
  );
}

t.test('answers', async (t) => {
  const server = await startOrSkip(t, () => startS3({ workDir: makeFolder(t) }));
  if (server === undefined) return;
  t.ok([200, 403].includes(await answers(server)));
  t.not(server.accessKeyId, '');
  t.not(server.secretAccessKey, '');
  t.equal(typeof server.region, 'string');
  await server.stop();
  if (server.pids.length === 0) return;
  await server.stop();
  t.equal(await answers(server), 0);
  t.ok(await comesTrue(() => !server.pids.some(isAlive)), 'stop leaves no process');
});

t.test('TEST_S3_ENDPOINT is used as it is', async (t) => {
  const before = process.env.TEST_S3_ENDPOINT;
  process.env.TEST_S3_ENDPOINT = 'http://elsewhere.example:9000';
  const server = await startS3();
  if (before === undefined) delete process.env.TEST_S3_ENDPOINT;
  else process.env.TEST_S3_ENDPOINT = before;
  t.match(server, { endpoint: 'http://elsewhere.example:9000', pids: [] });
  await server.stop();
});
