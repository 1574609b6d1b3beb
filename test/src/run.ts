// The test runner behind `npm test`: starts one PostgreSQL, Redis and S3 for all tests, runs them, and ends in one line.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createDatabase,
  type PostgresServer,
  ServiceUnavailableError,
  startPostgres,
  startRedis,
  startS3,
} from '@tintype/local';
import { migrate } from '@tintype/prisma';
import { runTap } from './tap.ts';

/** Every test file works on a copy of this database. */
const TEMPLATE = 'tintype_template';

interface Started {
  env: Record<string, string>;
  stop: () => Promise<void>;
}

const scratch = mkdtempSync(path.join(tmpdir(), 'tintype-test-'));

async function startDatabase(): Promise<Started> {
  const server: PostgresServer = await startPostgres({
    dataDir: path.join(scratch, 'postgres'),
    durable: false,
    maxConnections: 300,
  });
  await migrate(await createDatabase(server.url, TEMPLATE));
  return {
    env: { TEST_POSTGRES_URL: server.url, TEST_POSTGRES_TEMPLATE: TEMPLATE },
    stop: () => server.stop(),
  };
}

async function startQueue(): Promise<Started> {
  const { url, stop } = await startRedis({ progress: say });
  return { env: { REDIS_URL: url }, stop };
}

async function startObjectStore(): Promise<Started> {
  const s3 = await startS3({ progress: say });
  return {
    env: {
      TEST_S3_ENDPOINT: s3.endpoint,
      TEST_S3_ACCESS_KEY_ID: s3.accessKeyId,
      TEST_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      TEST_S3_REGION: s3.region,
    },
    stop: s3.stop,
  };
}

/** Where a service can't be had its tests are skipped by name; in CI that is a failure. */
async function orSkipped(name: string, start: () => Promise<Started>): Promise<Started> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof ServiceUnavailableError) || process.env.CI === 'true') throw error;
    say(`no ${name} here (${error.reason}): its tests are skipped`);
    return { env: { [`TEST_NO_${name.toUpperCase()}`]: error.reason }, stop: async () => undefined };
  }
}

async function main(): Promise<number> {
  say('starting PostgreSQL, Redis and S3 …');
  const starting = [startDatabase(), orSkipped('redis', startQueue), orSkipped('s3', startObjectStore)];
  const outcomes = await Promise.allSettled(starting);
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  try {
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    const env = Object.assign({}, ...started.map((one) => one.env)) as Record<string, string>;
    return await runTap(process.argv.slice(2), env);
  } finally {
    await Promise.all(started.map((one) => one.stop()));
    rmSync(scratch, { recursive: true, force: true });
  }
}

function say(text: string): void {
  process.stderr.write(`tintype: ${text}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    say(error.message);
    process.exit(1);
  },
);
