// The worker's own process, started as a deployment starts it, and the lines of its log.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { WorkerConfig } from '../src/config.ts';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

export interface WorkerProcess {
  /** Each line of its standard output; all of them are JSON. */
  lines: Record<string, unknown>[];
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

/** On the database, the queue and the objects of `config`. Ends with the test. */
export async function startWorkerProcess(
  t: Test,
  config: Pick<WorkerConfig, 'databaseUrl' | 'queueUrl' | 'objectStoreUrl'>,
  env: Record<string, string>,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: config.databaseUrl,
      QUEUE_URL: config.queueUrl,
      OBJECT_STORE_URL: config.objectStoreUrl,
      DATABASE_POOL_SIZE: '4',
      DECODERS: '1',
      RECONCILE_EVERY_MS: '100',
      RECONCILE_QUIET_MS: '500',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const lines: Record<string, unknown>[] = [];
  if (child.stdout === null) throw new Error('The worker has no standard output.');
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await Promise.race([once(child, 'message'), ended.then(([code]) => startFailed(code))]);
  return { lines, stop: () => terminate(child, ended) };
}

function startFailed(code: unknown): never {
  throw new Error(`The worker ended at its start with ${code}.`);
}

async function terminate(child: ChildProcess, ended: Promise<unknown[]>): Promise<number | null> {
  child.kill('SIGTERM');
  await ended;
  return child.exitCode;
}
