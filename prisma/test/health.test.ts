import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { watchDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { startProxy } from './proxy.ts';

const { url, query } = await createTestDatabase();

t.test('a database that falls silent is away, and back when it answers', async (t) => {
  const proxy = await startProxy(url);
  const health = watchDatabase(proxy.url, { everyMs: 50, withinMs: 500 });
  t.teardown(() => health.close());
  await health.known;
  t.ok(health.isUp);
  const told: string[] = [];
  const stop = health.onAway(() => told.push('first'));
  health.onAway(() => told.push('second'));
  proxy.silence();
  await eventually(() => !health.isUp);
  t.same(told, ['first', 'second']);
  proxy.speak();
  await eventually(() => health.isUp);
  stop();
  proxy.silence();
  await eventually(() => !health.isUp);
  t.same(told, ['first', 'second', 'second'], 'once for each time, and to those who listen');
});

t.test('one that answers others is slow at most', async (t) => {
  const proxy = await startProxy(url);
  const health = watchDatabase(proxy.url, { everyMs: 50, withinMs: 300 });
  t.teardown(() => health.close());
  await health.known;
  proxy.silence();
  const answers = setInterval(() => health.answered(), 50);
  await sleep(1500);
  t.ok(health.isUp);
  clearInterval(answers);
  await eventually(() => !health.isUp);
});

t.test('a connection that is ended is no database that is away', async (t) => {
  const health = watchDatabase(url, { everyMs: 20 });
  t.teardown(() => health.close());
  await health.known;
  let isAway = false;
  health.onAway(() => {
    isAway = true;
  });
  const own = `FROM pg_stat_activity WHERE application_name = 'tintype-health' AND datname = current_database()`;
  const [before] = await query<{ pid: number }>(`SELECT pid ${own}`);
  await query(`SELECT pg_terminate_backend($1)`, [before?.pid]);
  const isNew = async () => {
    const [now] = await query<{ pid: number }>(`SELECT pid ${own}`);
    return now !== undefined && now.pid !== before?.pid;
  };
  await eventually(isNew);
  t.notOk(isAway);
});

t.test('one that refuses is away from the first look on', async (t) => {
  const health = watchDatabase('postgres://127.0.0.1:1/none');
  await health.known;
  t.notOk(health.isUp);
  await health.close();
});
