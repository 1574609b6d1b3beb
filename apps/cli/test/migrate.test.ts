import t from 'tap';
import { emptyDatabase, run } from './command.ts';

t.test('migrate, and again', async (t) => {
  const env = await emptyDatabase();
  const first = await run(['migrate'], env);
  t.equal(first.code, 0, first.err);
  t.match(first.out, /^applied \d{14}_intake$/m);
  t.same(await run(['migrate'], env), { code: 0, out: 'the database is up to date\n', err: '' });

  const queue = { ...env, QUEUE_URL: env.DATABASE_URL };
  t.equal((await run(['migrate'], queue)).code, 0, 'with a queue in PostgreSQL');
  t.equal((await run(['migrate'], queue)).code, 0);
  t.equal(
    (await run(['migrate'], { ...env, QUEUE_URL: 'redis://127.0.0.1:1' })).code,
    0,
    'with one in Redis',
  );

  const together = await emptyDatabase();
  const outcomes = await Promise.all([1, 2, 3].map(() => run(['migrate'], together)));
  t.same(
    outcomes.map(({ code }) => code),
    [0, 0, 0],
    'several at once wait for each other',
  );
});
