// What happens to jobs when processes end: by force, and with grace.
import sharp from 'sharp';
import t from 'tap';
import { ended, get, post, startService } from './processes.ts';

const jpeg = await sharp({ create: { width: 32, height: 24, channels: 3, background: '#246' } })
  .jpeg()
  .toBuffer();

t.test('a killed worker loses nothing', async (t) => {
  const service = await startService({ LEASE_MS: '2000', RECONCILE_QUIET_MS: '500' });
  const posts = await Promise.all(
    Array.from({ length: 40 }, async () => (await (await post(service, jpeg)).json()) as { id: string }),
  );
  service.worker.kill('SIGKILL');
  await ended(service.worker);
  posts.push(
    ...(await Promise.all(
      Array.from({ length: 10 }, async () => (await (await post(service, jpeg)).json()) as { id: string }),
    )),
  );
  await service.startWorker();
  const jobs = await Promise.all(posts.map(({ id }) => get(service, `/jobs/${id}?wait=60`)));
  t.same([...new Set(jobs.map(({ body }) => body.status))], ['completed']);
});

t.test('SIGTERM: the api finishes what it has begun and both exit with 0', async (t) => {
  const service = await startService();
  const accepted = (await (await post(service, jpeg)).json()) as { id: string };
  await get(service, `/jobs/${accepted.id}?wait=30`);
  const uploading = post(
    service,
    await sharp({ create: { width: 3000, height: 3000, channels: 3, background: '#246' } })
      .png()
      .toBuffer(),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  service.api.kill('SIGTERM');
  service.worker.kill('SIGTERM');
  t.ok([202, 503].includes((await uploading.catch(() => ({ status: 503 }))).status));
  t.equal(await ended(service.api), 0);
  t.equal(await ended(service.worker), 0);
});

t.test('a child whose parent is gone ends by itself', async (t) => {
  const service = await startService();
  service.api.disconnect();
  service.worker.disconnect();
  t.equal(await ended(service.api), 0);
  t.equal(await ended(service.worker), 0);
});
