// The program that Pulumi runs between the database and the services: the migration as a task of ECS, waited for. Reads the environment alone.
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { type OneOffTask, runToEnd, TaskFailedError } from './one-off-task.ts';

const MINUTE_MS = 60_000;

/** @throws Error that names the variable that is missing or wrong */
export function readTask(env: NodeJS.ProcessEnv): OneOffTask {
  const text = (name: string) => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`${name} is not set.`);
    return value;
  };
  const list = (name: string) => text(name).split(',');
  const assignPublicIp = text('ASSIGN_PUBLIC_IP');
  if (assignPublicIp !== 'ENABLED' && assignPublicIp !== 'DISABLED')
    throw new Error('ASSIGN_PUBLIC_IP must be ENABLED or DISABLED.');
  return {
    cluster: text('CLUSTER'),
    taskDefinition: text('TASK_DEFINITION'),
    container: text('CONTAINER'),
    subnets: list('SUBNETS'),
    securityGroups: list('SECURITY_GROUPS'),
    assignPublicIp,
    logGroup: text('LOG_GROUP'),
    logStreamPrefix: text('LOG_STREAM_PREFIX'),
    token: randomUUID(),
  };
}

/** In milliseconds; for tests, and for migrations that take longer than an hour. */
export function readPace(env: NodeJS.ProcessEnv) {
  const number = (name: string, fallback: number) => {
    const value = Number(env[name] ?? fallback);
    if (!(value >= 0)) throw new Error(`${name} must be a number of milliseconds.`);
    return value;
  };
  return {
    lookEveryMs: number('LOOK_EVERY_MS', 3000),
    timeoutMs: number('TIMEOUT_MS', 60 * MINUTE_MS),
    logWaitMs: number('LOG_WAIT_MS', 15_000),
    retryAfterMs: number('RETRY_AFTER_MS', 30_000),
  };
}

async function main(): Promise<void> {
  const task = readTask(process.env);
  // Region and credentials: from the environment, as Pulumi has them.
  const log = await runToEnd(
    task,
    { ecs: new ECSClient(), logs: new CloudWatchLogsClient() },
    readPace(process.env),
  );
  process.stdout.write(`${log.join('\n')}\n`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main().catch((error: unknown) => {
    const log = error instanceof TaskFailedError ? error.log : [];
    process.stderr.write(`${[...log, `The migration failed: ${(error as Error).message}`].join('\n')}\n`);
    process.exitCode = 1;
  });
}
