import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, dropDatabase } from '@tintype/local';
import { Redis } from 'ioredis';
import pg from 'pg';
import t, { type Test } from 'tap';
import { type MaintenanceTask, migrateQueue, openMaintenance } from '../src/index.ts';
import { eventually } from './eventually.ts';
import { makeGate } from './queue-ends.ts';

const { REDIS_URL: redisUrl = '', TEST_NO_REDIS: noRedis, TEST_POSTGRES_URL: server } = process.env;
if (server === undefined) throw new Error('Run tests by "npm test -- packages/core".');
const database = await createDatabase(server, `test_${crypto.randomUUID().replaceAll('-', '')}`);
t.teardown(() => dropDatabase(database));

interface TestQueue {
  url: string;
  lose: () => Promise<void>;
}

async function onPostgres(): Promise<TestQueue> {
  const schema = `queue_${crypto.randomUUID().slice(0, 8)}`;
  const url = `${database}?schema=${schema}`;
  await migrateQueue(url);
  const lose = async () => {
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    await client.query(`TRUNCATE ${schema}.job, ${schema}.scheduler CASCADE`);
    await client.end();
  };
  return { url, lose };
}

async function onRedis(): Promise<TestQueue> {
  const prefix = `test-${crypto.randomUUID()}`;
  const lose = async () => {
    const redis = new Redis(redisUrl);
    const keys = await redis.keys(`${prefix}:*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  };
  t.teardown(lose);
  return { url: `${redisUrl}?prefix=${prefix}`, lose };
}

const BACKENDS = [
  { name: 'postgres', skip: false, makeQueue: onPostgres },
  { name: 'redis', skip: noRedis ?? false, makeQueue: onRedis },
];

for (const { name, skip, makeQueue } of BACKENDS) {
  t.test(`maintenance on ${name}`, { skip }, async (t) => {
    const open = async (t: Test, url: string, tasks: MaintenanceTask[]) => {
      const errors: Error[] = [];
      const options = { renewEveryMs: 300, onError: (error: Error) => errors.push(error) };
      const maintenance = await openMaintenance(url, tasks, options);
      t.teardown(() => maintenance.close(0));
      return { maintenance, errors };
    };
    const count = (everyMs: number, name = 'task') => {
      const run = async () => {
        task.runs += 1;
      };
      const task = { name, everyMs, runs: 0, run };
      return task;
    };

    t.test('a task runs at once, and again and again', async (t) => {
      const { url } = await makeQueue();
      const [often, seldom] = [count(200, 'often'), count(3_600_000, 'seldom')];
      await open(t, url, [often, seldom]);
      await eventually(() => often.runs >= 4 && seldom.runs >= 1);
      t.equal(seldom.runs, 1, 'writing the schedulers again starts nothing');
    });

    t.test('of three workers one runs it', async (t) => {
      const { url } = await makeQueue();
      const tasks = [count(500), count(500), count(500)];
      const begun = performance.now();
      for (const task of tasks) await open(t, url, [task]);
      const runs = () => tasks.reduce((sum, task) => sum + task.runs, 0);
      await eventually(() => runs() >= 6);
      t.ok(runs() <= (performance.now() - begun) / 500 + 4, `${runs()} runs`);
    });

    t.test('a failure ends its own run alone', async (t) => {
      const { url } = await makeQueue();
      const fine = count(100, 'fine');
      let failures = 0;
      const bad = {
        name: 'bad',
        everyMs: 100,
        run: async () => {
          failures += 1;
          throw new Error('no luck');
        },
      };
      const { errors } = await open(t, url, [bad, fine]);
      await eventually(() => failures >= 3 && fine.runs >= 3);
      t.ok(errors.every(({ message }) => message === 'no luck'));
    });

    t.test('an emptied queue gets its schedulers back', async (t) => {
      const { url, lose } = await makeQueue();
      const task = count(200);
      await open(t, url, [task]);
      await eventually(() => task.runs >= 2);
      await lose();
      const before = task.runs;
      await eventually(() => task.runs >= before + 3);
      t.pass('it goes on');
    });

    t.test('a changed interval counts, and 0 is never', async (t) => {
      const { url } = await makeQueue();
      const slow = count(3_600_000);
      const { maintenance } = await open(t, url, [slow]);
      await eventually(() => slow.runs === 1);
      await maintenance.close(1000);
      const fast = count(150);
      const second = await open(t, url, [fast]);
      await eventually(() => fast.runs >= 3);
      await second.maintenance.close(1000);
      const never = count(0);
      await open(t, url, [never]);
      await sleep(1000);
      // What had been due when the scheduler went may still come.
      t.ok(never.runs <= 1, `${never.runs} runs`);
    });

    t.test('one that does not end holds up no other, and is not begun again beside itself', async (t) => {
      const { url } = await makeQueue();
      const gate = makeGate();
      let begun = 0;
      const run = async () => {
        begun += 1;
        await gate.passed;
      };
      const fine = count(100, 'fine');
      await open(t, url, [{ name: 'endless', everyMs: 100, run }, fine]);
      await eventually(() => begun === 1);
      const before = fine.runs;
      await eventually(() => fine.runs >= before + 5);
      t.equal(begun, 1);
      gate.open();
      await eventually(() => begun >= 2);
    });

    t.test('close waits for what runs, for so long', async (t) => {
      const { url } = await makeQueue();
      const gate = makeGate();
      let [begun, ended] = [0, 0];
      const run = async () => {
        begun += 1;
        await gate.passed;
        ended += 1;
      };
      const { maintenance } = await open(t, url, [{ name: 'long', everyMs: 100, run }]);
      await eventually(() => begun === 1);
      const closed = maintenance.close(20_000);
      setTimeout(gate.open, 200);
      await closed;
      t.same([begun, ended], [1, 1]);
    });
  });
}
