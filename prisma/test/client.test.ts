import t from 'tap';
import { type ConnectOptions, connect } from '../src/client.ts';
import { createTestDatabase } from './database.ts';

const { url } = await createTestDatabase();

const BOUNDS: [string, Partial<ConnectOptions>, { statement: string; lock: string }][] = [
  ['by default', {}, { statement: '5s', lock: '2s' }],
  ['as told', { statementTimeoutMs: 1234, lockTimeoutMs: 500 }, { statement: '1234ms', lock: '500ms' }],
];

for (const [name, options, bounds] of BOUNDS) {
  t.test(`statements and locks are bounded ${name}`, async (t) => {
    const prisma = connect({ url, ...options });
    t.teardown(() => prisma.$disconnect());
    const rows = await prisma.$queryRaw`
      SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
             current_setting('application_name') AS who`;
    t.same(rows, [{ ...bounds, who: 'tintype' }]);
  });
}

t.test('the pool opens no more connections than it may', async (t) => {
  const prisma = connect({ url, poolSize: 3 });
  t.teardown(() => prisma.$disconnect());
  const calls = Array.from(
    { length: 30 },
    () => prisma.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid FROM pg_sleep(0.01)`,
  );
  const pids = new Set((await Promise.all(calls)).map((rows) => rows[0]?.pid));
  t.ok(pids.size <= 3, `${pids.size}`);
});
