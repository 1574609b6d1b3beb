import { createServer } from 'node:net';
import { freePort } from '@tintype/local';
import t from 'tap';
import { type ConnectOptions, connect } from '../src/client.ts';
import type { PrismaClient } from '../src/generated/client.ts';
import { isDatabaseUnavailable, isDataError } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { startProxy } from './proxy.ts';

const { url } = await createTestDatabase();

function open(options: Partial<ConnectOptions> = {}): PrismaClient {
  const prisma = connect({ url, ...options });
  t.teardown(() => prisma.$disconnect());
  return prisma;
}

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const sleep = (prisma: PrismaClient) => prisma.$queryRaw`SELECT 1 FROM pg_sleep(30)`;
const kill = (prisma: PrismaClient) => prisma.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`;

async function aClosedPort(): Promise<string> {
  const closed = new URL(url);
  closed.port = String(await freePort());
  return closed.href;
}

async function aServerThatSaysNothing(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const silent = new URL(url);
  silent.port = String((server.address() as { port: number }).port);
  return silent.href;
}

const UNAVAILABLE: Record<string, () => Promise<unknown>> = {
  'a closed port': async () => open({ url: await aClosedPort() }).$queryRaw`SELECT 1`,
  'a server that says nothing': async () =>
    open({ url: await aServerThatSaysNothing(), connectTimeoutMs: 300 }).$queryRaw`SELECT 1`,
  'a backend that was terminated': () => kill(open()),
  'a statement that took too long': () => sleep(open({ statementTimeoutMs: 100 })),
  'a connection cut in the middle': async () => {
    const proxy = await startProxy(url);
    const prisma = open({ url: proxy.url });
    await prisma.$queryRaw`SELECT 1`;
    const slow = errorOf(sleep(prisma));
    setTimeout(proxy.cut, 200);
    throw await slow;
  },
  'a server that falls silent': async () => {
    const proxy = await startProxy(url);
    const prisma = open({ url: proxy.url, statementTimeoutMs: 100 });
    await prisma.$queryRaw`SELECT 1`;
    proxy.silence();
    await prisma.$queryRaw`SELECT 1`;
  },
  'a pool without a free connection': async () => {
    const prisma = open({ poolSize: 1, connectTimeoutMs: 300, statementTimeoutMs: 3000 });
    const slow = errorOf(sleep(prisma));
    try {
      await prisma.$queryRaw`SELECT 1`;
    } finally {
      await slow;
    }
  },
  'a row that stays locked': async () => {
    const [holder, waiter] = [open(), open({ lockTimeoutMs: 100 })];
    await holder.$transaction(async (tx) => {
      await tx.$executeRaw`LOCK TABLE tenants`;
      await waiter.$queryRaw`SELECT 1 FROM tenants`;
    });
  },
};

for (const [name, act] of Object.entries(UNAVAILABLE)) {
  t.test(`${name}: the database is unavailable, the data is not to blame`, async (t) => {
    const error = await errorOf(act());
    t.ok(isDatabaseUnavailable(error), String(error));
    t.notOk(isDataError(error));
  });
}

const ID = '00000000-0000-7000-8000-000000000000';

const DATA: Record<string, (prisma: PrismaClient) => Promise<unknown>> = {
  'a duplicate, by SQL': (prisma) => prisma.$executeRaw`
    INSERT INTO tenants (id, name) SELECT ${ID}::uuid, 'x' FROM generate_series(1, 2)`,
  'a missing parent, by SQL': (prisma) => prisma.$executeRaw`
    INSERT INTO jobs (id, tenant_id, image_id, request_id) VALUES (${ID}::uuid, ${ID}::uuid, ${ID}::uuid, 'r')`,
  'a missing parent, by model': (prisma) =>
    prisma.apiKey.create({ data: { id: 'a', tenantId: ID, name: 'x', secretSha256: new Uint8Array() } }),
  'a missing value': (prisma) => prisma.$executeRaw`INSERT INTO tenants (id) VALUES (${ID}::uuid)`,
  'a digest of the wrong length': (prisma) => prisma.$executeRaw`
    INSERT INTO images (id, tenant_id, object_key, bytes, sha256, format)
    VALUES (${ID}::uuid, ${ID}::uuid, 'k', 1, '\\x00', 'jpeg')`,
  'a text that is no UUID': (prisma) => prisma.$queryRaw`SELECT ${'x'}::uuid`,
  'a NUL in JSON': (prisma) => prisma.$queryRaw`SELECT ${'"\\u0000"'}::jsonb ->> 0`,
  'a number out of range': (prisma) => prisma.$queryRaw`SELECT ${'99999999999'}::int`,
  'a division by zero': (prisma) => prisma.$queryRaw`SELECT 1 / 0`,
};

for (const [name, act] of Object.entries(DATA)) {
  t.test(`${name}: the data is to blame, the database is there`, async (t) => {
    const error = await errorOf(act(open()));
    t.ok(isDataError(error), String(error));
    t.notOk(isDatabaseUnavailable(error));
  });
}

const OTHERS: unknown[] = [
  undefined,
  null,
  'text',
  17,
  {},
  new Error('x'),
  new TypeError('y', { cause: 'z' }),
];
for (const other of OTHERS) {
  t.test(`${String(other)} is neither`, async (t) => {
    t.notOk(isDatabaseUnavailable(other));
    t.notOk(isDataError(other));
  });
}

t.test('a mistake in SQL is neither', async (t) => {
  const error = await errorOf(open().$queryRaw`SELECT nonsense`);
  t.ok(error);
  t.notOk(isDatabaseUnavailable(error));
  t.notOk(isDataError(error));
});
