// What becomes of connections on which PostgreSQL said nothing any more.
import t from 'tap';
import { connect } from '../src/client.ts';
import { isDatabaseUnavailable, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { startProxy } from './proxy.ts';
import { anImage, beginUpload } from './queued-job.ts';

const { url, query } = await createTestDatabase();
const BOUNDS = { connectTimeoutMs: 300, statementTimeoutMs: 300, lockTimeoutMs: 200 };
/** The client gives up a second after the server should have, and the pool before that. The rest is for a busy machine. */
const LONGEST_MS = 10_000;

async function fails(action: () => Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const begunAt = performance.now();
  const error = await action().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, ms: performance.now() - begunAt };
}

t.test('a transaction that got no answer leaves no open transaction in the pool', async (t) => {
  const proxy = await startProxy(url);
  const prisma = connect({ url: proxy.url, poolSize: 1, ...BOUNDS });
  t.teardown(() => prisma.$disconnect());
  const upload = (id: string) =>
    prisma.$executeRaw`INSERT INTO uploads (id, tenant_id, object_key) VALUES (${id}::uuid, ${id}::uuid, 'a')`;
  const [lost, kept] = [crypto.randomUUID(), crypto.randomUUID()];
  const { error, ms } = await fails(() =>
    prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1`;
      proxy.silence();
      await tx.$executeRaw`INSERT INTO uploads (id, tenant_id, object_key) VALUES (${lost}::uuid, ${lost}::uuid, 'a')`;
    }),
  );
  t.ok(isDatabaseUnavailable(error), String(error));
  t.ok(ms < LONGEST_MS, `${ms} ms`);
  proxy.speak();
  await upload(kept);
  const ids = (await query<{ id: string }>('SELECT id FROM uploads WHERE id = ANY($1)', [[lost, kept]])).map(
    ({ id }) => id,
  );
  t.same(ids, [kept], 'committed for everybody to see');
});

t.test('every call ends in time while nothing answers, and the next one after that succeeds', async (t) => {
  const proxy = await startProxy(url);
  const db = openDatabase({ url: proxy.url, poolSize: 3, ...BOUNDS });
  t.teardown(() => db.close());
  await Promise.all([db.ping(), db.ping(), db.ping()]);
  proxy.silence();
  const image = anImage();
  const calls: (() => Promise<unknown>)[] = [
    ...Array.from({ length: 8 }, () => () => db.ping()),
    ...Array.from({ length: 250 }, () => () => beginUpload(db, anImage())),
    () => db.images.remove(image.tenantId, image.imageId),
    () =>
      db.idempotency.begin(
        { tenantId: image.tenantId, key: 'a', owner: image.imageId },
        { leaseMs: 1, keepMs: 1 },
      ),
  ];
  const ends = await Promise.all(calls.map(fails));
  t.ok(ends.every(({ error }) => isDatabaseUnavailable(error)));
  t.ok(
    ends.every(({ ms }) => ms < LONGEST_MS),
    `${Math.max(...ends.map(({ ms }) => ms))} ms`,
  );
  proxy.speak();
  const begunAt = performance.now();
  await Promise.all([db.ping(), beginUpload(db, image), db.ping(), db.ping()]);
  const ms = performance.now() - begunAt;
  t.ok(ms < LONGEST_MS, `${ms} ms`);
});
