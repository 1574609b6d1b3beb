// Everything one scenario stands on, its own alone: servers behind proxies, processes under a supervisor, clients, a sink.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { freePort, type S3Server } from '@tintype/local';
import { createClosing } from '../service/closing.ts';
import type { Pictures } from '../service/pictures.ts';
import { type Supervised, supervise } from '../service/supervised.ts';
import { type Bucket, openBucket } from './bucket.ts';
import { type Front, openFront } from './front.ts';
import { createLoad, type Load } from './load.ts';
import { type FaultyPostgres, openPostgres } from './postgres-server.ts';
import type { Prepared } from './prepared-postgres.ts';
import { type Random, randomOf } from './random.ts';
import { type FaultyRedis, openRedis } from './redis-server.ts';
import type { Measures, Scenario } from './scenario.ts';
import { openSink, type Sink } from './sink.ts';
import type { Outcome, System } from './system.ts';

/** What all scenarios of a run share. */
export interface Ground {
  folder: string;
  s3: S3Server;
  prepared: Prepared;
  pictures: Pictures;
  system: System;
  queue: 'redis' | 'postgres';
  seed: number;
  /** Images accepted in a scenario, at least. */
  least: number;
}

export interface World {
  scenario: Scenario;
  logFolder: string;
  system: System;
  random: Random;
  pictures: Pictures;
  postgres: FaultyPostgres;
  redis: FaultyRedis;
  bucket: Bucket;
  sink: Sink;
  apis: Supervised[];
  workers: Supervised[];
  front: Front;
  load: Load;
  /** What its processes were started with. */
  env: Record<string, string>;
  /** Ids of jobs whose images are bad on purpose. */
  expectedToFail: Set<string>;
  /** Requests a second while something is broken. */
  pace: number;
  /** Images to be accepted at least. */
  least: number;
  /** When the fault began and ended, by the clock on the wall. */
  fault: { beganAt?: number; endedAt?: number };
  preconditions: string[];
  failures: string[];
  notes: string[];
  measures: Measures;
  /** What must be so for the scenario to mean anything. */
  precondition(holds: boolean, sentence: string): void;
  expect(holds: boolean, sentence: string): void;
  outcomes(): Promise<Outcome[]>;
  /** Accepted jobs that have not ended. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

/** The object store is a little way off: so a worker's rate is limited by its concurrency, and not by this machine's processors. */
export const STORE_DELAY_MS = 20;

export async function openWorld(scenario: Scenario, ground: Ground): Promise<World> {
  const { name, apis: apiCount = 1, workers: workerCount = 1 } = scenario;
  const { system, pictures } = ground;
  const folder = path.join(ground.folder, name);
  await mkdir(folder, { recursive: true });
  const random = randomOf(ground.seed, name);
  const { opened, first, close } = createClosing();

  try {
    const [postgres, redis, bucket, sink] = await Promise.all([
      opened(openPostgres(ground.prepared.folder, folder), (it) => it.stop()),
      opened(openRedis(folder, scenario.redis), (it) => it.stop()),
      opened(openBucket(ground.s3, `faults-${name}-${random.below(1e9)}`), (it) => it.close()),
      opened(openSink(), (it) => it.close()),
    ]);
    bucket.proxy.delay(STORE_DELAY_MS);
    const ports = await Promise.all(Array.from({ length: apiCount }, freePort));
    const env = {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: postgres.url,
      QUEUE_URL: ground.queue === 'redis' ? redis.url : postgres.url,
      OBJECT_STORE_URL: bucket.url,
      ...bucket.env,
      HOST: '127.0.0.1',
      SINK_URL: sink.url('endpoint'),
      ...system.env,
      ...scenario.env,
    };
    const run = (room: 'api' | 'worker', main: string, number: number, more: Record<string, string> = {}) =>
      supervise({
        name: `${room} ${number + 1}`,
        main,
        env: { ...env, ...more },
        logFile: path.join(folder, `${room}-${number + 1}.log`),
      });
    const apis = ports.map((port, number) => run('api', system.apiMain, number, { PORT: String(port) }));
    const workers = Array.from({ length: workerCount }, (_, number) =>
      run('worker', system.workerMain, number),
    );
    first(() => Promise.all([...apis, ...workers].map((one) => one.stop('SIGKILL'))));
    await Promise.all([...apis, ...workers].map((one) => one.ready()));
    const front = openFront(
      ports.map((port) => `http://127.0.0.1:${port}`),
      ground.prepared.apiKey,
    );
    first(() => front.close());
    await system.subscribe(front.door(0), sink);
    const load = createLoad({
      front,
      pictures,
      random: randomOf(ground.seed, `load of ${name}`),
      callbackUrl: system.name === 'naive' ? undefined : sink.url,
    });

    const world: World = {
      scenario,
      logFolder: folder,
      system,
      random,
      pictures,
      postgres,
      redis,
      bucket,
      sink,
      apis,
      workers,
      front,
      load,
      env,
      expectedToFail: new Set(),
      pace: 25,
      least: ground.least,
      fault: {},
      preconditions: [],
      failures: [],
      notes: [],
      measures: {},
      precondition: (holds, sentence) => {
        world.preconditions.push(sentence);
        if (!holds) world.failures.push(`precondition not met: ${sentence}`);
      },
      expect: (holds, sentence) => void (holds || world.failures.push(sentence)),
      outcomes: () => system.outcomes(postgres),
      waiting: async () => {
        const ended = new Set(
          (await system.outcomes(postgres)).flatMap(({ id, finishedAt }) =>
            finishedAt === null ? [] : [id],
          ),
        );
        return load.accepted().filter(({ id }) => !ended.has(id)).length;
      },
      close,
    };
    return world;
  } catch (error) {
    await close();
    throw error;
  }
}
