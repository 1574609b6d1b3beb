// The main job through the real processes: post, wait, read, as a client does it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import sharp from 'sharp';
import t from 'tap';
import { ROOT } from '../src/service/root.ts';
import { get, post, startService } from './processes.ts';

const QUEUES = [
  { queue: 'postgres', skip: false },
  { queue: 'redis', skip: process.env.TEST_NO_REDIS ?? false },
] as const;

const photo = await readFile(path.join(ROOT, 'examples/lighthouse.jpg'));

for (const { queue, skip } of QUEUES) {
  t.test(`queue on ${queue}`, { skip }, async (t) => {
    const service = await startService({}, queue);
    const lines: string[] = [];
    service.worker.stdout?.on('data', (text) => lines.push(String(text)));

    t.test('a photograph comes back described', async (t) => {
      const answer = await post(service, photo, { prefer: 'wait=30', 'x-request-id': 'main-job-request' });
      t.equal(answer.status, 200);
      const job = (await answer.json()) as Record<string, never>;
      t.match(job, {
        status: 'completed',
        attempt: 1,
        image: { width: 1600, height: 1066, format: 'jpeg', bytes: photo.length },
      });
      t.match(job.image, {
        metadata: {
          exif: { make: 'Tintype', tags: { Make: 'Tintype' } },
          gps: { latitude: Number },
          icc: { description: /sRGB/ },
          placeholder: { thumbhash: String },
          sections: { header: 'ok', exif: 'ok', pixels: 'ok' },
        },
      });

      const original = await fetch(`${service.address}/v1/images/${job.imageId}/original`, {
        headers: { 'x-api-key': service.key },
      });
      t.ok(Buffer.from(await original.arrayBuffer()).equals(photo));
      const { body } = await get(service, `/images/${job.imageId}/metadata`);
      t.match(body, { file: { name: 'photo.jpg', format: 'jpeg' }, image: { width: 1600, height: 1066 } });
      t.match(lines.join(''), /main-job-request/, 'the request id reaches the worker’s log');
    });

    t.test('a hundred at once all complete, and each answer is its own', async (t) => {
      const sizes = Array.from({ length: 100 }, (_, index) => 20 + index);
      const widths = await Promise.all(
        sizes.map(async (width) => {
          const file = await sharp({ create: { width, height: 10, channels: 3, background: '#123' } })
            .jpeg()
            .toBuffer();
          const accepted = (await (await post(service, file)).json()) as { id: string };
          const { body } = await get(service, `/jobs/${accepted.id}?wait=60`);
          t.equal(body.status, 'completed');
          return (body.image as { width: number }).width;
        }),
      );
      t.same(widths, sizes);
    });

    t.test('every POST stands in the request log', async (t) => {
      const client = new pg.Client({ connectionString: service.databaseUrl });
      await client.connect();
      const { rows } = await client.query(
        `SELECT count(*)::int AS rows, count(DISTINCT request_id)::int AS ids, min(host(ip)) AS ip, min(principal) AS principal
         FROM request_logs WHERE route = '/v1/jobs' AND method = 'POST' AND status IN (200, 202)`,
      );
      await client.end();
      t.match(rows[0], { rows: 101, ids: 101, ip: '127.0.0.1', principal: /^\w{12}$/ });
    });
  });
}
