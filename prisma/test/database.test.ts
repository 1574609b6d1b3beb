import { createServer, type Socket } from 'node:net';
import t from 'tap';
import { isDatabaseUnavailable, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { anImage, beginUpload } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();

t.test('ping', async (t) => {
  await t.resolves(db.ping());
});

t.test('ping rejects by itself when the server accepts and says nothing', async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const hung = openDatabase({ url: `postgres://nobody@127.0.0.1:${port}/nothing` });
  t.teardown(() => hung.close());
  const error = await hung.ping().catch((reason: unknown) => reason);
  t.ok(isDatabaseUnavailable(error), String(error));
});

t.test('a pool whose connections were all ended goes on', async (t) => {
  const own = openDatabase({ url, poolSize: 3 });
  t.teardown(() => own.close());
  await Promise.all([own.ping(), own.ping(), own.ping()]);
  await query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'tintype'`,
  );
  await eventually(() =>
    own.ping().then(
      () => true,
      () => false,
    ),
  );
  t.pass('the process is still here, too');
});

t.test('close waits for what was added', async (t) => {
  const own = openDatabase({ url, poolSize: 1 });
  const images = Array.from({ length: 300 }, () => anImage());
  const begun = Promise.all(images.map((image) => beginUpload(own, image)));
  await own.close();
  const ids = images.map((image) => image.imageId);
  t.equal((await query('SELECT 1 FROM uploads WHERE id = ANY($1)', [ids])).length, 300);
  await begun;
});
