// The load generator and the sink, together, as they are used: every upload arrives whole and is stored under its hash.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { runClosedLoop } from '../src/closed-loop.ts';
import { encodeUpload, stampText } from '../src/multipart.ts';
import { runPacedLoop } from '../src/paced-loop.ts';

const bodies = [encodeUpload(Buffer.from(`first ${stampText}`), 'image', 'a.jpg')];

async function startServer(
  t: { teardown(fn: () => unknown): void },
  answer: (hash: string, method: string) => { status: number; job?: object },
) {
  const server = createServer(async (request, response) => {
    const hash = createHash('sha256');
    for await (const chunk of request) hash.update(chunk);
    const { status, job } = answer(hash.digest('hex'), request.method ?? '');
    response.writeHead(status).end(JSON.stringify(job ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs`;
}

t.test('a closed loop sends distinct uploads until enough are accepted', async (t) => {
  const hashes: string[] = [];
  const url = await startServer(t, (hash) => {
    hashes.push(hash);
    return { status: hashes.length === 3 ? 503 : 202 };
  });
  const report = await runClosedLoop(
    { kind: 'closed', url, headers: {}, images: [], concurrency: 4, count: 10 },
    bodies,
  );
  t.match(report, { accepted: 10, refused: { 503: 1 } });
  t.equal(new Set(hashes).size, hashes.length);
});

t.test('a paced loop follows each job to its end', async (t) => {
  let asked = 0;
  const url = await startServer(t, (_, method) => {
    if (method === 'POST') return { status: 202, job: { id: '1', status: 'queued' } };
    asked += 1;
    return { status: 200, job: { id: '1', status: asked % 2 ? 'processing' : 'completed' } };
  });
  const report = await runPacedLoop(
    { kind: 'paced', url, headers: {}, images: [], ratePerSecond: 50, count: 3 },
    bodies,
  );
  t.equal(report.accepted, 3);
  t.same(report.refused, {});
  t.ok(asked >= 4);
});

t.test('a server that always refuses ends the loop', async (t) => {
  const url = await startServer(t, () => ({ status: 429 }));
  const report = await runClosedLoop(
    { kind: 'closed', url, headers: {}, images: [], concurrency: 2, count: 4 },
    bodies,
  );
  t.equal(report.accepted, 0);
  t.ok((report.refused[429] ?? 0) > 4);
});
